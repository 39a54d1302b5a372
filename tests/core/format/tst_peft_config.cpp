// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/format/peft_config.h"

#include <QtTest>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace pissarro::core;

namespace {

std::string configWith(const std::string& more)
{
    return R"({"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"])"
        + (more.empty() ? "" : ", " + more) + "}";
}

std::string reasonFor(const std::string& text)
{
    try {
        peftConfigFromJson(text);
        return {};
    } catch (const Error& e) {
        return e.what();
    }
}

std::string moduleOf(int layer, const char* type)
{
    return "model.layers." + std::to_string(layer) + ".self_attn." + type;
}

} // namespace

// What PEFT 0.21.2 does with the same keys (peft/tuners/lora/{config,layer}.py, peft/tuners/tuners_utils.py).
class TestPeftConfig : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refusesByName_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        const auto row = [](const char* key, const char* value) {
            QTest::newRow(key) << key << value;
        };
        row("use_dora", "true");
        row("bias", "\"some\"");
        row("bias", "true");
        row("lora_bias", "true");
        row("modules_to_save", "[\"lm_head\"]");
        row("layer_replication", "[[0, 2], [1, 3]]");
        row("trainable_token_indices", "[1, 2]");
        row("target_parameters", "[\"experts.gate_up_proj\"]");
        row("alora_invocation_tokens", "[1, 2]");
        row("use_qalora", "true");
        row("use_bdlora", "{\"nblocks\": 2}");
        row("arrow_config", "{\"top_k\": 2}");
        row("kasa_config", "{\"beta\": 1}");
        row("monteclora_config", "{\"a\": 1}");
        row("megatron_config", "{\"a\": 1}");
        row("enable_lora", "[true, false, true]");
        row("lora_alpha", "1e300");
        row("lora_alpha", "\"16\"");
        row("r", "0");
        row("r", "8.5");
        row("r", "9000000000000000000");
        row("use_rslora", "\"false\"");
        row("rank_pattern", "{\"q_proj\": [true, false]}");
        row("rank_pattern", "{\"q_proj\": 1e30}");
        row("alpha_pattern", "{\"q_proj(\": 8}");
        row("base_model_name_or_path", "\"/m\\u0000x\"");
        row("target_modules", "7");
        row("target_modules", "\"(q_proj\"");
        row("layers_to_transform", "[\"a\"]");
        row("init_lora_weights", "\"pissa_niter_4\"");
        row("init_lora_weights", "\"corda\"");
        row("init_lora_weights", "\"loftq\"");
        row("init_lora_weights", "\"lora_ga\"");
        row("init_lora_weights", "\"magic\"");
    }

    // Whether one trained, the tensors tell.
    void biases_areAsWritten()
    {
        for (const char* bias : {"none", "all", "lora_only"}) {
            const std::string own = "\"bias\": \"" + std::string(bias) + "\"";
            QCOMPARE(peftConfigFromJson(configWith(own)).bias, std::string(bias));
        }
        QCOMPARE(peftConfigFromJson(configWith("\"bias\": null")).bias, std::string("none"));
    }

    void refusesByName()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        const std::string own = "\"" + key.toStdString() + "\": " + value.toStdString();
        const QString reason = QString::fromStdString(reasonFor(configWith(own)));
        QVERIFY2(reason.contains(key) || (key == "alpha_pattern" && reason.contains("q_proj(")),
                 qPrintable(reason));
        QVERIFY(reason.size() < 330);
    }

    // By the keys that are on and no others; what no form has is refused by its name.
    void theForm_isTheOneWithTheseKeys()
    {
        const std::vector<PeftForm> forms {
            {}, {"LORA", {"use_dora"}}, {"LORA", {"use_dora", "lora_bias"}}, {"OTHER", {}}};
        const auto formOf = [&](const std::string& more) {
            return peftConfigFromJson(configWith(more), forms).form;
        };
        QCOMPARE(formOf(""), 0U);
        QCOMPARE(formOf(R"("use_dora": false)"), 0U);
        QCOMPARE(formOf(R"("use_dora": true, "lora_bias": false)"), 1U);
        QCOMPARE(formOf(R"("lora_bias": true, "use_dora": true)"), 2U);
        const auto reason = [&](const std::string& more) {
            try {
                formOf(more);
                return std::string();
            } catch (const Error& e) {
                return std::string(e.what());
            }
        };
        const std::string strange = reason(R"("use_dora": true, "use_qalora": true)");
        QVERIFY2(strange.starts_with("has use_qalora: the adapter is a QALoRA"), strange.c_str());
        const std::string alone = reason(R"("lora_bias": true)"); // no form has it by itself
        QVERIFY2(alone.starts_with("has lora_bias: "), alone.c_str());
        try {
            peftConfigFromJson(R"({"peft_type": "IA3"})", forms);
            QFAIL("another type was read");
        } catch (const Error& e) {
            QCOMPARE(
                e.what(),
                "has peft_type '\"IA3\"' (expected \"LORA\" or \"OTHER\"); merge it with PEFT's "
                "merge_and_unload and open that model");
        }
    }

    // PEFT writes every key that its version knows, most of them off.
    void takesKeysThatAreOff()
    {
        const PeftConfig config = peftConfigFromJson(configWith(
            R"("use_dora": false, "layer_replication": null, "modules_to_save": [], "kasa_config": null,
               "megatron_config": {}, "alora_invocation_tokens": null, "bias": "none", "lora_bias": false,
               "eva_config": {"rho": 2.0, "tau": 0.99}, "init_lora_weights": "eva", "corda_config": null,
               "peft_version": "0.21.2", "qalora_group_size": 16, "merge_weights": false,
               "lora_dropout": 0.05, "task_type": "CAUSAL_LM")"));
        QVERIFY(config.warnings.empty());
        QVERIFY(config.takenStart.empty());
        QCOMPARE(config.dropout, 0.05);
    }

    // As Python's json reads it.
    void tellsOfAKeyThatStandsTwice()
    {
        const PeftConfig config = peftConfigFromJson(
            R"({"peft_type": "LORA", "r": 4, "lora_alpha": 8, "rank_pattern": {"q_proj": 2, "v_proj": 3, "q_proj": 5},
                "lora_alpha": 32})");
        QCOMPARE(config.alpha, 32.0);
        QCOMPARE(config.rankOf("model.layers.0.self_attn.q_proj"), std::int64_t {5});
        QCOMPARE(config.warnings.size(), std::size_t {1});
        QVERIFY(config.warnings.front().find("'rank_pattern.q_proj' stands twice: the last counts")
                != std::string::npos);
    }

    void warnsOnceOfUnknownKeys()
    {
        const PeftConfig config =
            peftConfigFromJson(configWith(R"("frobnicate": 3, "wobble": "x", "off": null)"));
        QCOMPARE(config.warnings.size(), std::size_t {1});
        QVERIFY(config.warnings.front().find("frobnicate") != std::string::npos);
        QVERIFY(config.warnings.front().find("wobble") != std::string::npos);
    }

    void knowsWhatChangesTheBase()
    {
        const auto change = [](const char* init) {
            return peftConfigFromJson(configWith(std::string("\"init_lora_weights\": ") + init))
                .takenStart;
        };
        QCOMPARE(change("\"pissa\""), std::string("pissa"));
        QCOMPARE(change("\"olora\""), std::string("olora"));
        QCOMPARE(change("\"OLoRA\""), std::string("olora"));
        for (const char* plain :
             {"true", "false", "null", "\"gaussian\"", "\"orthogonal\"", "\"mica\""}) {
            QVERIFY(change(plain).empty());
        }
    }

    void theFirstKeyOfTheFileCounts()
    {
        const char* wide = R"("alpha_pattern": {"q_proj": 2, "layers.0.self_attn.q_proj": 6})";
        const char* narrow = R"("alpha_pattern": {"layers.0.self_attn.q_proj": 6, "q_proj": 2})";
        QCOMPARE(peftConfigFromJson(configWith(wide)).alphaOf(moduleOf(0, "q_proj")), 2.0);
        QCOMPARE(peftConfigFromJson(configWith(narrow)).alphaOf(moduleOf(0, "q_proj")), 6.0);
        QCOMPARE(peftConfigFromJson(configWith(narrow)).alphaOf(moduleOf(1, "q_proj")), 2.0);
        QCOMPARE(peftConfigFromJson(configWith(narrow)).alphaOf(moduleOf(1, "v_proj")), 16.0);
    }

    // Kept `generate --adapter` busy for ten minutes, deaf to SIGTERM.
    void endsAHostileKeyAtOnce()
    {
        const char* hostile = "\"rank_pattern\": {\"((([a-z_.0-9]|[a-z_.])+)+)[#!]\": 4}";
        const PeftConfig config = peftConfigFromJson(configWith(hostile));
        QVERIFY_THROWS_EXCEPTION(Error, config.rankOf(moduleOf(0, "q_proj")));
    }

    void targetsAsPeft_data()
    {
        QTest::addColumn<QString>("keys");
        QTest::addColumn<QString>("module");
        QTest::addColumn<bool>("targeted");
        const auto row = [](const char* keys, const std::string& module, bool targeted) {
            QTest::addRow("%s, %s", keys, module.c_str())
                << keys << QString::fromStdString(module) << targeted;
        };
        const char* plain = R"("target_modules": ["q_proj"])";
        row(plain, moduleOf(0, "q_proj"), true);
        row(plain, moduleOf(0, "v_proj"), false);
        row(R"("target_modules": ["proj"])", moduleOf(0, "q_proj"), false);
        row(R"("target_modules": "all-linear")", moduleOf(0, "q_proj"), true);
        row(R"("target_modules": ".*q_proj")", moduleOf(0, "q_proj"), true);
        row(R"("target_modules": "q_proj")", moduleOf(0, "q_proj"), false);
        row(R"("target_modules": "(?i).*\\.Q_PROJ")", moduleOf(0, "q_proj"), true);
        const char* first = R"("target_modules": ["q_proj"], "layers_to_transform": [0, 2])";
        row(first, moduleOf(0, "q_proj"), true);
        row(first, moduleOf(1, "q_proj"), false);
        row(R"("target_modules": ["q_proj"], "layers_to_transform": 1)", moduleOf(1, "q_proj"),
            true);
        row(R"("target_modules": ["q_proj"], "layers_to_transform": [])", moduleOf(1, "q_proj"),
            true);
        const char* pattern =
            R"("target_modules": ["q_proj"], "layers_to_transform": [1], "layers_pattern": )";
        row(std::string(pattern).append("\"layers\"").c_str(), moduleOf(1, "q_proj"), true);
        row(std::string(pattern).append("[\"h\"]").c_str(), moduleOf(1, "q_proj"), false);
        row(R"("target_modules": ["q_proj"], "exclude_modules": ["layers.1.self_attn.q_proj"])",
            moduleOf(1, "q_proj"), false);
        row(R"("target_modules": ["q_proj"], "exclude_modules": ".*\\.1\\..*")",
            moduleOf(1, "q_proj"), false);
        row(R"("target_modules": ["model.layers.1.self_attn.q_proj"], "layers_to_transform": [0])",
            moduleOf(1, "q_proj"), true);
    }

    void targetsAsPeft()
    {
        QFETCH(QString, keys);
        QFETCH(QString, module);
        const PeftConfig config = peftConfigFromJson(
            R"({"peft_type": "LORA", "r": 8, "lora_alpha": 16, )" + keys.toStdString() + "}");
        QTEST(config.targets(module.toStdString()), "targeted");
    }

    // The folders that people made, of PEFT 0.2 to 0.21: each is taken or refused with a reason.
    void knowsEveryKeyOfRealFolders()
    {
        const std::filesystem::path root = std::filesystem::path(PISSARRO_SHARED) / "data/runs";
        if (!std::filesystem::exists(root)) {
            QSKIP("needs shared/data/runs");
        }
        int read = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            if (entry.path().filename() != "adapter_config.json") {
                continue;
            }
            std::stringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            try {
                const PeftConfig config = peftConfigFromJson(text.str());
                for (const std::string& warning : config.warnings) {
                    QVERIFY2(warning.find("no known version") == std::string::npos,
                             (entry.path().string() + ": " + warning).c_str());
                }
                ++read;
            } catch (const Error& e) {
                QCOMPARE(e.kind(), ErrorKind::Format);
            }
        }
        QVERIFY(read > 10);
    }

    void namesModels()
    {
        QVERIFY(namesModel("", "/m/llama", "llama"));
        QVERIFY(namesModel("org/Llama", "/m/llama", "x"));
        QVERIFY(namesModel("org/llama/", "/cache/models--org--llama/snapshots/abc", "llama"));
        QVERIFY(namesModel("HuggingFaceTB/SmolLM2-135M", "/m/smollm2-135m-q4_1.gguf", "x"));
        QVERIFY(!namesModel("tiny/llama", "/m/llama-rope-linear", "llama-rope-linear"));
    }
};

QTEST_GUILESS_MAIN(TestPeftConfig)
#include "tst_peft_config.moc"

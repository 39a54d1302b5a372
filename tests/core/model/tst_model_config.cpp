// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_config.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/patience.h"

#include <QFile>
#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using core::Activation;
using core::ModelConfig;
using core::QueryKeyNorm;
using core::RopeScalingKind;
using nlohmann::json;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;
using test::errorOf;

namespace {

const std::string kTiny = PISSARRO_SHARED "/golden/tiny/";

json llama()
{
    return json::parse(
        R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 3,
        "vocab_size": 512, "intermediate_size": 172, "num_attention_heads": 4, "torch_dtype": "bfloat16"})");
}

ModelConfig read(const json& object)
{
    const test::Scratch scratch;
    test::writeBytes(scratch / "config.json", object.dump());
    return core::readModelConfig(scratch / "config.json");
}

json with(json object, const std::string& patch)
{
    object.merge_patch(json::parse(patch)); // null removes a field
    return object;
}

} // namespace

class ModelConfigTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_bothStylesAlike_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* const name :
             {"llama", "llama-bias-tied", "llama-rope-linear", "llama3-rope-scaled", "mistral-gqa",
              "mistral-swa16", "mistral-headdim24", "gemma", "gemma-gelu", "qwen2"}) {
            QTest::newRow(name) << name;
        }
    }

    void reads_bothStylesAlike()
    {
        QFETCH(QString, name);
        const std::string folder = kTiny + name.toStdString();
        if (!QFile::exists(QString::fromStdString(folder))) {
            QSKIP("shared/golden is not here");
        }
        const ModelConfig published = core::readModelConfig(folder + "/config.json");
        QVERIFY(published == core::readModelConfig(folder + "/config.v5.json"));
        QCOMPARE(published.layers, 3);
        QCOMPARE(published.width, 64);
        QCOMPARE(published.dtype, std::string("float32"));
    }

    void reads_whatSetsTheFamiliesApart()
    {
        if (!QFile::exists(QString::fromStdString(kTiny))) {
            QSKIP("shared/golden is not here");
        }
        const auto golden = [](const char* name) {
            return core::readModelConfig(kTiny + name + "/config.json");
        };
        const ModelConfig plain = golden("llama");
        QCOMPARE(plain.architecture, std::string("LLaMA"));
        QVERIFY(!plain.qkvBias && !plain.oBias && !plain.mlpBias && !plain.tiedEmbeddings
                && plain.slidingWindow == 0);
        QVERIFY(plain.activation == Activation::Silu && plain.normOffset == 0.0
                && plain.headDim == 16 && plain.kvHeads == 4);
        QVERIFY(plain.rmsEpsilon == 1e-5 && plain.bosId == 1 && plain.padId == -1
                && plain.eosIds == std::vector<std::int64_t> {2});
        const ModelConfig biased = golden("llama-bias-tied");
        QVERIFY(biased.qkvBias && biased.oBias && biased.mlpBias && biased.tiedEmbeddings
                && biased.kvHeads == 2);
        const ModelConfig linear = golden("llama-rope-linear");
        QVERIFY(linear.ropeScaling.kind == RopeScalingKind::Linear
                && linear.ropeScaling.factor == 2.0);
        const ModelConfig scaled = golden("llama3-rope-scaled");
        QVERIFY(scaled.ropeScaling.kind == RopeScalingKind::Llama3
                && scaled.ropeScaling.factor == 8.0 && scaled.ropeTheta == 500000.0);
        QVERIFY(scaled.ropeScaling.lowFrequencyFactor == 1.0
                && scaled.ropeScaling.highFrequencyFactor == 4.0);
        QCOMPARE(scaled.ropeScaling.originalMaxPositions, 64);
        QCOMPARE(golden("mistral-swa16").slidingWindow, 16);
        QCOMPARE(golden("mistral-gqa").slidingWindow, 0);
        QCOMPARE(golden("mistral-headdim24").headDim, 24);
        QCOMPARE(golden("mistral-headdim24").architecture, std::string("Mistral"));
        const ModelConfig gemma = golden("gemma");
        QVERIFY(gemma.activation == Activation::GeluTanh && gemma.normOffset == 1.0
                && gemma.embeddingScale == std::sqrt(static_cast<double>(gemma.width))
                && gemma.tiedEmbeddings);
        QVERIFY(gemma.headDim == 32 && gemma.kvHeads == 1 && gemma.padId == 0 && gemma.bosId == 2);
        const ModelConfig qwen = golden("qwen2");
        QVERIFY(qwen.qkvBias && !qwen.oBias && !qwen.mlpBias && qwen.tiedEmbeddings
                && qwen.slidingWindow == 0 && qwen.ropeTheta == 1e6);
    }

    // transformers' defaults: configuration_{llama,mistral,gemma,qwen2,qwen3}.py of 5.23.0
    void fillsIn_whatIsAbsent_data()
    {
        QTest::addColumn<ModelConfig>("expected");
        const auto row = [](const char* type, std::int64_t heads, const auto& change) {
            ModelConfig expected;
            expected.modelType = type;
            expected.layers = 3;
            expected.width = 64;
            expected.vocabulary = 512;
            expected.ffn = 172;
            expected.heads = expected.kvHeads = heads;
            expected.headDim = 64 / heads;
            expected.rmsEpsilon = 1e-6;
            expected.dtype = "bfloat16";
            change(expected);
            QTest::newRow(type) << expected;
        };
        row("llama", 4, [](ModelConfig& c) {
            c.architecture = "LLaMA";
            c.maxPositions = 2048;
            c.bosId = 1;
            c.eosIds = {2};
        });
        row("mistral", 32, [](ModelConfig& c) {
            c.architecture = "Mistral";
            c.kvHeads = 8;
            c.maxPositions = 131072;
            c.slidingWindow = 4096;
            c.bosId = 1;
            c.eosIds = {2};
        });
        row("gemma", 16, [](ModelConfig& c) {
            c.architecture = "Gemma";
            c.headDim = 256;
            c.maxPositions = 8192;
            c.activation = Activation::GeluTanh;
            c.normOffset = 1.0;
            c.embeddingScale = std::sqrt(static_cast<double>(c.width));
            c.tiedEmbeddings = true;
            c.bosId = 2;
            c.padId = 0;
            c.eosIds = {1};
        });
        row("qwen2", 4, [](ModelConfig& c) {
            c.architecture = "Qwen2";
            c.maxPositions = 32768;
            c.qkvBias = true;
        });
        row("qwen3", 64, [](ModelConfig& c) {
            c.architecture = "Qwen3";
            c.kvHeads = 32;
            c.headDim = 128;
            c.maxPositions = 32768;
            c.queryKeyNorm = QueryKeyNorm::Head;
        });
    }

    void fillsIn_whatIsAbsent()
    {
        QFETCH(ModelConfig, expected);
        json object = llama();
        object["model_type"] = expected.modelType;
        object["num_attention_heads"] = expected.heads;
        QVERIFY(read(object) == expected);
    }

    void anAbsentKey_isNotNull()
    {
        json noWindow = with(llama(), R"({"model_type": "mistral"})");
        noWindow["sliding_window"] = nullptr;
        QCOMPARE(read(noWindow).slidingWindow, 0);
        QVERIFY(read(with(llama(), R"({"model_type": null})"))
                == read(llama())); // by "architectures"
    }

    void reads_activations()
    {
        const auto activation = [](const char* type, const char* act) {
            json object = llama();
            object["model_type"] = type;
            object["hidden_act"] = act;
            return read(object).activation;
        };
        QVERIFY(activation("gemma", "gelu") == Activation::GeluTanh);
        QVERIFY(activation("gemma", "gelu_pytorch_tanh") == Activation::GeluTanh);
        QVERIFY(activation("llama", "gelu") == Activation::GeluErf);
        QVERIFY(activation("llama", "gelu_pytorch_tanh") == Activation::GeluTanh);
        QVERIFY(activation("llama", "silu") == Activation::Silu);
        // transformers reads hidden_act alone, and where it is absent the family's default.
        json gemma = with(llama(), R"({"model_type": "gemma", "hidden_activation": "silu"})");
        gemma.erase("hidden_act");
        QVERIFY(read(gemma).activation == Activation::GeluTanh);
    }

    void reads_qwensWindow_data()
    {
        QTest::addColumn<QString>("type");
        QTest::newRow("qwen2") << QStringLiteral("qwen2");
        QTest::newRow("qwen3") << QStringLiteral("qwen3");
    }
    void reads_qwensWindow()
    {
        QFETCH(QString, type);
        json base = with(llama(), R"({"sliding_window": 16, "max_window_layers": 1})");
        base["model_type"] = type.toStdString();
        QCOMPARE(read(base).slidingWindow, 0);
        const ModelConfig used = read(with(base, R"({"use_sliding_window": true})"));
        QVERIFY(used.slidingWindow == 16 && used.firstWindowLayer == 1);
        QCOMPARE(read(with(base, R"({"use_sliding_window": true, "max_window_layers": 3})"))
                     .slidingWindow,
                 0);
        const ModelConfig listed = read(with(base, R"({"use_sliding_window": true,
            "layer_types": ["full_attention", "full_attention", "sliding_attention"]})"));
        QVERIFY(listed.slidingWindow == 16 && listed.firstWindowLayer == 2);
        const ModelConfig inTurns = read(with(base, R"({"use_sliding_window": true,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]})"));
        QVERIFY(inTurns.windowOf(0) == 16 && inTurns.windowOf(1) == 0 && inTurns.windowOf(2) == 16);
        QVERIFY(errorOf([&] {
            read(with(base, R"({"layer_types": ["chunked_attention", "full_attention", 1]})"));
        }));
    }

    void reads_qwen3sBiases()
    {
        const json base = with(llama(), R"({"model_type": "qwen3"})");
        QVERIFY(!read(base).qkvBias && !read(base).oBias);
        const ModelConfig biased =
            read(with(base, R"({"attention_bias": true, "mlp_bias": true})"));
        QVERIFY(biased.qkvBias && biased.oBias && !biased.mlpBias);
    }

    void takes_ropeFromEitherPlace()
    {
        QCOMPARE(read(with(llama(), R"({"rope_theta": 5e5})")).ropeTheta, 5e5);
        QCOMPARE(read(with(llama(),
                           R"({"rope_parameters": {"rope_theta": 5e5, "rope_type": "default"}})"))
                     .ropeTheta,
                 5e5);
        QCOMPARE(read(with(llama(), R"({"rope_theta": 7, "rope_parameters": {"rope_theta": 5e5}})"))
                     .ropeTheta,
                 5e5);
        // Without original_max_position_embeddings the model's own length counts.
        const ModelConfig scaled =
            read(with(llama(), R"({"max_position_embeddings": 100, "rope_scaling":
            {"type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4}})"));
        QCOMPARE(scaled.ropeScaling.originalMaxPositions, 100);
    }

    void collects_endOfTextIds()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "config.json",
                         with(llama(), R"({"eos_token_id": [3, 4], "pad_token_id": -1})").dump());
        test::writeBytes(scratch / "generation_config.json", R"({"eos_token_id": [4, 5, 99999]})");
        const ModelConfig config = core::readModelConfig(scratch / "config.json");
        QCOMPARE(config.eosIds, (std::vector<std::int64_t> {3, 4, 5}));
        QCOMPARE(config.padId, -1);
    }

    // Keys that say something and that the family does not read are listed; those of no bearing, and those that say nothing,
    // are not.
    void unreadKeys_areListed()
    {
        const ModelConfig config =
            read(with(llama(), R"({"embd_pdrop": 0.1, "sliding_window": 8, "use_cache": true,
                                   "clip_qkv": null, "embedding_multiplier": 1.0, "mscale": false})"));
        QCOMPARE(config.unreadKeys, (std::vector<std::string> {"embd_pdrop", "sliding_window"}));
        const ModelConfig inside =
            read(with(llama(), R"({"rope_scaling": {"type": "linear", "factor": 2, "odd": 1}})"));
        QCOMPARE(inside.unreadKeys, (std::vector<std::string> {"rope_parameters.odd"}));
    }

    // The text half of a folder that holds more, as Gemma 3's are published: most sizes are left out.
    void aTextHalf_isRead()
    {
        const ModelConfig config =
            read(json::parse(R"({"model_type": "gemma3", "eos_token_id": [1, 106],
            "vision_config": {"hidden_size": 1152}, "torch_dtype": "bfloat16",
            "text_config": {"hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text",
                "num_hidden_layers": 34, "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024}})"));
        QVERIFY(config.textHalf);
        QCOMPARE(config.modelType, std::string("gemma3_text"));
        QCOMPARE(config.architecture, std::string("Gemma 3 (text half)"));
        QVERIFY(config.heads == 8 && config.kvHeads == 4 && config.headDim == 256
                && config.vocabulary == 262'208 && config.dtype == "bfloat16");
        QCOMPARE(config.eosIds, (std::vector<std::int64_t> {1, 106}));
        QVERIFY(config.windowOf(0) == 1024 && config.windowOf(5) == 0
                && config.windowRopeTheta == 1e4);
    }

    void refuses_everyLie_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("what");
        const auto row = [](const char* patch, const char* what) {
            QTest::newRow(patch) << QByteArray::fromStdString(with(llama(), patch).dump()) << what;
        };
        QTest::newRow("empty") << QByteArray() << "not JSON";
        QTest::newRow("list") << QByteArray("[]") << "a list";
        QTest::newRow("number") << QByteArray("7") << "7";
        QTest::newRow("not JSON") << QByteArray("{'a': 1}") << "not JSON";
        QTest::newRow("not UTF-8") << QByteArray("{\"a\": \"\xff\"}") << "UTF-8";
        QTest::newRow("nested") << QByteArray(200'000, '[') << "nested deeper";
        row(R"({"num_attention_heads": 0})", "num_attention_heads is 0");
        row(R"({"num_attention_heads": -4})", "num_attention_heads is -4");
        row(R"({"num_hidden_layers": 1000000000})", "num_hidden_layers is 1000000000");
        row(R"({"num_hidden_layers": 0})", "num_hidden_layers is 0");
        row(R"({"hidden_size": "64"})", "the text '64'");
        row(R"({"hidden_size": 64.5})", "64.5");
        row(R"({"hidden_size": true})", "true");
        row(R"({"hidden_size": [64]})", "a list");
        row(R"({"hidden_size": 18446744073709551615})", "hidden_size is 18446744073709551615");
        row(R"({"hidden_size": null})", "hidden_size is missing");
        row(R"({"hidden_size": 66})", "multiple of num_attention_heads");
        row(R"({"vocab_size": null})", "vocab_size is missing");
        row(R"({"num_key_value_heads": 3})", "divisor");
        row(R"({"num_key_value_heads": 0})", "num_key_value_heads is 0");
        row(R"({"head_dim": 15})", "even");
        row(R"({"rms_norm_eps": "small"})", "rms_norm_eps is the text 'small'");
        row(R"({"rms_norm_eps": 0})", "rms_norm_eps is 0");
        row(R"({"hidden_act": "relu"})", "hidden_act 'relu'");
        row(R"({"tie_word_embeddings": "yes"})", "tie_word_embeddings is the text 'yes'");
        row(R"({"eos_token_id": "</s>"})", "eos_token_id");
        row(R"({"model_type": "mamba"})",
            "architecture 'mamba' is not supported (expected model_type llama, mistral, gemma, "
            "gemma2, gemma3_text, qwen2, qwen3, phi3, olmo, olmo2, granite, smollm3 or one of ");
        row(R"({"model_type": "gemma3n", "altup_num_inputs": 4})",
            "architecture 'gemma3n' is not supported; near: Gemma (gemma), Gemma 2 (gemma2), "
            "Gemma 3 (gemma3_text); not understood: 'altup_num_inputs'; choose a model of one");
        json strange {{"model_type", "gemma3n"}};
        for (char c = 'a'; c < 'k'; ++c) {
            strange[std::string(99, c)] = 2;
        }
        QTest::newRow("ten long keys")
            << QByteArray::fromStdString(with(llama(), strange.dump()).dump())
            << " more; choose a model of one of these families";
        row(R"({"model_type": null, "architectures": ["BertModel"]})", "'BertModel'");
        row(R"({"model_type": null, "architectures": null})", "no architecture is named");
        row(R"({"architectures": "LlamaForCausalLM"})", "architectures");
        row(R"({"quantization_config": {"quant_method": "bitsandbytes"}})", "quantization_config");
        json flood = llama();
        flood["model_type"] = std::string(1 << 20, 'x') + "\n";
        QTest::newRow("a megabyte of model_type")
            << QByteArray::fromStdString(flood.dump()) << "'xxxx";
        flood = llama();
        flood["hidden_size"] = std::string(1 << 20, '\n');
        QTest::newRow("a megabyte of line ends")
            << QByteArray::fromStdString(flood.dump()) << "\\x0a";
    }

    void refuses_whatIsNotComputed_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("what");
        const auto row = [](const char* patch, const char* what) {
            QTest::newRow(patch) << QByteArray::fromStdString(with(llama(), patch).dump()) << what;
        };
        row(R"({"rope_theta": -1.0})", "rope_theta is -1");
        row(R"({"rope_scaling": {"rope_type": "mrope", "factor": 4}})", "rope scaling 'mrope'");
        row(R"({"rope_scaling": {"type": "dynamic"}})", "factor is missing");
        row(R"({"rope_scaling": {"type": "dynamic", "factor": 4}, "head_dim": 2})", "dynamic");
        row(R"({"rope_scaling": {"type": "yarn", "factor": 0}})", "factor is 0");
        row(R"({"rope_scaling": {"type": "yarn", "factor": 4}, "rope_theta": 1})", "above 1");
        row(R"({"rope_scaling": {"type": "yarn", "original_max_position_embeddings": 1}})",
            "original_max_position_embeddings");
        row(R"({"rope_scaling": {"type": "linear"}})", "factor is missing");
        row(R"({"rope_scaling": "linear"})", "expected an object");
        row(R"({"rope_parameters": {"rope_type": "longrope"}})", "short_factor");
        row(R"({"rope_scaling": {"type": "longrope", "short_factor": [1, 2], "long_factor": [1]}})",
            "lists of 8 numbers");
        row(R"({"rope_scaling": {"type": "longrope", "short_factor": ["1"], "long_factor": [1]}})",
            "short_factor holds the text '1'");
        row(R"({"partial_rotary_factor": 0.01})", "partial_rotary_factor");
        row(R"({"partial_rotary_factor": 1.5})", "partial_rotary_factor");
        row(R"({"attn_logit_softcapping": 50.0})", "attn_logit_softcapping is 50.0");
        row(R"({"num_local_experts": 8})", "num_local_experts is 8");
    }
    void refuses_whatIsNotComputed() { refuses_everyLie(); }

    // As transformers decides: Qwen by a step and a list, DeepSeek by how many come before.
    void layersWithExperts_areThoseOfTheConfig()
    {
        const auto layersOf = [](const char* patch) {
            const ModelConfig config = read(with(llama(), patch)); // of three layers
            return std::vector<bool> {config.hasExperts(0), config.hasExperts(1),
                                      config.hasExperts(2)};
        };
        using Layers = std::vector<bool>;
        QCOMPARE(layersOf("{}"), (Layers {false, false, false}));
        QCOMPARE(layersOf(R"({"model_type": "mixtral"})"), (Layers {true, true, true}));
        QCOMPARE(layersOf(R"({"model_type": "qwen2_moe", "decoder_sparse_step": 2})"),
                 (Layers {false, true, false}));
        QCOMPARE(layersOf(R"({"model_type": "qwen3_moe", "mlp_only_layers": [0, 2]})"),
                 (Layers {false, true, false}));
        QCOMPARE(
            layersOf(R"({"model_type": "deepseek", "first_k_dense_replace": 1, "moe_layer_freq": 2,
                              "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 8})"),
            (Layers {false, false, true}));
    }

    void theLoadIsBalanced_onlyWhereTheConfigAsks()
    {
        const auto shareOf = [](const char* patch) {
            return read(with(with(llama(), R"({"model_type": "mixtral"})"), patch)).mixture.balance;
        };
        QCOMPARE(shareOf("{}"), 0.0);
        QCOMPARE(shareOf(R"({"router_aux_loss_coef": 0.02})"), 0.0);
        QCOMPARE(shareOf(R"({"output_router_logits": true})"), 0.001);
        QCOMPARE(shareOf(R"({"output_router_logits": true, "router_aux_loss_coef": 0.02})"), 0.02);
    }

    void refuses_everyLieOfExperts_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("what");
        const auto row = [](const char* settings, const char* patch, const char* what) {
            QTest::newRow(patch) << QByteArray::fromStdString(
                with(with(llama(), settings), patch).dump())
                                 << what;
        };
        const char* const mixtral = R"({"model_type": "mixtral", "num_local_experts": 4})";
        row(mixtral, R"({"num_local_experts": 0})", "num_local_experts is 0");
        row(mixtral, R"({"num_experts_per_tok": 5})", "the number of experts of a token is 5");
        row(mixtral, R"({"num_local_experts": 4096, "num_hidden_layers": 9999})",
            "the number of experts is 4096 (expected 1 to 13)");
        row(mixtral, R"({"router_jitter_noise": 0.1})", "router_jitter_noise is not 0");
        row(mixtral, R"({"router_aux_loss_coef": -1})", "router_aux_loss_coef");
        row(mixtral, R"({"shared_expert_intermediate_size": 8, "n_routed_experts": 4})",
            "n_routed_experts is 4");
        const char* const deepseek =
            R"({"model_type": "deepseek_v2", "n_routed_experts": 8, "num_experts_per_tok": 2,
                "moe_intermediate_size": 8, "topk_method": "group_limited_greedy"})";
        row(deepseek, R"({"n_routed_experts": null})", "n_routed_experts is missing");
        row(deepseek, R"({"topk_method": "noaux_tc"})", "topk_method is 'noaux_tc'");
        row(deepseek, R"({"scoring_func": "sigmoid"})", "scoring_func is 'sigmoid'");
        row(deepseek, R"({"n_group": 3})", "there are 3 groups of experts");
        row(deepseek, R"({"n_group": 4, "topk_group": 5})", "groups that are chosen is 5");
        row(deepseek, R"({"n_group": 8, "topk_group": 1})",
            "the number of experts of a token is 2");
        row(deepseek, R"({"moe_layer_freq": 2})", "moe_layer_freq");
        row(deepseek, R"({"kv_lora_rank": 0})", "kv_lora_rank is 0");
        json wideQueries = with(with(llama(), deepseek), R"({"attention_bias": true})");
        wideQueries["q_lora_rank"] = nullptr;
        QTest::newRow("biases without q_lora_rank")
            << QByteArray::fromStdString(wideQueries.dump()) << QStringLiteral("q_lora_rank");
        row(deepseek, R"({"qk_rope_head_dim": 5})", "even");
    }
    void refuses_everyLieOfExperts() { refuses_everyLie(); }

    void refuses_everyLie()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, what);
        const test::Scratch scratch;
        test::writeBytes(scratch / "config.json", text.toStdString());
        const CpuClock clock;
        const auto error = errorOf([&] { core::readModelConfig(scratch / "config.json"); });
        QCOMPARE(test::complaint(error, "config.json", what.toStdString()), QString());
        QVERIFY(clock.seconds() < kSoonS);
    }
};

QTEST_GUILESS_MAIN(ModelConfigTest)

#include "tst_model_config.moc"

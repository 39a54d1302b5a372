// SPDX-License-Identifier: GPL-3.0-or-later
// An encoder that is given a head and trained to sort texts: from its data to its exports and scores, gone on with, beside a
// twin. Its numbers are held against PEFT's by tests/parity/tiny2_parity.py.
#include "core/adapter/adapter_tensors.h"
#include "core/decoder/decoder_tensors.h"
#include "core/evaluate/evaluate.h"
#include "core/export/export_run.h"
#include "core/run/run_directory.h"
#include "core/session/session.h"
#include "core/train/trainer.h"
#include "tests/core/decoder/family_models.h"
#include "tests/core/train/trainer_bench.h"

#include <QTest>

using namespace pissarro::core;
using namespace pissarro::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// 30 words, as the models of family_models.h have.
std::string tokenizerText()
{
    json vocabulary {{"[UNK]", 0}, {"[PAD]", 1}, {"[CLS]", 2}, {"[SEP]", 3}};
    for (int i = 4; i < 30; ++i) {
        vocabulary["w" + std::to_string(i)] = i;
    }
    return json {{"added_tokens", json::array()},
                 {"normalizer", nullptr},
                 {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                 {"post_processor",
                  {{"type", "BertProcessing"},
                   {"sep", json::array({"[SEP]", 3})},
                   {"cls", json::array({"[CLS]", 2})}}},
                 {"decoder", nullptr},
                 {"model", {{"type", "WordLevel"}, {"unk_token", "[UNK]"}, {"vocab", vocabulary}}}}
        .dump();
}

struct Messages : TrainObserver {
    void message(std::string_view text) override { all += std::string(text) + "\n"; }
    std::string all;
};

} // namespace

class TestLabelledTraining : public TrainerBench {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        beginTest();
        at::manual_seed(17);
        const FamilyModel model("bert", R"({"max_position_embeddings": 32})");
        fs::create_directories(m_root / "model");
        for (const char* file : {"config.json", "model.safetensors"}) {
            fs::copy_file(model.files()->path() / file, m_root / "model" / file);
        }
        std::ofstream(m_root / "model" / "tokenizer.json") << tokenizerText();
        std::ofstream(m_root / "model" / "tokenizer_config.json")
            << json {{"pad_token", "[PAD]"}, {"cls_token", "[CLS]"}, {"sep_token", "[SEP]"}};
        // A pair belongs together where its first words are one.
        std::ofstream rows(m_root / "rows.jsonl");
        for (int i = 0; i < 24; ++i) {
            const int first = 4 + i % 13;
            const bool same = i % 2 == 0;
            rows << json {{"sentence1", "w" + std::to_string(first) + " w5"},
                          {"sentence2", "w" + std::to_string(same ? first : first + 13) + " w6 w7"},
                          {"label", same ? "same" : "other"}}
                 << "\n";
        }
    }

    void aNewHead_trainsBesideTheAdapter_data()
    {
        QTest::addColumn<QString>("method");
        QTest::newRow("lora") << "lora";
        QTest::newRow("pissa") << "pissa";
    }
    void aNewHead_trainsBesideTheAdapter()
    {
        QFETCH(QString, method);
        RunSpec spec = specOfRun(method.toStdString());
        Messages told;
        train({spec, {}, m_root / "run", false, nullptr}, told, JobContext());
        QVERIFY2(told.all.find("bert.pooler.dense, classifier") != std::string::npos,
                 told.all.c_str());
        const auto records = metricsOf(m_root / "run");
        QCOMPARE(records.size(), std::size_t {12});
        QVERIFY(records.back().loss < records.front().loss);
        // What PEFT reads: the head beside the factors.
        const json config = readJson(m_root / "run" / "adapter" / "adapter_config.json");
        QCOMPARE(config.at("task_type").get<std::string>(), std::string("SEQ_CLS"));
        QVERIFY(config.at("modules_to_save") == json::array({"classifier", "pooler"}));
        const auto stored =
            SafetensorsFile::open(m_root / "run" / "adapter" / "adapter_model.safetensors");
        QVERIFY(stored.find("base_model.model.classifier.weight") != nullptr);
        QVERIFY(stored.find("base_model.model.bert.pooler.dense.bias") != nullptr);
        checkOpenedAlike();
    }

    // Exports give the trained model, by their own proof; evaluated they sort as the run does.
    void exports_haveTheHead()
    {
        Messages told;
        RunSpec spec = specOfRun("pissa");
        spec.steps = 60; // until it sorts its own rows
        train({spec, {}, m_root / "run", false, nullptr}, told, JobContext());
        const double right = accuracyOf((m_root / "run").string(), "of-run");
        QVERIFY2(right > 0.9, std::to_string(right).c_str());
        for (const ExportForm form : {ExportForm::Lora, ExportForm::Merged, ExportForm::Pair}) {
            const fs::path to = m_root / ("as-" + std::string(form.info().name));
            ExportOptions options;
            options.form = form;
            const ExportReport report = exportRun(m_root / "run", options, to, JobContext());
            QVERIFY(report.maxLogitDifference <= 2e-3);
            if (form == ExportForm::Merged) {
                QCOMPARE(accuracyOf(to.string(), "of-merged"), right);
                const json config = readJson(to / "config.json");
                QCOMPARE(config.at("id2label").at("1").get<std::string>(), std::string("same"));
            }
        }
    }

    void aRun_goesOnWithItsHead()
    {
        RunSpec spec = specOfRun("pissa");
        spec.schedule = Schedule::Constant;
        Messages told;
        train({spec, {}, m_root / "whole", false, nullptr}, told, JobContext());
        spec.steps = 5;
        train({spec, {}, m_root / "parts", false, nullptr}, told, JobContext());
        spec.steps = 12;
        train({spec, {}, m_root / "parts", true, nullptr}, told, JobContext());
        QCOMPARE(numbersOf(m_root / "parts"), numbersOf(m_root / "whole"));
    }

    // Twins have a head each, though they share what does not train.
    void twins_areAsAlone()
    {
        const RunSpec spec = specOfRun("pissa");
        Messages told;
        train({spec, {methodNamed("lora")}, m_root / "twins", false, nullptr}, told, JobContext());
        train({specOfRun("lora"), {}, m_root / "alone", false, nullptr}, told, JobContext());
        QCOMPARE(numbersOf(m_root / "twins" / "lora"), numbersOf(m_root / "alone"));
    }

    void fullFineTuning_trainsAll()
    {
        RunSpec spec = specOfRun("full");
        spec.learningRate = 1e-3;
        Messages told;
        train({spec, {}, m_root / "run", false, nullptr}, told, JobContext());
        const auto files = ModelFiles::open(m_root / "run" / "model");
        QVERIFY(files->drawnModules().empty());
        QCOMPARE(files->config().head.labels, std::int64_t {2});
        accuracyOf((m_root / "run").string(), "of-full");
    }

    void numbers_areCorrelated()
    {
        std::ofstream rows(m_root / "rows.jsonl");
        for (int i = 0; i < 24; ++i) {
            rows << json {{"sentence", "w" + std::to_string(4 + i) + " w5"}, {"label", i * 0.25}}
                 << "\n";
        }
        rows.close();
        RunSpec spec = specOfRun("lora");
        spec.labels = "1";
        Messages told;
        train({spec, {}, m_root / "run", false, nullptr}, told, JobContext());
        const auto records = metricsOf(m_root / "run");
        QVERIFY(records.back().loss < records.front().loss);
        const Evaluation found = evaluated((m_root / "run").string(), "numbers");
        QVERIFY(found.summary.models.front().labels->numbers);
        QVERIFY(found.summary.models.front().rules.empty());
    }

    void whatDoesNotFit_isRefused()
    {
        Messages told;
        const auto whyNot = [&](const RunSpec& spec) {
            const auto error = pissarro::test::errorOf([&] {
                train({spec, {}, m_root / "no", false, nullptr}, told, JobContext());
            });
            return error ? std::string(error->what()) : std::string();
        };
        RunSpec spec = specOfRun("lora");
        spec.labels.clear();
        QVERIFY(whyNot(spec).find("--labels") != std::string::npos);
        spec.labels = "3"; // the file has names
        QVERIFY(whyNot(spec).find("--labels NAME") != std::string::npos);
        spec.labels = "same";
        QVERIFY(whyNot(spec).find("labels") != std::string::npos);
        QVERIFY(!fs::exists(m_root / "no"));
    }

private:
    RunSpec specOfRun(const std::string& method) const
    {
        RunSpec spec;
        spec.model = (m_root / "model").string();
        spec.data = (m_root / "rows.jsonl").string();
        spec.method = methodNamed(method);
        spec.labels = "other,same";
        spec.rank = 4;
        spec.alpha = 4;
        spec.learningRate = 5e-3;
        spec.warmupRatio = 0.0;
        spec.steps = 12;
        spec.batchSize = 8;
        spec.maxLength = 16;
        spec.threads = 1;
        spec.seed = 3;
        spec.dtype = BaseDType::Float32;
        return spec;
    }

    Evaluation evaluated(const std::string& model, const std::string& name) const
    {
        EvaluationSpec spec;
        spec.task = "labels";
        spec.data = m_root / "rows.jsonl";
        spec.models = {{"m", model}};
        spec.threads = 1;
        return runEvaluation(spec, {m_root / name}, JobContext());
    }

    double accuracyOf(const std::string& model, const std::string& name) const
    {
        const Evaluation found = evaluated(model, name);
        const ModelScore& score = found.summary.models.front();
        [&] {
            QCOMPARE(found.transcripts.size(), std::size_t {24});
            QVERIFY(score.labels && score.labels->classes);
            QCOMPARE(score.labels->classes->accuracy, score.rules.front().score);
        }();
        return score.rules.front().score;
    }

    // The run, and its adapter on the model without a head, give the same logits.
    void checkOpenedAlike() const
    {
        const at::Tensor ids = at::tensor({2, 5, 6, 3, 7, 3}, at::kLong).unsqueeze(0);
        const auto logitsOf = [&](const InferenceModel& model) {
            return session::open(model, session::Tokens::NotNeeded, JobContext())
                .decoder->logits(ids, {});
        };
        const at::Tensor ofRun = logitsOf({(m_root / "run").string()});
        QCOMPARE(ofRun.sizes().vec(), (std::vector<std::int64_t> {1, 2}));
        const at::Tensor ofAdapter =
            logitsOf({(m_root / "model").string(), m_root / "run" / "adapter"});
        QVERIFY(maxDifference(ofRun, ofAdapter) < 1e-6);
        QVERIFY(maxDifference(ofRun, at::zeros_like(ofRun)) > 1e-3);
    }
};

QTEST_GUILESS_MAIN(TestLabelledTraining)
#include "tst_labelled_training.moc"

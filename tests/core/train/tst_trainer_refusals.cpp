// SPDX-License-Identifier: GPL-3.0-or-later
// What the trainer refuses or ends, and what it says then.
#include "core/adapter/make_adapter_tensors.h"
#include "core/init/init_model.h"
#include "core/run/run_directory.h"
#include "core/train/trainer.h"
#include "core/weights/model_writer.h"
#include "core/weights/weights.h"
#include "tests/core/train/trainer_bench.h"

using namespace pissarro::core;
using namespace pissarro::tests;

class TestTrainerRefusals : public TrainerBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { beginTest(); }

    void aMicroBatchWithoutALabelAddsNothing()
    {
        const auto directory = golden() / "peft-llama";
        RunSpec spec =
            specOf("llama", directory, "lora", readJson(directory / "info.json")["settings"]);
        spec.steps = 1;
        TrainObserver silent;
        spec.batches = rowsOf(1, 1).string();
        train({spec, {}, m_root / "one", false, nullptr}, silent, JobContext());
        spec.batches = rowsOf(1, 1, /*masked=*/1).string(); // [masked, the row]
        spec.gradAccum = 2;
        train({spec, {}, m_root / "two", false, nullptr}, silent, JobContext());
        QCOMPARE(metricsOf(m_root / "two").front().loss, metricsOf(m_root / "one").front().loss);
        QCOMPARE(metricsOf(m_root / "two").front().gradNorm,
                 metricsOf(m_root / "one").front().gradNorm);
        spec.gradAccum = 1;
        spec.steps = 2;
        try {
            train({spec, {}, m_root / "none", false, nullptr}, silent, JobContext());
            QFAIL("trained on a step without a label");
        } catch (const Error& e) {
            QCOMPARE(e.kind(), ErrorKind::Format);
            QVERIFY2(std::string(e.what()).find("micro-batch 0") != std::string::npos, e.what());
            QVERIFY2(std::string(e.what()).find("no token to learn") != std::string::npos,
                     e.what());
        }
        QVERIFY(!std::filesystem::exists(m_root / "none")); // before a run folder is made
    }

    void refusesAnAdapterOnTheUnreducedBase()
    {
        const auto directory = golden() / "peft-llama";
        RunSpec spec =
            specOf("llama", directory, "pissa", readJson(directory / "info.json")["settings"]);
        const auto files = ModelFiles::open(spec.model);
        AdapterOptions options;
        options.rank = spec.rank;
        options.alpha = spec.alpha;
        initModel(*files, options, m_root / "pair", JobContext());
        spec.initAdapter = (m_root / "pair" / "pissa_init").string();
        TrainObserver silent;
        // On the base that was not reduced: refused, nothing trained, the figures kept.
        QVERIFY_THROWS_EXCEPTION(
            Error, train({spec, {}, m_root / "wrong", false, nullptr}, silent, JobContext()));
        QVERIFY(metricsOf(m_root / "wrong").empty());
        const RunSummary refused = readRun(m_root / "wrong");
        QCOMPARE(refused.state, RunState::Failed);
        QVERIFY(refused.stepZero && !refused.stepZero->passed);
        QVERIFY(refused.stepZero->maxLogitDifference > 2e-3);
        QVERIFY(refused.message.find("was not reduced") != std::string::npos);
        // On its residual: the curve of a run that initialised itself.
        spec.model = (m_root / "pair").string();
        const auto right =
            train({spec, {}, m_root / "right", false, nullptr}, silent, JobContext());
        QVERIFY(right.front().stepZero->passed);
        checkBelow(right.front().stepZero->maxLogitDifference, 2e-3, "step 0");
        const Golden want(directory / "pissa_run.safetensors");
        const auto records = metricsOf(m_root / "right");
        for (std::size_t i = 0; i < records.size(); ++i) {
            checkBelow(std::abs(records[i].loss
                                - want["loss"][static_cast<std::int64_t>(i)].item<double>()),
                       1e-5, "loss");
        }
    }

    void stopsBeforeALossThatIsNotFinite()
    {
        const auto directory = golden() / "peft-llama";
        RunSpec spec =
            specOf("llama", directory, "full", readJson(directory / "info.json")["settings"]);
        // A head whose products overflow float32.
        std::filesystem::create_directories(m_root / "model");
        const auto files = ModelFiles::open(spec.model);
        fillModelFolder(
            *files, m_root / "model", "float32",
            [&](const std::string& name) {
                return name == "lm_head.weight" ? loadWeight(*files, name) * 1e38 : at::Tensor();
            },
            JobContext());
        spec.model = (m_root / "model").string();
        TrainObserver silent;
        try {
            train({spec, {}, m_root / "run", false, nullptr}, silent, JobContext());
            QFAIL("trained on a loss that is not finite");
        } catch (const Error& e) {
            QCOMPARE(e.kind(), ErrorKind::Numeric);
            QVERIFY(std::string(e.what()).find("at step 1") != std::string::npos);
        }
        QVERIFY(metricsOf(m_root / "run").empty());
        QCOMPARE(readRun(m_root / "run").state, RunState::Failed);
        QVERIFY(std::filesystem::exists(m_root / "run" / "model" / "model.safetensors"));
    }

    void refusesARankAboveTheSmallerSide()
    {
        const auto directory = golden() / "peft-mistral-gqa";
        RunSpec spec = specOf("mistral-gqa", directory, "pissa",
                              readJson(directory / "info.json")["settings"]);
        const ModelConfig config = ModelFiles::open(spec.model)->config();
        spec.rank = config.kvHeads * config.headDim + 1; // one more than k_proj has rows
        TrainObserver silent;
        try {
            train({spec, {}, m_root / "run", false, nullptr}, silent, JobContext());
            QFAIL("the rank was accepted");
        } catch (const Error& e) {
            QCOMPARE(e.kind(), ErrorKind::InvalidArgument);
            QVERIFY(std::string(e.what()).find("k_proj") != std::string::npos);
        }
    }
};

QTEST_GUILESS_MAIN(TestTrainerRefusals)
#include "tst_trainer_refusals.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// What a run keeps: checkpoints by time and at each end, twins that fail alone, and the best state.
#include "core/adapter/adapter_tensors.h"
#include "core/export/export_run.h"
#include "core/run/run_checkpoints.h"
#include "core/train/step_zero_tensors.h"
#include "core/train/trainer.h"
#include "core/weights/model_writer.h"
#include "core/weights/weights.h"
#include "tests/core/train/keeping_bench.h"

#include <ATen/ATen.h>

#include <stop_token>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

using Steps = std::vector<std::int64_t>;

} // namespace

class TestKeeping : public KeepingBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests(); }
    void init() { beginTest(); }

    void checkpoints_byTheClock()
    {
        RunSpec spec = shortRun(10);
        spec.checkpointMinutes = 3.0;
        spec.keepCheckpoints = 10;
        int minute = 0; // one passes at each look
        TrainRequest request {spec, {}, m_root / "run", false, nullptr};
        request.clock = [&] {
            return std::chrono::steady_clock::time_point(std::chrono::minutes(minute++));
        };
        TrainObserver silent;
        train(request, silent, JobContext());
        const Steps steps = checkpointSteps(m_root / "run", true);
        QVERIFY(steps.size() >= 3 && steps.front() == 10 && steps.size() < 10);
        spec.checkpointMinutes = 0.0;
        minute = 0;
        request.spec = spec;
        request.runDirectory = m_root / "none";
        train(request, silent, JobContext());
        QVERIFY(checkpointSteps(m_root / "none", true) == Steps {10});
    }

    // On weights without a spectrum LoftQ's best approximation of what quantization took may move the logits further: the
    // weights it brings nearer, which is what it promises. Factors of another matrix do not.
    void aFreshStartOnFourBits_isAtHome_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("rank");
        QTest::addColumn<int>("iters");
        QTest::newRow("LoftQ of rank 4") << "loftq" << 4 << 1;
        QTest::newRow("LoftQ of rank 2") << "loftq" << 2 << 1;
        QTest::newRow("LoftQ of rank 2 in five turns") << "loftq" << 2 << 5;
        QTest::newRow("QPiSSA of rank 1") << "qpissa" << 1 << 1;
        QTest::newRow("QLoRA") << "qlora" << 4 << 1;
    }
    void aFreshStartOnFourBits_isAtHome()
    {
        QFETCH(QString, method);
        QFETCH(int, rank);
        QFETCH(int, iters);
        RunSpec spec = shortRun(1);
        spec.method = methodNamed(method.toStdString());
        spec.rank = rank;
        spec.iters = iters;
        TrainObserver silent;
        train({spec, {}, m_root / "run", false, nullptr}, silent, JobContext());
        const RunSummary run = readRun(m_root / "run");
        QVERIFY(run.stepZero && run.stepZero->passed);
        const auto untouched = ModelFiles::open(m_root / "model");
        const auto base = ModelFiles::open(baseOf(run));
        AdapterSet factors = readPeftAdapter(initialAdapterOf(run), *base).adapters;
        QVERIFY(fitOfFourBits(*untouched, *base, factors, JobContext()).isHome());
        if (method == "loftq") {
            const auto of = [&](const std::string& module) -> Adapter& {
                return *std::find_if(factors.begin(), factors.end(),
                                     [&](const Adapter& one) { return one.module == module; });
            };
            const std::string moved = "model.layers.0.mlp.up_proj";
            std::swap(of(moved).module, of("model.layers.1.mlp.up_proj").module);
            const FourBitFit fit = fitOfFourBits(*untouched, *base, factors, JobContext());
            QVERIFY(!fit.isHome() && fit.module.ends_with(".mlp.up_proj"));
        }
    }

    // A head of numbers near the end of float32 behind a norm that takes them back: full fine-tuning moves that norm, and its
    // second gradient overflows; PiSSA leaves both alone.
    void aLossThatIsNoNumber_pastStepOne_endsThatTwin()
    {
        const auto files = ModelFiles::open(m_root / "model");
        fs::create_directories(m_root / "steep");
        fillModelFolder(
            *files, m_root / "steep", "float32",
            [&](const std::string& name) {
                return name == "lm_head.weight"   ? loadWeight(*files, name) * 3e19
                    : name == "model.norm.weight" ? loadWeight(*files, name) / 3e19
                                                  : at::Tensor();
            },
            JobContext());
        RunSpec spec = shortRun(8);
        spec.model = (m_root / "steep").string();
        spec.learningRate = 1.0;
        TrainObserver silent;
        train({spec, {}, m_root / "alone", false, nullptr}, silent, JobContext());
        AtStep told(0, 0, [] {});
        const auto runs = train({spec, {methodNamed("full")}, m_root / "both", false, nullptr},
                                told, JobContext());
        QCOMPARE(told.failed, 1);
        QCOMPARE(runs[0].state, RunState::Finished);
        QCOMPARE(numbersOf(m_root / "both" / "pissa"), numbersOf(m_root / "alone"));
        const RunSummary full = readRun(m_root / "both" / "full");
        QCOMPARE(full.state, RunState::Failed);
        QVERIFY(full.step > 0 && full.adapterStep == full.step);
        const std::string why = "is not finite at step " + std::to_string(full.step + 1);
        verifyHolds(full.message, {why, "the state of the step before is kept"});
        QVERIFY(checkpointSteps(full.directory, true) == Steps {full.step});

        // What is kept is what a run of that many steps has at its end, bit for bit.
        spec.method = methodNamed("full");
        spec.steps = full.step;
        train({spec, {}, m_root / "short", false, nullptr}, silent, JobContext());
        QCOMPARE(numbersOf(full.directory), numbersOf(m_root / "short"));
        const auto verifyKept = [&] {
            for (const fs::path& file :
                 {fs::path("model") / "model.safetensors",
                  fs::path("checkpoints") / ("step-" + std::to_string(full.step))
                      / kStateTensors}) {
                const Golden got(full.directory / file);
                const Golden wanted(m_root / "short" / file);
                for (const TensorView& view : wanted.views()) {
                    QVERIFY(at::isfinite(got[view.name]).all().item<bool>());
                    QCOMPARE(maxDifference(got[view.name], wanted[view.name]), 0.0);
                }
            }
        };
        verifyKept();
        // Going on meets the same step again, and leaves everything as it is.
        spec = readRun(m_root / "both" / "pissa").spec;
        const auto again = train({spec, {methodNamed("full")}, m_root / "both", true, nullptr},
                                 silent, JobContext());
        verifyHolds(again[1].message, {why});
        verifyKept();
        QCOMPARE(numbersOf(m_root / "both" / "pissa"), numbersOf(m_root / "alone"));
    }

    // A metrics file that vanishes is one twin's trouble.
    void aTwinThatFails_endsAlone()
    {
        const RunSpec spec = shortRun(8);
        TrainObserver silent;
        train({spec, {}, m_root / "alone", false, nullptr}, silent, JobContext());
        const fs::path lora = m_root / "both" / "lora";
        AtStep vanish(1, 3, [&] { fs::remove(lora / kMetricsFile); });
        const auto runs = train({spec, {methodNamed("lora")}, m_root / "both", false, nullptr},
                                vanish, JobContext());
        QCOMPARE(vanish.failed, 1);
        QCOMPARE(runs[0].state, RunState::Finished);
        QCOMPARE(runs[1].state, RunState::Failed);
        verifyHolds(runs[1].message, {"metrics.jsonl", "moved or removed"});
        QVERIFY(readRun(m_root / "both" / "pissa").message.empty());
        QCOMPARE(readRun(lora).state, RunState::Failed);
        QCOMPARE(numbersOf(m_root / "both" / "pissa"), numbersOf(m_root / "alone"));
        // The failed one keeps its state, and goes on from there beside one that is done.
        QVERIFY(checkpointSteps(lora, true) == Steps {4});
        const auto again = train({spec, {methodNamed("lora")}, m_root / "both", true, nullptr},
                                 silent, JobContext());
        QCOMPARE(again[1].state, RunState::Finished);
        RunSpec other = spec;
        other.method = methodNamed("lora");
        train({other, {}, m_root / "lora", false, nullptr}, silent, JobContext());
        QCOMPARE(numbersOf(lora), numbersOf(m_root / "lora", 4));
        QCOMPARE(numbersOf(m_root / "both" / "pissa"), numbersOf(m_root / "alone"));
    }

    // A twin that is ahead of the other waits for it, and loses nothing.
    void twinsGoOn_fromTheirOwnCheckpoints()
    {
        RunSpec spec = shortRun(8);
        spec.checkpointEvery = 3;
        spec.keepCheckpoints = 1;
        TrainObserver silent;
        train({spec, {methodNamed("lora")}, m_root / "whole", false, nullptr}, silent,
              JobContext());
        auto control = std::make_shared<TrainControl>();
        AtStep stop(1, 6, [&] { control->stopAndKeep(); });
        train({spec, {methodNamed("lora")}, m_root / "cut", false, control}, stop, JobContext());
        auto early = std::make_shared<TrainControl>();
        AtStep stopEarly(1, 3, [&] { early->stopAndKeep(); });
        train({spec, {methodNamed("lora")}, m_root / "early", false, early}, stopEarly,
              JobContext());
        fs::remove_all(m_root / "cut" / "lora" / "checkpoints");
        fs::copy(m_root / "early" / "lora" / "checkpoints", m_root / "cut" / "lora" / "checkpoints",
                 fs::copy_options::recursive);
        train({spec, {methodNamed("lora")}, m_root / "cut", true, nullptr}, silent, JobContext());
        for (const char* method : {"pissa", "lora"}) {
            QCOMPARE(numbersOf(m_root / "cut" / method), numbersOf(m_root / "whole" / method));
            QVERIFY(checkpointSteps(m_root / "cut" / method, true) == Steps {8});
        }
    }

    // Cancelled between a step and its evaluation: the step counts, and its line is written when the run goes on.
    void aCancelledEvaluation_isMadeUpFor()
    {
        RunSpec spec = shortRun(6);
        spec.evalRatio = 0.3;
        spec.evalEvery = 1;
        TrainObserver silent;
        train({spec, {}, m_root / "whole", false, nullptr}, silent, JobContext());
        std::stop_source source;
        AtStep cancel(0, 3, [&] { source.request_stop(); });
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 train({spec, {}, m_root / "cut", false, nullptr}, cancel,
                                       JobContext(source.get_token())));
        QCOMPARE(readRun(m_root / "cut").state, RunState::Stopped);
        // As if it had come within the evaluation: the newest checkpoint owes its line.
        const fs::path state = checkpointDirectory(m_root / "cut", 3) / kStateFile;
        auto owed = *readState(state.parent_path());
        auto records = MetricsTail(m_root / "cut").poll();
        records.back().evalLoss = StepRecord::kNotEvaluated;
        owed.unrecorded = records.back().toJson();
        owed.bestStep = 2;
        owed.bestEvalLoss = records[1].evalLoss;
        owed.stale = 0;
        std::ofstream(state) << stateToJson(owed);
        train({spec, {}, m_root / "cut", true, nullptr}, silent, JobContext());
        QCOMPARE(numbersOf(m_root / "cut"), numbersOf(m_root / "whole"));
    }

    // A rate at which the held-out loss soon grows: adapter/ and export are the best step's, not the last one's.
    void earlyStopping_keepsTheBest()
    {
        RunSpec spec = shortRun(60);
        spec.learningRate = 0.03;
        spec.evalRatio = 0.3;
        spec.evalEvery = 1;
        spec.patience = 3;
        AtStep watch(0, 0, [] {});
        const auto runs = train({spec, {}, m_root / "run", false, nullptr}, watch, JobContext());
        const RunSummary run = readRun(m_root / "run");
        QCOMPARE(run.state, RunState::FinishedEarly);
        QVERIFY(run.step < 60 && run.bestStep == run.step - 3);
        QCOMPARE(run.adapterStep, run.bestStep);
        verifyHolds(watch.messages,
                    {"adapter/ is step " + std::to_string(run.bestStep), "the best by evaluation"});
        verifyHolds(runStateText(run),
                    {"finished early at step " + std::to_string(run.step),
                     "the best is step " + std::to_string(run.bestStep)});
        const StoredState usual = findState(run);
        QVERIFY(usual.isBest && usual.step == run.bestStep);
        const StoredState last = findState(run, parseStateChoice("last"));
        QVERIFY(last.isLast && last.step == run.step);
        verifyHolds(messageOf([&] { findState(run, parseStateChoice("1")); }),
                    {"checkpoint of step 1", "best (step " + std::to_string(run.bestStep)});
        // The best is offered first; each of them once, whatever folder holds it.
        const std::vector<StoredState> offered = exportableStates(m_root / "run");
        QVERIFY(offered.size() >= 2);
        QVERIFY(offered[0].isBest && offered[0].step == run.bestStep);
        QVERIFY(offered[1].isLast && offered[1].step == run.step);
        for (std::size_t i = 2; i < offered.size(); ++i) {
            QVERIFY(offered[i].step < offered[i - 1].step && offered[i].step != run.bestStep);
        }
        // The adapter that was written is that of a run that ended there.
        spec.steps = run.bestStep;
        spec.schedule = Schedule::Constant;
        TrainObserver silent;
        train({spec, {}, m_root / "short", false, nullptr}, silent, JobContext());
        const Golden best(m_root / "run" / "adapter" / "adapter_model.safetensors");
        const Golden wanted(m_root / "short" / "adapter" / "adapter_model.safetensors");
        for (const TensorView& view : wanted.views()) {
            QCOMPARE(maxDifference(best[view.name], wanted[view.name]), 0.0);
        }
        exportRun(m_root / "run", {}, m_root / "out", JobContext()); // compares with the state
    }
};

QTEST_GUILESS_MAIN(TestKeeping)
#include "tst_keeping.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// What a run keeps: checkpoints by time and at each end, twins that fail alone, the best state, and what it knows of its
// model and data when it goes on.
#include "core/export/export_run.h"
#include "core/run/run_checkpoints.h"
#include "core/train/trainer.h"
#include "core/weights/model_writer.h"
#include "core/weights/weights.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <fstream>
#include <stop_token>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

namespace fs = std::filesystem;

// Does something once run `run` has told of step `step`.
class AtStep : public TrainObserver {
public:
    AtStep(int run, std::int64_t step, std::function<void()> act)
        : m_run(run)
        , m_step(step)
        , m_act(std::move(act))
    {
    }
    void stepDone(int run, const StepRecord& record) override
    {
        if (run == m_run && record.step == m_step) {
            m_act();
        }
    }
    void runFailed(int run, std::string_view /*why*/) override { failed = run; }
    void message(std::string_view text) override { messages += std::string(text) + "\n"; }

    int failed = -1;
    std::string messages;

private:
    int m_run;
    std::int64_t m_step;
    std::function<void()> m_act;
};

// The metrics from step `first` on without times and memory.
std::string numbersOf(const fs::path& run, std::int64_t first = 1)
{
    std::string text;
    for (StepRecord record : MetricsTail(run).poll()) {
        record.elapsedS = 0;
        record.tokensPerS = 0;
        record.memoryBytes = 0;
        text += record.step >= first ? record.toJson() + "\n" : std::string();
    }
    return text;
}

std::string messageOf(const std::function<void()>& work)
{
    try {
        work();
        return {};
    } catch (const Error& e) {
        return e.what();
    }
}

void verifyHolds(const std::string& text, const std::vector<std::string>& parts)
{
    for (const std::string& part : parts) {
        QVERIFY2(text.find(part) != std::string::npos, (text + " | " + part).c_str());
    }
}

using Steps = std::vector<std::int64_t>;

} // namespace

class TestKeeping : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { PISSARRO_NEEDS(golden()); }
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_root = m_temporary->path().toStdString();
        fs::create_directories(m_root / "model");
        for (const char* name : {"config.json", "model.safetensors", "tokenizer.json",
                                 "tokenizer_config.json", "special_tokens_map.json"}) {
            fs::copy_file(golden() / "tiny" / "llama" / name, m_root / "model" / name);
        }
        writeRows(24);
    }

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
        verifyHolds(runs[1].message, {"metrics.jsonl", "was removed"});
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

    void aFinishedRun_isLengthened()
    {
        RunSpec spec = shortRun(6);
        TrainObserver silent;
        train({spec, {}, m_root / "whole", false, nullptr}, silent, JobContext());
        spec.steps = 3;
        train({spec, {}, m_root / "parts", false, nullptr}, silent, JobContext());
        spec.steps = 6;
        spec.checkpointMinutes = 1.0;
        AtStep told(0, 0, [] {});
        train({spec, {}, m_root / "parts", true, nullptr}, told, JobContext());
        verifyHolds(told.messages, {"lengthened from 3 to 6 steps"});
        QCOMPARE(numbersOf(m_root / "parts"), numbersOf(m_root / "whole")); // constant rate
        const RunSummary run = readRun(m_root / "parts");
        QCOMPARE(run.sessions.size(), std::size_t {2});
        QCOMPARE(run.sessions[1].fromStep, std::int64_t {3});
        spec.steps = 2;
        verifyHolds(messageOf([&] {
                        train({spec, {}, m_root / "parts", true, nullptr}, silent, JobContext());
                    }),
                    {"has done 6", "2 are asked"});
        spec.steps = 6;
        spec.learningRate = 0.5;
        verifyHolds(messageOf([&] {
                        train({spec, {}, m_root / "parts", true, nullptr}, silent, JobContext());
                    }),
                    {"learning_rate is '0.001' in the run and '0.5'"});
    }

    void changedInputs_areRefusedByName_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("named");
        QTest::newRow("weights") << "model.safetensors"
                                 << "model.safetensors";
        QTest::newRow("config") << "config.json"
                                << "configuration changed";
        QTest::newRow("tokenizer") << "tokenizer_config.json" // the same tokens, another file
                                   << "the tokenizer of ";
        QTest::newRow("data") << "rows.jsonl"
                              << "24 examples now";
    }

    void changedInputs_areRefusedByName()
    {
        QFETCH(QString, what);
        QFETCH(QString, named);
        const RunSpec spec = shortRun(4);
        auto control = std::make_shared<TrainControl>();
        AtStep stop(0, 2, [&] { control->stopAndKeep(); });
        train({spec, {}, m_root / "run", false, control}, stop, JobContext());
        if (what == "rows.jsonl") {
            writeRows(24, "another");
        } else if (what.endsWith("config.json")) { // a blank more is harmless, but another file
            std::ofstream(m_root / "model" / what.toStdString(), std::ios::app) << " ";
        } else {
            std::fstream file(m_root / "model" / "model.safetensors",
                              std::ios::binary | std::ios::in | std::ios::out);
            file.seekp(-2, std::ios::end);
            file.put('\x11');
        }
        TrainObserver silent;
        const std::string why = messageOf([&] {
            train({spec, {}, m_root / "run", true, nullptr}, silent, JobContext());
        });
        verifyHolds(why, {named.toStdString(), "changed", "since the run began"});
        QCOMPARE(readRun(m_root / "run").state, RunState::Stopped); // as it was
        if (what != "rows.jsonl") {
            const auto files = ModelFiles::open(m_root / "model");
            verifyHolds(
                messageOf([&] { requireSameModel(readRun(m_root / "run"), *files, JobContext()); }),
                {named.toStdString(), "since the run trained on it"});
        }
    }

    void aModelThatMoved_isNamedAndFound()
    {
        RunSpec spec = shortRun(4);
        auto control = std::make_shared<TrainControl>();
        AtStep stop(0, 2, [&] { control->stopAndKeep(); });
        train({spec, {}, m_root / "run", false, control}, stop, JobContext());
        TrainObserver silent;
        train({spec, {}, m_root / "whole", false, nullptr}, silent, JobContext());
        fs::rename(m_root / "model", m_root / "elsewhere");
        const RunSummary run = readRun(m_root / "run");
        verifyHolds(messageOf([&] { modelPathOf(run); }),
                    {(m_root / "model").string(), "--model PATH"});
        spec.model = (m_root / "elsewhere").string();
        train({spec, {}, m_root / "run", true, nullptr}, silent, JobContext());
        QCOMPARE(numbersOf(m_root / "run"), numbersOf(m_root / "whole"));
        QCOMPARE(readRun(m_root / "run").spec.model, spec.model);
    }

    void pathsAreKeptAbsolute()
    {
        const fs::path before = fs::current_path();
        fs::current_path(m_root);
        RunSpec spec = shortRun(2);
        spec.model = "model";
        spec.data = "rows.jsonl";
        TrainObserver silent;
        train({spec, {}, "run", false, nullptr}, silent, JobContext());
        fs::current_path("/");
        exportRun(m_root / "run", {}, m_root / "out", JobContext());
        fs::current_path(before);
        const RunSummary run = readRun(m_root / "run");
        QCOMPARE(run.spec.model, (m_root / "model").string());
        QCOMPARE(run.spec.data, (m_root / "rows.jsonl").string());
    }

    void withoutACheckpoint_aRunBeginsAnewOnlyWhenTold()
    {
        RunSpec spec = shortRun(4);
        TrainObserver silent;
        train({spec, {}, m_root / "run", false, nullptr}, silent, JobContext());
        const std::string numbers = numbersOf(m_root / "run");
        fs::remove_all(m_root / "run" / "checkpoints");
        TrainRequest request {spec, {}, m_root / "run", true, nullptr};
        verifyHolds(messageOf([&] { train(request, silent, JobContext()); }),
                    {"4 recorded steps", "no checkpoint", "--restart", "metrics.1.jsonl"});
        QCOMPARE(numbersOf(m_root / "run"), numbers); // nothing is lost
        request.restart = true;
        train(request, silent, JobContext());
        QCOMPARE(numbersOf(m_root / "run"), numbers);
        QVERIFY(fs::exists(m_root / "run" / "metrics.1.jsonl"));
    }

    void aRefusedStart_isJudgedAgain()
    {
        RunSpec spec = shortRun(4);
        spec.method = methodNamed("pissa");
        TrainObserver silent;
        train({spec, {}, m_root / "made", false, nullptr}, silent, JobContext());
        // The principal part on the base that still has it: garbage, which step 0 sees.
        spec.method = methodNamed("lora");
        spec.initAdapter = (m_root / "made" / "pissa_init").string();
        const TrainRequest first {spec, {}, m_root / "wrong", false, nullptr};
        verifyHolds(messageOf([&] { train(first, silent, JobContext()); }), {"Step 0"});
        QCOMPARE(readRun(m_root / "wrong").state, RunState::Failed);
        const TrainRequest again {spec, {}, m_root / "wrong", true, nullptr};
        verifyHolds(messageOf([&] { train(again, silent, JobContext()); }), {"Step 0"});
        QVERIFY(MetricsTail(m_root / "wrong").poll().empty());
    }

    void aCutCheckpoint_isPassedOverAndSaid()
    {
        RunSpec spec = shortRun(6);
        spec.checkpointEvery = 2;
        spec.keepCheckpoints = 3;
        TrainObserver silent;
        train({spec, {}, m_root / "run", false, nullptr}, silent, JobContext());
        const std::string numbers = numbersOf(m_root / "run");
        fs::resize_file(checkpointDirectory(m_root / "run", 6) / kStateTensors, 0);
        QCOMPARE(readRun(m_root / "run").checkpointStep, std::int64_t {4});
        AtStep told(0, 0, [] {});
        train({spec, {}, m_root / "run", true, nullptr}, told, JobContext());
        verifyHolds(told.messages, {"checkpoint of step 6", "passed over"});
        QCOMPARE(numbersOf(m_root / "run"), numbers);
    }

private:
    // A LoRA of a few steps at a constant rate.
    RunSpec shortRun(std::int64_t steps) const
    {
        RunSpec spec;
        spec.model = (m_root / "model").string();
        spec.data = (m_root / "rows.jsonl").string();
        spec.promptTemplate = PromptTemplate::Plain;
        spec.method = methodNamed("pissa");
        spec.rank = 4;
        spec.alpha = 4;
        spec.learningRate = 1e-3;
        spec.schedule = Schedule::Constant;
        spec.warmupRatio = 0.0;
        spec.batchSize = 2;
        spec.steps = steps;
        spec.dtype = BaseDType::Float32;
        spec.device = "cpu";
        return spec;
    }

    void writeRows(int count, const std::string& word = "row") const
    {
        std::ofstream file(m_root / "rows.jsonl");
        for (int i = 0; i < count; ++i) {
            const std::string number = std::to_string(i * 37 % 101);
            file << "{\"prompt\": \"What is " << word << " " << i
                 << "?\", \"completion\": \" It is " << number << " and " << i << ".\"}\n";
        }
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_root;
};

QTEST_GUILESS_MAIN(TestKeeping)
#include "tst_keeping.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// A run that is only read: what a watcher is told of it, how it is steered, and by what it knows its model and data again.
#include "core/model/model_files.h"
#include "core/run/run_follower.h"
#include "core/run/run_inputs.h"
#include "core/run/run_lock.h"
#include "core/run/run_log.h"
#include "core/run/run_observer.h"
#include "core/run/run_state.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;
namespace fs = std::filesystem;

namespace {

// Everything that an observer is told, as lines.
struct Told : TrainObserver {
    void runPrepared(int run, const RunSummary& summary) override
    {
        lines.push_back("prepared " + std::to_string(run) + " "
                        + std::string(methodName(summary.spec.method)));
    }
    void stepDone(int run, const StepRecord& record) override
    {
        lines.push_back("step " + std::to_string(run) + " " + std::to_string(record.step));
    }

    std::vector<std::string> lines;
};

// A run of some steps as its trainer left it.
void writeRunOf(const fs::path& directory, const char* method, RunState state, std::int64_t steps)
{
    fs::create_directories(directory);
    RunSummary run;
    run.directory = directory;
    run.spec.model = "m";
    run.spec.data = "d.jsonl";
    run.spec.method = methodNamed(method);
    run.state = state;
    run.startedAt = "2026-11-24T13:37:00Z";
    run.steps = 5;
    writeRun(run);
    RunLog log(directory, 0);
    for (std::int64_t step = 1; step <= steps; ++step) {
        StepRecord record;
        record.step = step;
        record.loss = 1.0;
        log.add(record);
    }
}

RunInputs inputsNamed(std::vector<FileMark> weights)
{
    RunInputs inputs;
    inputs.model = "/models/m";
    inputs.weights = std::move(weights);
    inputs.config = "c";
    inputs.tokenizer = "t";
    inputs.data = "/data/d.jsonl";
    inputs.examples = "e";
    inputs.exampleCount = 10;
    return inputs;
}

} // namespace

class TestRunFollower : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFinishedRun_isToldWhole()
    {
        const test::Scratch run;
        writeRunOf(run.path(), "lora", RunState::Finished, 2);
        FollowRequest request;
        request.directory = run.path();
        Told told;
        const auto summaries = followRun(request, told, JobContext());
        QCOMPARE(summaries.size(), 1U);
        QVERIFY(summaries[0].state == RunState::Finished);
        const std::vector<std::string> wanted {"prepared 0 lora", "step 0 1", "step 0 2"};
        QVERIFY(told.lines == wanted);
    }

    // Twins are in the order of methods, whatever their folders' is.
    void twins_areFoundByThemselves()
    {
        const test::Scratch request;
        writeRunOf(request / "lora", "lora", RunState::Finished, 1);
        writeRunOf(request / "pissa", "pissa", RunState::FinishedEarly, 1);
        FollowRequest asked;
        asked.directory = request.path();
        Told told;
        const auto summaries = followRun(asked, told, JobContext());
        QCOMPARE(summaries.size(), 2U);
        const bool pissaFirst = placeOf(methodNamed("pissa")) < placeOf(methodNamed("lora"));
        QVERIFY(summaries[pissaFirst ? 0 : 1].spec.method == methodNamed("pissa"));
        QVERIFY(isComplete(summaries[0].state) && isComplete(summaries[1].state));
    }

    // It says running, and nobody holds its lock: the last error of its trainer tells why.
    void aKilledRun_isInterrupted()
    {
        const test::Scratch run;
        writeRunOf(run.path(), "lora", RunState::Running, 1);
        {
            const RunLock lock(run.path(), run.path()); // and its end
        }
        test::writeBytes(run / "worker.log",
                         "step 1\nerror: first\nerror: the disk is full\nbye\n");
        FollowRequest request;
        request.directory = run.path();
        Told told;
        const auto summaries = followRun(request, told, JobContext());
        QVERIFY(summaries.at(0).state == RunState::Interrupted);
        QVERIFY(!isLive(summaries[0].state) && !isComplete(summaries[0].state));
        QCOMPARE(summaries[0].message, std::string("the disk is full"));
        QCOMPARE(lastError(run / "worker.log"), std::string("the disk is full"));
        QVERIFY(lastError(run / "none.log").empty());
        QCOMPARE(workerLogOf(summaries[0]), run / "worker.log");
    }

    void whereNoRunIs_isSaid()
    {
        const test::Scratch folder;
        FollowRequest request;
        request.directory = folder.path();
        TrainObserver silent;
        const auto error = errorOf([&] { followRun(request, silent, JobContext()); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
    }

    // The log is named where there is something to read in it.
    void aTrainerThatEndsBeforeItsRun_isToldOf()
    {
        const pid_t child = ::fork();
        if (child == 0) {
            ::_exit(0);
        }
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        const test::Scratch folder;
        FollowRequest request;
        request.directory = folder.path();
        request.process = child;
        request.log = folder / "worker.log";
        TrainObserver silent;
        const auto complaint = [&] {
            const auto error = errorOf([&] { followRun(request, silent, JobContext()); });
            return error ? std::string(error->what()) : std::string();
        };
        const std::string log = request.log.string();
        test::writeBytes(request.log, "");
        QVERIFY2(complaint().find("left no message") != std::string::npos
                     && complaint().find(log) == std::string::npos,
                 complaint().c_str());
        test::writeBytes(request.log, "a line\n");
        QVERIFY2(complaint().ends_with(log), complaint().c_str());
        test::writeBytes(request.log, "error: the disk is full\n");
        QCOMPARE(complaint(), std::string("the disk is full"));
    }

    // While its lock is held the watching goes on, until the job is cancelled; the run stays as it is.
    void watching_canBeGivenUp()
    {
        const test::Scratch run;
        writeRunOf(run.path(), "lora", RunState::Running, 1);
        const RunLock lock(run.path(), run.path());
        std::stop_source stop;
        struct Stopping : TrainObserver {
            explicit Stopping(std::stop_source& source)
                : stop(source)
            {
            }
            void stepDone(int /*run*/, const StepRecord& /*record*/) override
            {
                stop.request_stop();
            }
            std::stop_source& stop;
        } observer(stop);
        FollowRequest request;
        request.directory = run.path();
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 followRun(request, observer, JobContext(stop.get_token())));
        QVERIFY(RunLock::isHeld(run.path()));
    }

    void aControl_pausesAndStops()
    {
        TrainControl control;
        QVERIFY(!control.isPaused() && !control.stopRequested());
        control.pause();
        QVERIFY(control.isPaused());
        control.resume();
        QVERIFY(!control.isPaused());
        bool called = false;
        const std::stop_callback callback(control.stopToken(), [&] { called = true; });
        control.stopAndKeep();
        QVERIFY(control.stopRequested() && called);
    }

    void changes_areNamed_data()
    {
        QTest::addColumn<QString>("changed");
        QTest::addColumn<QStringList>("says");
        QTest::newRow("nothing") << "" << QStringList();
        QTest::newRow("weights") << "weights" << QStringList {"the model's weights changed"};
        QTest::newRow("config") << "config" << QStringList {"the model's configuration changed"};
        QTest::newRow("examples") << "examples" << QStringList {"the data changed:"};
        QTest::newRow("tokenizer") << "tokenizer" << QStringList {"the tokenizer of"};
        QTest::newRow("tokenizer and so examples")
            << "tokenizer examples" << QStringList {"the tokenizer of"}; // one sentence for both
        QTest::newRow("two") << "weights config"
                             << QStringList {"the model's weights", "the model's configuration"};
    }
    void changes_areNamed()
    {
        QFETCH(QString, changed);
        QFETCH(QStringList, says);
        const RunInputs then = inputsNamed({{"model.safetensors", "w", 1, 1}});
        RunInputs now = then;
        now.weights[0].fingerprint = changed.contains("weights") ? "other" : "w";
        now.config = changed.contains("config") ? "other" : "c";
        now.examples = changed.contains("examples") ? "other" : "e";
        now.tokenizer = changed.contains("tokenizer") ? "other" : "t";
        const auto found = inputChanges(then, now);
        QCOMPARE(static_cast<qsizetype>(found.size()), says.size());
        for (qsizetype i = 0; i < says.size(); ++i) {
            const QString sentence = QString::fromStdString(found[static_cast<std::size_t>(i)]);
            QVERIFY2(sentence.contains(says[i]), qPrintable(sentence));
        }
    }

    // A single file may be called otherwise; of several each is known by its name.
    void shards_areKnownByName()
    {
        const RunInputs one = inputsNamed({{"a.gguf", "w", 1, 1}});
        QVERIFY(inputChanges(one, inputsNamed({{"b.gguf", "w", 1, 1}})).empty());
        const RunInputs two = inputsNamed({{"1", "w", 1, 1}, {"2", "v", 1, 1}});
        const auto turned = inputsNamed({{"2", "v", 1, 1}, {"1", "w", 1, 1}});
        QVERIFY(inputChanges(two, turned).empty());
        const auto third = inputsNamed({{"1", "w", 1, 1}, {"2", "v", 1, 1}, {"3", "u", 1, 1}});
        QCOMPARE(inputChanges(two, third).size(), 1U);
        QCOMPARE(inputChanges(third, two).size(), 1U);
        QVERIFY(inputChanges(RunInputs(), two).empty()); // a run of an older version
    }

    // The model is known by its content: touching it is nothing, a changed bit is told.
    void aModel_isTheSameOrNot()
    {
        const test::Scratch folder;
        tests::writeTinyModel(folder / "model");
        const auto files = ModelFiles::open(folder / "model");
        RunSummary run;
        run.directory = folder / "run";
        run.inputs = inputsOf(*files, {}, JobContext());
        QVERIFY(run.inputs.isKnown());
        QVERIFY(fs::equivalent(run.inputs.model, folder / "model"));
        const fs::path weights = folder / "model/model.safetensors";
        fs::last_write_time(weights, fs::file_time_type::clock::now());
        requireSameModel(run, *files, JobContext());
        std::string bytes = test::readBytes(weights);
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
        fs::remove(weights);
        test::writeBytes(weights, bytes);
        const auto changed = ModelFiles::open(folder / "model");
        const auto error = errorOf([&] { requireSameModel(run, *changed, JobContext()); });
        QCOMPARE(test::complaint(error, weights, "weights changed"), QString());
        requireSameTokenizer(run, folder / "model"); // it read none
    }

    void aTokenizer_isKnownByItsFiles()
    {
        const test::Scratch folder;
        QVERIFY(tokenizerFingerprint(folder.path()).empty());
        test::writeBytes(folder / "tokenizer.json", "{}");
        const std::string first = tokenizerFingerprint(folder.path());
        QVERIFY(!first.empty());
        test::writeBytes(folder / "config.json", "{}"); // none of its files
        QCOMPARE(tokenizerFingerprint(folder.path()), first);
        test::writeBytes(folder / "tokenizer.json", "[]");
        QVERIFY(tokenizerFingerprint(folder.path()) != first);
    }

    // What is there becomes absolute; an id of the local cache stays what it is.
    void paths_becomeAbsolute()
    {
        RunSpec spec;
        const fs::path here = fs::current_path();
        spec.data = ".";
        spec.model = "org/no-such-model";
        makePathsAbsolute(spec);
        QCOMPARE(fs::path(spec.data).lexically_normal(), (here / ".").lexically_normal());
        QCOMPARE(spec.model, std::string("org/no-such-model"));
        QVERIFY(spec.batches.empty());
        RunSummary run;
        run.spec = spec;
        const auto error = errorOf([&] { modelPathOf(run); });
        QVERIFY(error && error->kind() == ErrorKind::Io);
    }
};

QTEST_GUILESS_MAIN(TestRunFollower)
#include "tst_run_follower.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/run/run_directory.h"
#include "core/run/run_follower.h"
#include "core/run/run_state.h"
#include "tests/core/file/test_files.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <cmath>
#include <fstream>
#include <limits>
#include <stop_token>
#include <sys/stat.h>

using namespace pissarro::core;

namespace {

RunSummary exampleRun(const QString& folder, Method method, const char* startedAt)
{
    QDir().mkpath(folder);
    RunSummary run;
    run.directory = folder.toStdString();
    run.spec.model = "m";
    run.spec.data = "d.jsonl";
    run.spec.method = method;
    run.startedAt = startedAt;
    run.device = "CPU, 2 threads";
    run.steps = 20;
    run.trainableParameters = 4'884'480;
    run.modelParameters = 134'515'008;
    run.initSeconds = 0.1 + 0.2;
    return run;
}

StepRecord exampleStep(std::int64_t step)
{
    StepRecord record;
    record.step = step;
    record.loss = 1.0 / 3.0 + static_cast<double>(step);
    record.gradNorm = std::nextafter(2.5, 3.0);
    record.learningRate = 2e-5;
    record.tokens = 100 * step;
    record.elapsedS = 0.1 * static_cast<double>(step);
    record.tokensPerS = 1310.0;
    record.memoryBytes = 1'100'000'000;
    record.batchHash = "00ff00ff00ff00ff";
    return record;
}

void append(const QString& path, const QByteArray& text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::Append));
    file.write(text);
}

} // namespace

class TestRunDirectory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void run_readsBackAsWritten();
    void refuses_aPathWithNul();
    void state_hasOneWordAndOneText();
    void lastWords_areTheLogsLastLine();
    void run_namesTheFileThatIsBroken();
    void find_listsTwinsNewestFirstAndSkipsBroken();
    void step_keepsDoublesToTheLastBit();
    void step_writesNoNaN();
    void tail_returnsWholeLinesOnce();
    void tail_skipsWhatIsNoRecord();
    void halvesOfAnEvaluation_areReadBack();
    void tail_beginsAnewWhenTheFileWasReplacedOrCut();
    void whatIsNoFile_holdsNobodyUp();
    void aHole_isNoRecord();
    void aStop_endsTheReading();
    void append_replacesStepsTrainedAgain();
    void meanLoss_takesTheNewestUpToAStep();
    void smoothed_isTensorBoards();
};

void TestRunDirectory::run_readsBackAsWritten()
{
    QTemporaryDir folder;
    RunSummary run = exampleRun(folder.path(), methodNamed("lora"), "2026-11-24T10:00:00Z");
    run.state = RunState::Stopped;
    run.message = "line one\n\"two\"";
    run.stepZero = StepZero {
        1.2e-3, 1e-4, 2.5, 2.5001, true, "within 0.01", StepZeroParts {1e-5, 0.1, 1.4, 2.0}};
    run.versions = {{"pissarro", "0.1.0"}};
    run.adapterStep = 12;
    run.inputs.model = "/models/m";
    run.inputs.weights = {{"a.safetensors", "12ab", 4, 1'700'000'000'000'000'123}};
    run.inputs.config = "c";
    run.inputs.tokenizer = "t";
    run.inputs.data = "/data/d.jsonl";
    run.inputs.examples = "e";
    run.inputs.exampleCount = 7;
    run.inputs.heldCount = 2;
    run.sessions = {{"2026-11-24T10:00:00Z", "CPU", {{"pissarro", "0.0.9"}}, 0},
                    {"2026-11-25T10:00:00Z", "cuda:0", {{"pissarro", "0.1.0"}}, 10}};
    writeRun(run);
    const RunSummary read = readRun(folder.path().toStdString());
    QCOMPARE(runToJson(read), runToJson(run));
    QVERIFY(read.state == RunState::Stopped && read.spec.method == methodNamed("lora"));
    QVERIFY(read.initSeconds == 0.1 + 0.2);
    QVERIFY(read.stepZero && read.stepZero->parts && read.stepZero->parts->rounding == 0.1);
    QVERIFY(read.stepZero && read.stepZero->maxLogitDifference == 1.2e-3 && read.stepZero->passed);
    QCOMPARE(read.message, run.message);
    QCOMPARE(specToJson(specFromJson(runToJson(run))),
             specToJson(run.spec)); // a run.json is a spec
}

void TestRunDirectory::refuses_aPathWithNul()
{
    const QTemporaryDir folder;
    RunSummary run = exampleRun(folder.path(), methodNamed("lora"), "2026-11-24T10:00:00Z");
    run.inputs.weights = {{"a.safetensors", "12ab", 4, 0}};
    for (auto* path : {&run.inputs.model, &run.inputs.data}) {
        run.inputs.model = "/m";
        run.inputs.data = "/d";
        *path = std::string("/odd\0x", 6);
        writeRun(run);
        const auto error = pissarro::test::errorOf([&] { readRun(run.directory); });
        QVERIFY(error);
        const std::string refusal = error->what();
        QVERIFY2(refusal.find("run.inputs.") != std::string::npos
                     && refusal.find("'/odd\\x00x'") != std::string::npos,
                 refusal.c_str());
    }
}

void TestRunDirectory::state_hasOneWordAndOneText()
{
    RunSummary run;
    run.steps = 240;
    run.step = 20;
    const auto textOf = [&](RunState state) {
        run.state = state;
        return runStateText(run);
    };
    QCOMPARE(textOf(RunState::Running), std::string("running at step 20 of 240"));
    QCOMPARE(textOf(RunState::Interrupted),
             std::string("interrupted at step 20 of 240; there is no checkpoint to go on from"));
    run.checkpointStep = 16;
    QCOMPARE(textOf(RunState::Interrupted),
             std::string("interrupted at step 20 of 240; resuming goes on from the checkpoint of "
                         "step 16"));
    run.message = "No space left on device";
    QCOMPARE(textOf(RunState::Failed),
             std::string("failed at step 20 of 240: No space left on device"));
    run.bestStep = 12;
    QCOMPARE(textOf(RunState::FinishedEarly),
             std::string("finished early at step 20 of 240; the best is step 12"));
    run.step = 240;
    QCOMPARE(textOf(RunState::Finished), std::string("finished, 240 steps"));
    for (const RunState state :
         {RunState::Running, RunState::Paused, RunState::Finished, RunState::FinishedEarly,
          RunState::Stopped, RunState::Failed, RunState::Interrupted}) {
        QVERIFY(parseRunState(runStateName(state)) == state);
        QVERIFY(!(isLive(state) && isComplete(state)));
    }
}

// Of the run's own folder, or of a twin's the one above; without what would flood a line.
void TestRunDirectory::lastWords_areTheLogsLastLine()
{
    QTemporaryDir folder;
    const std::filesystem::path root = folder.path().toStdString();
    std::filesystem::create_directories(root / "lora");
    QCOMPARE(lastWords(root / "lora"), std::string());
    std::ofstream(root / "worker.log") << "step 1/9\nerror: disk \x1b[31mfull\n  \n";
    QCOMPARE(lastWords(root), std::string("error: disk \\x1b[31mfull"));
    QCOMPARE(lastWords(root / "lora"), lastWords(root));
}

void TestRunDirectory::run_namesTheFileThatIsBroken()
{
    QTemporaryDir folder;
    const auto messageOf = [&] {
        try {
            readRun(folder.path().toStdString());
        } catch (const Error& error) {
            return QString::fromStdString(error.what());
        }
        return QString();
    };
    QVERIFY(messageOf().contains("run.json")); // not there
    append(folder.filePath("run.json"), "{\"rank\": 8");
    QVERIFY2(messageOf().contains("run.json: is not JSON"), qPrintable(messageOf()));
    QFile::remove(folder.filePath("run.json"));
    append(folder.filePath("run.json"), "{\"rank\": 8}");
    QVERIFY(messageOf().contains("\"run\""));
    QFile::remove(folder.filePath("run.json"));
    append(folder.filePath("run.json"), "{\"run\": {\"state\": \"asleep\"}}");
    QVERIFY(messageOf().contains("asleep"));
}

void TestRunDirectory::find_listsTwinsNewestFirstAndSkipsBroken()
{
    QTemporaryDir root;
    writeRun(exampleRun(root.filePath("old"), methodNamed("pissa"), "2026-11-23T10:00:00Z"));
    writeRun(exampleRun(root.filePath("pair/lora"), methodNamed("lora"), "2026-11-24T10:00:00Z"));
    writeRun(exampleRun(root.filePath("pair/pissa"), methodNamed("pissa"), "2026-11-24T10:00:00Z"));
    QDir().mkpath(root.filePath("broken"));
    append(root.filePath("broken/run.json"), "{");
    QDir().mkpath(root.filePath("empty"));

    const std::vector<RunSummary> runs = findRuns(root.path().toStdString());
    QStringList names;
    for (const RunSummary& run : runs) {
        names << QDir(root.path()).relativeFilePath(QString::fromStdString(run.directory.string()));
    }
    QCOMPARE(names, QStringList({"pair/pissa", "pair/lora", "old"}));
    QCOMPARE(findRuns(root.filePath("old").toStdString()).size(), std::size_t(1)); // the run itself
    QVERIFY(findRuns(root.filePath("nowhere").toStdString()).empty());
}

void TestRunDirectory::step_keepsDoublesToTheLastBit()
{
    const StepRecord record = exampleStep(3);
    const std::string line = record.toJson();
    QVERIFY(line.find('\n') == std::string::npos);
    const auto read = stepFromJson(line);
    QVERIFY(read.has_value());
    QVERIFY(read->loss == record.loss && read->gradNorm == record.gradNorm
            && read->learningRate == record.learningRate);
    QVERIFY(read->elapsedS == record.elapsedS && read->tokens == 300
            && read->batchHash == record.batchHash);
    QCOMPARE(read->toJson(), line);
}

void TestRunDirectory::step_writesNoNaN()
{
    StepRecord record = exampleStep(1);
    record.gradNorm = std::numeric_limits<double>::quiet_NaN();
    record.tokensPerS = std::numeric_limits<double>::infinity();
    const std::string line = record.toJson();
    QVERIFY(line.find("\"grad_norm\":null") != std::string::npos
            && line.find("\"tokens_per_s\":null") != std::string::npos);
    QVERIFY(std::isnan(stepFromJson(line)->gradNorm));
}

void TestRunDirectory::tail_returnsWholeLinesOnce()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("metrics.jsonl");
    MetricsTail tail(folder.path().toStdString());
    QVERIFY(tail.poll().empty()); // no file yet
    const QByteArray first = QByteArray::fromStdString(exampleStep(1).toJson());
    const QByteArray second = QByteArray::fromStdString(exampleStep(2).toJson());
    append(path, first + "\n" + second.left(20));
    QCOMPARE(tail.poll().size(), std::size_t(1));
    QVERIFY(tail.poll().empty()); // torn line waits
    append(path, second.mid(20));
    QVERIFY(tail.poll().empty());
    append(path, "\n");
    const auto records = tail.poll();
    QCOMPARE(records.size(), std::size_t(1));
    QCOMPARE(records.front().step, std::int64_t(2));
}

void TestRunDirectory::halvesOfAnEvaluation_areReadBack()
{
    StepRecord record = exampleStep(3);
    QVERIFY(record.toJson().find("choosing") == std::string::npos); // nothing was evaluated
    record.evalLoss = 1.5;
    record.evalChoosing = 1.25;
    record.evalReported = 1.75;
    const auto again = stepFromJson(record.toJson());
    QVERIFY(again);
    QCOMPARE(again->evalLoss, 1.5);
    QCOMPARE(again->evalChoosing, 1.25);
    QCOMPARE(again->evalReported, 1.75);
}

void TestRunDirectory::tail_skipsWhatIsNoRecord()
{
    QTemporaryDir folder;
    append(folder.filePath("metrics.jsonl"),
           "\nnot json\n[1]\n{\"step\": 4, \"eval_loss\": 2.0}\n{\"step\": 0, \"loss\": "
           "1}\n{\"step\": 5, \"loss\": 1.5}\r\n{\"step\": 6, \"loss\": 1, \"loss\": 2}\n");
    const auto records = MetricsTail(folder.path().toStdString()).poll();
    QCOMPARE(records.size(), std::size_t(1));
    QCOMPARE(records.front().step, std::int64_t(5));
}

void TestRunDirectory::tail_beginsAnewWhenTheFileWasReplacedOrCut()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("metrics.jsonl");
    const QByteArray first = QByteArray::fromStdString(exampleStep(1).toJson()) + "\n";
    const QByteArray second = QByteArray::fromStdString(exampleStep(2).toJson()) + "\n";
    append(path, first + second);
    MetricsTail tail(folder.path().toStdString());
    QCOMPARE(tail.poll().size(), std::size_t(2));
    QVERIFY(QFile::resize(path, first.size()));
    QCOMPARE(tail.poll().size(), std::size_t(1));
    append(folder.filePath("new"), first + second + first);
    QVERIFY(QFile::remove(path) && QFile::rename(folder.filePath("new"), path));
    QCOMPARE(tail.poll().size(), std::size_t(3));
}

// A run folder that came from elsewhere may have a FIFO or a device where a file should be: opening one waits for ever,
// reading the other never ends.
void TestRunDirectory::whatIsNoFile_holdsNobodyUp()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    writeRun(exampleRun(folder.path(), methodNamed("lora"), "2026-11-24T10:00:00Z"));
    for (const char* name : {".lock", "metrics.jsonl", "log.txt", "worker.log", ".order"}) {
        for (const bool device : {false, true}) {
            std::filesystem::remove(path / name);
            if (device) {
                std::filesystem::create_symlink("/dev/zero", path / name);
            } else {
                QCOMPARE(::mkfifo((path / name).c_str(), 0600), 0);
            }
            const RunSummary run = readRun(path);
            QCOMPARE(run.step, 0);
            QVERIFY(MetricsTail(path).poll().empty());
            QVERIFY(!runStateText(run).empty());
            QCOMPARE(lastError(path / name), std::string());
            QCOMPARE(findRuns(path).size(), std::size_t {1});
        }
        std::filesystem::remove(path / name);
    }
}

// A sparse file may say that it has a terabyte.
void TestRunDirectory::aHole_isNoRecord()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    append(folder.filePath("metrics.jsonl"),
           QByteArray::fromStdString(exampleStep(1).toJson()) + "\n");
    std::filesystem::resize_file(path / "metrics.jsonl", 1ULL << 40U);
    MetricsTail tail(path);
    QCOMPARE(tail.poll().size(), std::size_t {1});
    QVERIFY(tail.poll().empty());
}

// A download may hold files that take seconds to read: whoever leaves does not wait for their end.
void TestRunDirectory::aStop_endsTheReading()
{
    const QTemporaryDir root;
    std::stop_source stop;
    stop.request_stop();
    const JobContext stopped(stop.get_token());

    writeRun(exampleRun(root.filePath("one"), methodNamed("lora"), "2026-11-24T10:00:00Z"));
    const std::filesystem::path one = root.filePath("one").toStdString();
    QVERIFY_THROWS_EXCEPTION(Cancelled, readRun(one, stopped));
    QVERIFY_THROWS_EXCEPTION(Cancelled, runsOfRequest(one, stopped));
    QVERIFY_THROWS_EXCEPTION(Cancelled, findRuns(root.path().toStdString(), stopped));

    const QByteArray line = QByteArray::fromStdString(exampleStep(1).toJson()) + "\n";
    append(root.filePath("one/metrics.jsonl"), line);
    MetricsTail tail(one);
    QVERIFY_THROWS_EXCEPTION(Cancelled, tail.poll(stopped));
    QCOMPARE(tail.poll().size(), std::size_t {1}); // nothing was lost by it
    append(root.filePath("one/metrics.jsonl"), line);
    QVERIFY_THROWS_EXCEPTION(Cancelled, tail.poll(stopped));
    QCOMPARE(tail.poll().size(), std::size_t {2}); // told again from the start
}

void TestRunDirectory::append_replacesStepsTrainedAgain()
{
    std::vector<StepRecord> records;
    appendRecords(records, {exampleStep(1), exampleStep(2), exampleStep(3)});
    StepRecord again = exampleStep(2);
    again.loss = 9.0;
    appendRecords(records, {again});
    QCOMPARE(records.size(), std::size_t(2));
    QCOMPARE(records.back().loss, 9.0);
}

void TestRunDirectory::meanLoss_takesTheNewestUpToAStep()
{
    std::vector<StepRecord> records;
    for (int step = 1; step <= 6; ++step) {
        records.push_back(exampleStep(step));
        records.back().loss = step;
    }
    QCOMPARE(meanLoss(records, 0, 5), 4.0);
    QCOMPARE(meanLoss(records, 4, 2), 3.5);
    QCOMPARE(meanLoss(records, 1, 5), 1.0);
    QVERIFY(std::isnan(meanLoss({}, 0, 5)));
}

void TestRunDirectory::smoothed_isTensorBoards()
{
    // by hand: 0.6 * 0 + 0.4 * 1 = 0.4, / 0.4 = 1; 0.6 * 0.4 + 0.4 * 2 = 1.04, / 0.64 = 1.625
    const std::vector<double> result = smoothed({1.0, 2.0, std::nan(""), 2.0}, 0.6);
    QVERIFY(std::abs(result[0] - 1.0) < 1e-12);
    QVERIFY(std::abs(result[1] - 1.625) < 1e-12);
    QVERIFY(std::isnan(result[2]));
    QVERIFY(std::abs(result[3] - (0.6 * 1.04 + 0.8) / (1 - 0.216)) < 1e-12);
    const std::vector<double> raw {3.0, 1.0};
    QVERIFY(smoothed(raw, 0.0) == raw);
    QVERIFY(smoothed({}, 0.6).empty());
}

QTEST_GUILESS_MAIN(TestRunDirectory)
#include "tst_run_directory.moc"

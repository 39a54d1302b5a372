// SPDX-License-Identifier: GPL-3.0-or-later
// What grows and what is kept in a run directory: metrics, log, TensorBoard events read back by hand, checkpoints, what a
// resumed run puts aside and what a request takes back.
#include "core/run/fresh_folders.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_directory.h"
#include "core/run/run_log.h"
#include "core/run/run_resume.h"
#include "tests/core/file/test_files.h"

#include <QRegularExpression>
#include <QTest>

#include <bit>
#include <cmath>
#include <cstring>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;
namespace fs = std::filesystem;

namespace {

StepRecord stepOf(std::int64_t step)
{
    StepRecord record;
    record.step = step;
    record.loss = 1.5 / static_cast<double>(step);
    record.gradNorm = 0.25;
    record.learningRate = 2e-5;
    record.epoch = 0.5;
    record.batchHash = "00ff00ff00ff00ff";
    return record;
}

// CRC-32C bit by bit (Castagnoli, reflected 0x82F63B78), masked as TensorFlow's record_writer does.
std::uint32_t maskedCrc(const std::string& bytes)
{
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0x82F63B78U : crc >> 1U;
        }
    }
    return std::rotr(~crc, 15) + 0xA282EAD8U;
}

template <class T>
T take(const std::string& bytes, std::size_t& at)
{
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    at += sizeof value;
    return value;
}

// The events of a TensorBoard file, every length and checksum looked at.
std::vector<std::string> eventsIn(const fs::path& folder)
{
    std::vector<std::string> events;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (!entry.path().filename().string().starts_with("events.out.tfevents.")) {
            continue;
        }
        const std::string bytes = test::readBytes(entry.path());
        for (std::size_t at = 0; at < bytes.size();) {
            const std::string head = bytes.substr(at, 8);
            const auto length = take<std::uint64_t>(bytes, at);
            if (take<std::uint32_t>(bytes, at) != maskedCrc(head)) {
                return {};
            }
            events.push_back(bytes.substr(at, length));
            at += length;
            if (take<std::uint32_t>(bytes, at) != maskedCrc(events.back())) {
                return {};
            }
        }
    }
    return events;
}

// A whole checkpoint in `folder`: an empty safetensors file and a state.
void writeCheckpoint(const fs::path& folder, const TrainState& state)
{
    fs::create_directories(folder);
    test::writeBytes(folder / kStateTensors, test::safetensorsBytes("{}", ""));
    test::writeBytes(folder / kStateFile, stateToJson(state));
}

TrainState stateAt(std::int64_t step)
{
    TrainState state;
    state.step = step;
    return state;
}

} // namespace

class TestRunLog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aResumedRun_writesItsStepsAgain()
    {
        const test::Scratch run;
        {
            RunLog log(run.path(), 0);
            for (const std::int64_t step : {1, 2, 3}) {
                log.add(stepOf(step));
            }
        }
        std::ofstream(run / kMetricsFile, std::ios::app) << "{\"step\": 4, \"lo"; // torn
        RunLog log(run.path(), 2);
        log.add(stepOf(3));
        MetricsTail tail(run.path());
        const auto records = tail.poll();
        QCOMPARE(records.size(), 3U);
        QCOMPARE(records[2].step, 3);
        QCOMPARE(records[2].loss, 0.5);
    }

    void aStepThatIsNoNumber_isRefused()
    {
        const test::Scratch run;
        test::writeBytes(run / kMetricsFile, "{\"step\": 1}\n{\"step\": \"two\"}\n");
        const auto error = errorOf([&] { RunLog log(run.path(), 5); });
        QCOMPARE(test::complaint(error, run / kMetricsFile, "line 2 has a step that is string"),
                 QString());
    }

    void messages_areOneLineWithTheTime()
    {
        const test::Scratch run;
        RunLog log(run.path(), 0);
        log.message("two\nlines");
        const QString text = QString::fromStdString(test::readBytes(run / "log.txt"));
        const QRegularExpression form(
            QStringLiteral(R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ two.+lines\n$)"));
        QVERIFY2(form.match(text).hasMatch(), qPrintable(text));
        QCOMPARE(text.count('\n'), 1);
    }

    void events_areTensorBoards()
    {
        const test::Scratch run;
        RunLog log(run.path(), 0);
        log.add(stepOf(2));
        const auto events = eventsIn(run.path());
        QCOMPARE(events.size(), 5U); // the version, then loss, norm, rate, epoch
        QVERIFY(events[0].find("brain.Event:2") != std::string::npos);
        const std::vector<std::pair<std::string, float>> wanted {{"train/loss", 0.75F},
                                                                 {"train/grad_norm", 0.25F},
                                                                 {"train/learning_rate", 2e-5F},
                                                                 {"train/epoch", 0.5F}};
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto& [tag, number] = wanted[i];
            const std::string& event = events[i + 1];
            // Field 1 a double (the time), field 2 the step 2, then the summary, whose last four bytes are the number.
            QCOMPARE(event[0], '\x09');
            QCOMPARE(event.substr(9, 2), std::string("\x10\x02"));
            QVERIFY(event.find(tag) != std::string::npos);
            float found = 0.0F;
            std::memcpy(&found, event.data() + event.size() - 4, 4);
            QCOMPARE(found, number);
        }
    }

    // An evaluated step tells eval/loss; a run that goes on takes back what TensorBoard has of the steps it trains again.
    void events_ofAResumedRun_takeBack()
    {
        const test::Scratch run;
        RunLog log(run.path(), 2);
        StepRecord evaluated = stepOf(3);
        evaluated.evalLoss = 0.5;
        log.add(evaluated);
        const auto events = eventsIn(run.path());
        QCOMPARE(events.size(), 7U);
        QCOMPARE(QByteArray::fromStdString(events[1].substr(9)),
                 QByteArray("\x10\x03\x3a\x02\x08\x01"));
        QVERIFY(events[6].find("eval/loss") != std::string::npos);
        float loss = 0.0F;
        std::memcpy(&loss, events[6].data() + events[6].size() - 4, 4);
        QCOMPARE(loss, 0.5F);
    }

    void aFileThatIsGone_isNotWrittenTo()
    {
        const test::Scratch run;
        AppendFile file(run / "a.txt");
        file.append("one\n");
        QCOMPARE(test::readBytes(run / "a.txt"), std::string("one\n"));
        fs::remove(run / "a.txt");
        const auto error = errorOf([&] { file.append("two\n"); });
        QVERIFY(error && error->kind() == ErrorKind::Io);
        QVERIFY(std::string(error->what()).find("moved or removed") != std::string::npos);
        AppendFile taken(run / "a.txt");
        taken.append("one\n");
        fs::rename(run / "a.txt", run / "elsewhere.txt"); // as a file manager's trash does
        QVERIFY(errorOf([&] { taken.append("two\n"); }).has_value());
        QCOMPARE(test::readBytes(run / "elsewhere.txt"), std::string("one\n"));
        QVERIFY(errorOf([&] { AppendFile none(run / "no/such/a.txt"); }).has_value());
        fs::create_symlink(run / "elsewhere", run / "led.txt");
        const auto led = errorOf([&] { AppendFile through(run / "led.txt"); });
        QVERIFY(led && std::string(led->what()).find("is a link") != std::string::npos);
        QVERIFY(!fs::exists(run / "elsewhere"));
    }

    void aState_readsBack()
    {
        const test::Scratch run;
        TrainState state {
            7, {2, 40}, 1234, 5.5, 0.1 + 0.2, 0.625, 5, 2, "{\"step\":7}", specToJson(RunSpec())};
        writeCheckpoint(run / "one", state);
        const auto found = readState(run / "one");
        QVERIFY(found.has_value());
        QCOMPARE(found->step, 7);
        QCOMPARE(found->cursor.epoch, 2);
        QCOMPARE(found->cursor.position, 40);
        QCOMPARE(found->tokens, 1234);
        QCOMPARE(found->bestEvalLoss, 0.1 + 0.2); // to the last bit
        QCOMPARE(found->bestScore, 0.625);
        QCOMPARE(found->bestStep, 5);
        QCOMPARE(found->stale, 2);
        QCOMPARE(found->unrecorded, state.unrecorded);
        QCOMPARE(found->spec, state.spec);
        writeCheckpoint(run / "two", stateAt(3)); // no evaluation yet
        QVERIFY(std::isinf(readState(run / "two")->bestEvalLoss));
        std::string twice = test::readBytes(run / "one" / kStateFile);
        twice.insert(1, "\"step\": 8,");
        test::writeBytes(run / "one" / kStateFile, twice); // which of both nobody knows
        QVERIFY(!readState(run / "one").has_value());
        test::writeBytes(run / "one" / kStateFile, "{\"step\": 7}");
        QVERIFY(!readState(run / "one").has_value());
        fs::remove(run / "two" / kStateTensors);
        QVERIFY(!readState(run / "two").has_value());
    }

    // Step 30 is cut off: it is there, and nothing goes on from it.
    void checkpoints_areNewestFirst()
    {
        const test::Scratch run;
        for (const std::int64_t step : {5, 10, 20, 30}) {
            writeCheckpoint(checkpointDirectory(run.path(), step), stateAt(step));
        }
        fs::remove(checkpointDirectory(run.path(), 30) / kStateFile);
        fs::create_directories(run / "checkpoints/step-x");
        const std::vector<std::int64_t> all {30, 20, 10, 5};
        const std::vector<std::int64_t> whole {20, 10, 5};
        QVERIFY(checkpointSteps(run.path(), false) == all);
        QVERIFY(checkpointSteps(run.path(), true) == whole);
        QCOMPARE(newestCheckpoint(run.path()), 20);
        const std::vector<std::int64_t> dropped {30, 20};
        QVERIFY(dropCheckpointsAbove(run.path(), 10) == dropped);
        pruneCheckpoints(run.path(), 1);
        const std::vector<std::int64_t> left {10};
        QVERIFY(checkpointSteps(run.path(), false) == left);
        pruneCheckpoints(run.path(), 0); // one is always kept
        QVERIFY(checkpointSteps(run.path(), false) == left);
        QVERIFY(fs::exists(run / "checkpoints/step-x")); // none of ours
    }

    void states_areFoundByTheirChoice()
    {
        const test::Scratch run;
        RunSummary summary;
        summary.directory = run.path();
        writeCheckpoint(checkpointDirectory(run.path(), 40), stateAt(40));
        writeCheckpoint(checkpointDirectory(run.path(), 20), stateAt(20));
        QCOMPARE(findState(summary).step, 40); // the last, as nothing was evaluated
        writeCheckpoint(bestDirectory(run.path()), stateAt(25));
        QCOMPARE(findState(summary).step, 25);
        QCOMPARE(findState(summary).title(), std::string("step 25, the best by evaluation"));
        QCOMPARE(findState(summary, parseStateChoice("last")).title(),
                 std::string("step 40, the last one"));
        QVERIFY(findState(summary, parseStateChoice("20")).directory
                == checkpointDirectory(run.path(), 20));
        const auto error = errorOf([&] { findState(summary, parseStateChoice("21")); });
        QVERIFY(error && error->kind() == ErrorKind::Format);
        QVERIFY2(std::string(error->what()).find("(there are: step 40, 20 and best (step 25))")
                     != std::string::npos,
                 error->what());
        for (const char* text : {"0", "-1", "1.5", "worst", "", "1000000000000000"}) {
            QVERIFY(errorOf([&] { parseStateChoice(text); }).has_value());
        }
    }

    void records_areKeptAside()
    {
        const test::Scratch run;
        for (const char* text : {"first", "second"}) {
            test::writeBytes(run / kMetricsFile, text);
            writeCheckpoint(bestDirectory(run.path()), stateAt(1));
            keepRecordsAside(run.path());
        }
        QCOMPARE(test::readBytes(run / "metrics.1.jsonl"), std::string("first"));
        QCOMPARE(test::readBytes(run / "metrics.2.jsonl"), std::string("second"));
        QVERIFY(fs::exists(run / "best.1") && fs::exists(run / "best.2"));
        QVERIFY(!fs::exists(run / kMetricsFile) && !fs::exists(run / "best"));
        keepRecordsAside(run.path()); // nothing is there any more
    }

    // A folder of somebody's is not touched; one that was not there is gone again.
    void freshFolders_areTakenBack()
    {
        const test::Scratch scratch;
        const fs::path full = scratch / "full";
        const fs::path empty = scratch / "empty";
        const fs::path fresh = scratch / "fresh";
        fs::create_directories(full);
        fs::create_directories(empty);
        test::writeBytes(full / "thesis.txt", "x");
        FreshFolders folders;
        for (const fs::path& folder : {full, empty, fresh}) {
            folders.note(folder);
        }
        fs::create_directories(fresh / "lora");
        test::writeBytes(fresh / "lora" / kRunFile, "{}");
        test::writeBytes(empty / "log.txt", "x");
        test::writeBytes(full / "log.txt", "x");
        folders.takeBack(/*runs=*/false);
        QVERIFY(fs::exists(fresh / "lora" / kRunFile)); // a run stays
        QVERIFY(fs::exists(empty) && fs::is_empty(empty));
        QVERIFY(fs::exists(full / "log.txt"));
        folders.takeBack(/*runs=*/true);
        QVERIFY(!fs::exists(fresh));
        QVERIFY(fs::exists(full / "thesis.txt"));
    }

    void aRunThatGoesOn_takesSomeSettingsAnew()
    {
        const test::Scratch scratch;
        RunSummary before;
        before.directory = scratch.path();
        before.spec.steps = before.steps = 40;
        RunSpec asked = before.spec;
        QVERIFY(acceptChanges(before, asked).empty());
        asked.steps = 60;
        asked.threads = 3;
        const auto changes = acceptChanges(before, asked);
        QCOMPARE(changes.size(), 2U);
        QVERIFY(std::any_of(changes.begin(), changes.end(), [](const std::string& one) {
            return one.starts_with("steps is ") && one.find("60") < one.find("it was")
                && one.find("40") > one.find("it was");
        }));
        asked.learningRate = 1e-3;
        const auto error = errorOf([&] { acceptChanges(before, asked); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        QVERIFY(std::string(error->what()).find("learning_rate is ") != std::string::npos);
    }

    void anotherLength_isSaid()
    {
        RunSummary before;
        before.directory = "/runs/a";
        before.steps = 40;
        RunSpec asked;
        QVERIFY(lengthChange(before, asked, 40, 30).empty());
        QCOMPARE(lengthChange(before, asked, 60, 30),
                 std::string("lengthened from 40 to 60 steps; the cosine schedule is drawn anew "
                             "over the new length"));
        asked.schedule = Schedule::Constant;
        asked.warmupRatio = 0.0;
        QCOMPARE(lengthChange(before, asked, 35, 30), std::string("shortened from 40 to 35 steps"));
        QVERIFY(errorOf([&] { lengthChange(before, asked, 29, 30); }).has_value());
    }
};

QTEST_GUILESS_MAIN(TestRunLog)
#include "tst_run_log.moc"

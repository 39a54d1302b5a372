// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of others, as they were found (shared/data/runs), read as a run's series. tests/fixtures/history_events.json: what
// tensorboard 2.21.0's EventAccumulator finds in the event files (tests/parity/history_parity.py --golden).
#include "core/file/event_records.h"
#include "core/format/event_message.h"
#include "core/history/history.h"
#include "core/history/history_format.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;
namespace fs = std::filesystem;

namespace {

const fs::path kRuns = fs::path(PISSARRO_SHARED) / "data" / "runs";

double valueAt(const History& history, std::string_view metric, std::int64_t step)
{
    const MetricSeries* const series = history.find(metric);
    if (series != nullptr) {
        const auto found = std::lower_bound(series->steps.begin(), series->steps.end(), step);
        if (found != series->steps.end() && *found == step) {
            return series->values[static_cast<std::size_t>(found - series->steps.begin())];
        }
    }
    return std::nan("");
}

std::size_t countOf(const History& history, std::string_view metric)
{
    const MetricSeries* const series = history.find(metric);
    return series == nullptr ? 0 : series->steps.size();
}

bool isNoted(const History& history, const std::string& part)
{
    return std::any_of(history.notes.begin(), history.notes.end(), [&](const Said& note) {
        return note.text().find(part) != std::string::npos;
    });
}

std::string eventFile(const std::vector<std::string>& messages)
{
    std::string file = eventRecord(versionMessage(100.0));
    for (const std::string& message : messages) {
        file += eventRecord(message);
    }
    return file;
}

std::string logLine(std::int64_t step, double loss, const std::string& elapsed)
{
    return nlohmann::json {{"current_steps", step},
                           {"total_steps", 100},
                           {"loss", loss},
                           {"elapsed_time", elapsed}}
               .dump()
        + "\n";
}

} // namespace

#define NEEDS_RUNS()                                                                               \
    do {                                                                                           \
        if (!fs::exists(kRuns)) {                                                                  \
            QSKIP("needs shared/data/runs");                                                       \
        }                                                                                          \
    } while (false)

class HistoryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void formats_areTold()
    {
        std::set<std::string_view> names;
        for (const HistoryFormat* format : allHistoryFormats()) {
            QVERIFY(names.insert(format->name).second);
            QVERIFY(!format->title.empty());
            const test::Scratch empty;
            QVERIFY(format->find(empty.path()).empty());
            QVERIFY(!format->takes("run.json"));
        }
        const test::Scratch scratch;
        test::writeBytes(scratch / "a.json", "{}");
        QVERIFY(fileIn(scratch.path(), "a.json").size() == 1
                && fileIn(scratch.path(), "b.json").empty());
        for (const auto& path : {scratch.path(), scratch / "a.json"}) {
            const auto error = errorOf([&] { readHistory(path); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
            QVERIFY(std::string(error->what()).find("trainer_log.jsonl") != std::string::npos);
        }
        const auto error = errorOf([&] { readHistory(scratch / "none"); });
        QVERIFY(error && error->kind() == ErrorKind::Io);
    }

    void anEvaluationAfterTheEnd_isOfAnotherState()
    {
        NEEDS_RUNS();
        const History run = readHistory(kRuns / "made_here/trainer_pissa_eval");
        QCOMPARE(run.title, std::string("Hugging Face Trainer"));
        QCOMPARE(run.step, 100);
        QCOMPARE(countOf(run, metric::kEvalLoss), 5U);
        QVERIFY(valueAt(run, metric::kEvalLoss, 100) != valueAt(run, metric::kEvalLoss, 60));
        QVERIFY(run.figures.contains("train_runtime") && run.find("train_loss") == nullptr);
    }

    void notANumber_staysThat()
    {
        NEEDS_RUNS();
        const History run = readHistory(kRuns / "made_here/trainer_nan");
        QCOMPARE(countOf(run, metric::kLoss), 8U);
        QCOMPARE(valueAt(run, metric::kLoss, 10), 7088.4796875);
        const MetricSeries& loss = *run.find(metric::kLoss);
        QVERIFY(std::isnan(loss.values.back())
                && std::isnan(run.find(metric::kEvalLoss)->values.back()));
        QVERIFY(std::isnan(run.figures.at("train_loss")));
    }

    void olderKeys_areTheSameMetrics()
    {
        NEEDS_RUNS();
        const History old = readHistory(kRuns / "llamafactory/mistral-translator");
        const History newer = readHistory(kRuns / "llamafactory/qwen2.5-7b-medical");
        QCOMPARE(valueAt(old, metric::kLearningRate, 10), 5.773672055427253e-07);
        QCOMPARE(valueAt(newer, metric::kLearningRate, 10), 1.3333333333333334e-06);
        QCOMPARE(old.step, 8660);
        QCOMPARE(valueAt(old, metric::kLoss, 8660), 0.1333);
        QCOMPARE(countOf(old, metric::kTokens), 0U); // told as 0 all along: nobody counted
        // Beside the log the newest checkpoint tells what the log does not.
        QCOMPARE(valueAt(old, metric::kGradNorm, 500), 3.728318214416504);
        QCOMPARE(valueAt(old, metric::kElapsed, 8660), 5 * 3600.0 + 39 * 60.0 + 46.0);
        QCOMPARE(countOf(newer, metric::kLoss), 675U);
        QCOMPARE(countOf(newer, metric::kEvalLoss), 13U);
        QCOMPARE(newer.steps, 6750);
        const History tinyLlama = readHistory(kRuns / "hf_trainer/tinyllama-lora");
        QCOMPARE(valueAt(tinyLlama, metric::kTokens, 15), 61440.0);
        QCOMPARE(countOf(tinyLlama, "mean_token_accuracy"), 186U);
        const History predicted = readHistory(kRuns / "hf_trainer/cpt");
        QCOMPARE(countOf(predicted, "predict_loss"), 10U); // of records without a step
    }

    // Ranks that write the same file: each step once, as the first one told it.
    void twoRanks_areOneRun()
    {
        NEEDS_RUNS();
        const History run = readHistory(kRuns / "llamafactory/two-ranks");
        QCOMPARE(countOf(run, metric::kLoss), 31U);
        QCOMPARE(valueAt(run, metric::kLoss, 10), 0.8548);
        QCOMPARE(valueAt(run, metric::kElapsed, 10), 132.0);
        QCOMPARE(valueAt(run, metric::kElapsed, 6565), 6 * 3600.0 + 36 * 60.0 + 26.0);
        QVERIFY(isNoted(run, "62 figures were told again"));
        QVERIFY(!isNoted(run, "session"));
    }

    void aLogWithoutLosses_isARun()
    {
        NEEDS_RUNS();
        const History run = readHistory(kRuns / "llamafactory/predict-run");
        QCOMPARE(run.metrics.size(), 1U);
        QCOMPARE(countOf(run, metric::kElapsed), 50U);
        QCOMPARE(run.steps, 250);
    }

    void everyRun_opens()
    {
        NEEDS_RUNS();
        int count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(kRuns)) {
            const std::string name = entry.path().filename().string();
            if (name == "trainer_state.json" || name == "trainer_log.jsonl"
                || name.find("tfevents") != std::string::npos) {
                const History run = readHistory(entry.path());
                QVERIFY2(!run.metrics.empty() && run.step > 0, entry.path().c_str());
                ++count;
            }
        }
        QVERIFY(count >= 13);
    }

    void eventFiles_sayWhatTensorBoardShows()
    {
        NEEDS_RUNS();
        const auto golden = nlohmann::json::parse(
            test::readBytes(fs::path(PISSARRO_SOURCE) / "tests/fixtures/history_events.json"));
        QCOMPARE(golden.size(), 2U);
        for (const auto& [file, metrics] : golden.items()) {
            const History run = readHistory(kRuns / "hf_trainer/t5-small-tensorboard/runs" / file);
            QCOMPARE(run.metrics.size() + run.figures.size(), metrics.size() + 1); // elapsed_s
            for (const auto& [name, wanted] : metrics.items()) {
                if (const auto figure = run.figures.find(name); figure != run.figures.end()) {
                    QCOMPARE(figure->second, wanted["values"].get<double>());
                    continue;
                }
                const MetricSeries* const series = run.find(name);
                QVERIFY2(series != nullptr, name.c_str());
                QCOMPARE(series->steps.size(), wanted["count"].get<std::size_t>());
                QCOMPARE(series->steps.front(), wanted["first"][0].get<std::int64_t>());
                QCOMPARE(series->values.front(), wanted["first"][1].get<double>());
                QCOMPARE(series->values.back(), wanted["last"][1].get<double>());
                QCOMPARE(
                    std::accumulate(series->steps.begin(), series->steps.end(), std::int64_t {0}),
                    wanted["steps"].get<std::int64_t>());
                QCOMPARE(std::accumulate(series->values.begin(), series->values.end(), 0.0),
                         wanted["values"].get<double>());
            }
        }
    }

    // The Trainer writes both: its state in full precision, the events in float32.
    void eventFiles_areTheTrainersState()
    {
        NEEDS_RUNS();
        const fs::path folder = kRuns / "hf_trainer/t5-small-tensorboard";
        const History state = readHistory(folder / "trainer_state.json");
        const History whole = readHistory(folder);
        const History events = readHistory(folder / "runs");
        QCOMPARE(events.files.size(), 2U);
        for (const std::string_view name :
             {metric::kLoss, metric::kGradNorm, metric::kLearningRate, metric::kEpoch}) {
            const MetricSeries& exact = *state.find(name);
            const MetricSeries& single = *events.find(name);
            QVERIFY(exact.steps == single.steps);
            for (std::size_t i = 0; i < exact.values.size(); ++i) {
                QCOMPARE(single.values[i],
                         static_cast<double>(static_cast<float>(exact.values[i])));
            }
            QVERIFY(whole.find(name)->values == exact.values);
        }
        QCOMPARE(whole.files.size(), 3U);
        QCOMPARE(countOf(whole, metric::kEvalLoss), 1U); // which the state does not tell
        QCOMPARE(whole.figures.at("train_runtime"), 54713.1806);
        QCOMPARE(valueAt(events, metric::kElapsed, 215337),
                 valueAt(whole, metric::kElapsed, 215337));
        QVERIFY(valueAt(events, metric::kElapsed, 215337)
                < 54800.0); // the end, not the evaluation after it
    }

    void aRunThatWentOn_countsFromThere()
    {
        const test::Scratch scratch;
        const auto file = scratch / "trainer_log.jsonl";
        std::string log;
        for (int step = 10; step <= 50; step += 10) {
            log += logLine(step, 1.0, "0:0" + std::to_string(step / 10) + ":00");
        }
        log += logLine(40, 2.0, "0:01:00")
            + logLine(50, 2.0, "0:02:00"); // from the checkpoint of step 30
        test::writeBytes(file, log);
        const History far = readHistory(file);
        QCOMPARE(valueAt(far, metric::kLoss, 30), 1.0);
        QCOMPARE(valueAt(far, metric::kLoss, 40), 2.0);
        QCOMPARE(valueAt(far, metric::kElapsed, 50), 300.0); // 3 minutes before, 2 after
        QVERIFY(isNoted(far, "1 session follows the first one"));
        test::writeBytes(file,
                         logLine(10, 1.0, "0:01:00") + logLine(20, 1.0, "0:02:00")
                             + logLine(30, 1.0, "0:03:00") + logLine(20, 2.0, "0:02:01")
                             + logLine(30, 2.0, "0:03:01")); // a late rank
        const History late = readHistory(file);
        QCOMPARE(valueAt(late, metric::kLoss, 20), 1.0);
        QVERIFY(isNoted(late, "2 figures were told again") && !isNoted(late, "session"));
    }

    void ourOwnLog_isAHistory()
    {
        const test::Scratch run;
        test::writeBytes(run / "metrics.jsonl",
                         "{\"step\": 1, \"loss\": 3.0, \"lr\": 1e-4, \"batch_hash\": \"ff\"}\n"
                         "{\"step\": 2, \"loss\": 2.5, \"lr\": 1e-4}\n"
                         "{\"step\": 2, \"loss\": null, \"lr\": 2e-4}\n"
                         "{\"step\": 3, \"loss\": 2.0, \"loss\": 1.0}\n{\"step\": 3, \"lo");
        const History history = readHistory(run.path());
        QCOMPARE(history.title, std::string("Pissarro"));
        QVERIFY(std::isnan(valueAt(history, metric::kLoss, 2))
                && countOf(history, metric::kLoss) == 2);
        QCOMPARE(valueAt(history, metric::kLearningRate, 2), 2e-4);
        QVERIFY(isNoted(history, "cut off") && isNoted(history, "1 line"));
    }

    void eventFiles_tornOrDamaged_areReadUpToThere()
    {
        const test::Scratch run;
        const auto file = run / "events.out.tfevents.1.host.2.0";
        const std::string whole = eventFile({scalarMessage(101.0, 1, "train/loss", 1.0),
                                             scalarMessage(102.0, 2, "train/loss", 0.5)});
        test::writeBytes(file, whole.substr(0, whole.size() - 1));
        const History torn = readHistory(run.path());
        QCOMPARE(countOf(torn, metric::kLoss), 1U);
        QCOMPARE(valueAt(torn, metric::kElapsed, 1), 1.0);
        QVERIFY(isNoted(torn, "the end of 1 file is cut off"));
        test::writeBytes(file, whole + std::string(40, 'x'));
        const History damaged = readHistory(run.path());
        QCOMPARE(countOf(damaged, metric::kLoss), 2U);
        QVERIFY(isNoted(damaged, "is damaged at byte " + std::to_string(whole.size())));
        test::writeBytes(file, "");
        QVERIFY(readHistory(run.path()).metrics.empty()); // just begun
    }

    void eventFiles_ofARestart_takeBack()
    {
        const test::Scratch run;
        std::vector<std::string> told;
        for (const std::int64_t step : {1, 2, 3}) {
            told.push_back(
                scalarMessage(100.0 + static_cast<double>(step), step, "train/loss", 1.0));
        }
        test::writeBytes(run / "events.out.tfevents.100.h.1.0", eventFile(told));
        std::string second = eventRecord(versionMessage(200.0));
        second += eventRecord(sessionStartMessage(200.0, 2));
        test::writeBytes(run / "events.out.tfevents.200.h.1.0", second);
        const History history = readHistory(run.path());
        QCOMPARE(countOf(history, metric::kLoss), 1U);
    }

    void whatIsNone_isRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("what");
        QTest::newRow("half a state")
            << "trainer_state.json" << QByteArray("{\"log_history\": [{\"st") << "is not JSON";
        QTest::newRow("another JSON")
            << "trainer_state.json" << QByteArray("{\"a\": NaN}") << "log_history";
        QTest::newRow("a list") << "trainer_state.json" << QByteArray("[1]") << "log_history";
        QTest::newRow("empty state") << "trainer_state.json" << QByteArray() << "is not JSON";
        QTest::newRow("another log")
            << "trainer_log.jsonl" << QByteArray("{\"step\": 1}\n") << "none of its lines";
        QTest::newRow("no log") << "trainer_log.jsonl" << QByteArray("\0\1\2", 3)
                                << "none of its lines";
        QTest::newRow("no events")
            << "events.out.tfevents.1" << QByteArray(40, 'x') << "is no TensorBoard event file";
        QTest::newRow("a pointer")
            << "events.out.tfevents.1"
            << QByteArray("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
            << "Git LFS";
    }

    void whatIsNone_isRefused()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, what);
        const test::Scratch run;
        const auto file = run / name.toStdString();
        test::writeBytes(file, bytes.toStdString());
        for (const auto& path : {file, run.path()}) {
            const auto error = errorOf([&] { readHistory(path); });
            QCOMPARE(test::complaint(error, file, what.toStdString()), QString());
        }
    }

    // One broken file beside one that is read: the run opens, and says so.
    void aBrokenFile_hidesNoOther()
    {
        const test::Scratch run;
        test::writeBytes(run / "trainer_state.json", "{\"log_hist");
        test::writeBytes(run / "trainer_log.jsonl", logLine(10, 1.5, "0:00:10"));
        const History history = readHistory(run.path());
        QCOMPARE(valueAt(history, metric::kLoss, 10), 1.5);
        QVERIFY(isNoted(history, "Not read: ") && isNoted(history, "trainer_state.json"));
    }

    void aReader_canBeStopped()
    {
        const test::Scratch run;
        test::writeBytes(run / "trainer_log.jsonl", logLine(10, 1.5, "0:00:10"));
        test::writeBytes(run / "events.out.tfevents.1", eventFile({}));
        test::writeBytes(run / "trainer_state.json",
                         "{\"log_history\": [{\"step\": 1, \"loss\": 1}]}");
        std::stop_source stop;
        stop.request_stop();
        for (const char* name :
             {"trainer_log.jsonl", "events.out.tfevents.1", "trainer_state.json"}) {
            QVERIFY_EXCEPTION_THROWN(readHistory(run / name, JobContext(stop.get_token())),
                                     Cancelled);
        }
    }
};

QTEST_GUILESS_MAIN(HistoryTest)
#include "tst_history.moc"

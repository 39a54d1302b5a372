// SPDX-License-Identifier: GPL-3.0-or-later
// What a run asks of its model, data and checkpoints when it goes on.
#include "core/export/export_run.h"
#include "core/file/cache.h"
#include "core/run/run_checkpoints.h"
#include "core/train/trainer.h"
#include "tests/core/train/keeping_bench.h"

#include <QScopeGuard>

#include <nlohmann/json.hpp>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

void editJson(const fs::path& path, const std::function<void(nlohmann::json&)>& edit)
{
    nlohmann::json text = nlohmann::json::parse(std::ifstream(path));
    edit(text);
    std::ofstream(path) << text.dump(2);
}

} // namespace

class TestGoingOn : public KeepingBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests(); }
    void init() { beginTest(); }

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
                    {"learning_rate is '1e-3' in the run and '5e-1'"});
    }

    // What a person writes into run.json between two parts is no new setting: neither the trainer nor a reader of the run
    // takes it for what was trained.
    void anEditedRunFile_isRefused_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>(
            "older"); // of a checkpoint without settings: what its factors tell
        QTest::newRow("method") << "method"
                                << R"("lora")"
                                << "";
        QTest::newRow("rank") << "rank"
                              << "3"
                              << "began with rank 4";
        QTest::newRow("alpha") << "alpha"
                               << "64"
                               << "and scale 1 on";
        QTest::newRow("rslora") << "rslora"
                                << "true"
                                << "and scale 1 on";
        QTest::newRow("targets") << "targets"
                                 << R"(["q_proj"])"
                                 << "and run.json names 3";
        QTest::newRow("learning rate") << "learning_rate"
                                       << "0.5"
                                       << "";
    }

    void anEditedRunFile_isRefused()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        QFETCH(QString, older);
        const fs::path run = m_root / "run";
        TrainObserver silent;
        train({shortRun(3), {}, run, false, nullptr}, silent, JobContext());
        const std::string numbers = numbersOf(run);
        editJson(run / kRunFile, [&](nlohmann::json& text) {
            text[key.toStdString()] = nlohmann::json::parse(value.toStdString());
        });
        const auto goOn = [&] {
            RunSpec spec = readRun(run).spec;
            spec.steps = 4;
            train({spec, {}, run, true, nullptr}, silent, JobContext());
        };
        const std::vector<std::string> told {
            "run.json: was edited, or the checkpoint is another run's: " + key.toStdString(),
            "the checkpoint of step 3", "put the old value back"};
        verifyHolds(messageOf(goOn), told);
        verifyHolds(messageOf([&] { exportRun(run, {}, m_root / "out", JobContext()); }), told);
        if (!older.isEmpty()) { // as versions before wrote it
            editJson(checkpointDirectory(run, 3) / kStateFile,
                     [](nlohmann::json& text) { text.erase("spec"); });
            verifyHolds(messageOf(goOn), {older.toStdString(), "put run.json back"});
        }
        QCOMPARE(numbersOf(run), numbers);
    }

    // Length, threads and checkpoints are free, also in run.json; and a checkpoint of an older version tells nothing.
    void anEditOfWhatIsFree_isGoneOnWith()
    {
        const fs::path run = m_root / "run";
        TrainObserver silent;
        train({shortRun(3), {}, run, false, nullptr}, silent, JobContext());
        editJson(run / kRunFile, [](nlohmann::json& text) { text["keep_checkpoints"] = 5; });
        RunSpec spec = readRun(run).spec;
        spec.steps = 4;
        train({spec, {}, run, true, nullptr}, silent, JobContext());
        QCOMPARE(readRun(run).checkpointStep, std::int64_t {4});
        editJson(checkpointDirectory(run, 4) / kStateFile,
                 [](nlohmann::json& text) { QCOMPARE(text.erase("spec"), std::size_t {1}); });
        spec.steps = 5;
        train({spec, {}, run, true, nullptr}, silent, JobContext());
        QCOMPARE(readRun(run).checkpointStep, std::int64_t {5});
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

    // As rsync -t and cp -p leave it: other weights of the same size and time.
    void weightsOfTheSameSizeAndTime_areSeen()
    {
        const RunSpec spec = shortRun(2);
        TrainObserver silent;
        const fs::path run = m_root / "run";
        const fs::path weights = m_root / "model" / "model.safetensors";
        train({spec, {}, run, false, nullptr}, silent, JobContext());
        const auto time = fs::last_write_time(weights);
        const auto identity = [&] {
            return ModelFiles::open(m_root / "model")
                ->identityOf("model.layers.0.self_attn.q_proj.weight");
        };
        const std::string before = identity();
        QTest::qSleep(50); // longer than the grain of a file's clock
        {
            std::fstream file(weights, std::ios::binary | std::ios::in | std::ios::out);
            file.seekp(-2, std::ios::end);
            file.put('\x11');
        }
        fs::last_write_time(weights, time);
        QVERIFY(fs::last_write_time(weights) == time);
        QVERIFY(identity() != before); // what spectra are kept by
        const auto files = ModelFiles::open(m_root / "model");
        const std::vector<std::string> told {"model.safetensors", "since the run trained on it"};
        verifyHolds(messageOf([&] { requireSameModel(readRun(run), *files, JobContext()); }), told);
        verifyHolds(messageOf([&] { exportRun(run, {}, m_root / "out", JobContext()); }), told);
    }

    // Of a model that was copied only the content is the same: it is read once, and known by its times then.
    void aCopiedModel_isReadOnce()
    {
        RunSpec spec = shortRun(2);
        TrainObserver silent;
        const fs::path run = m_root / "run";
        train({spec, {}, run, false, nullptr}, silent, JobContext());
        fs::copy(m_root / "model", m_root / "copy");
        const QByteArray before = qgetenv("XDG_CACHE_HOME");
        const auto restored = qScopeGuard([&] { qputenv("XDG_CACHE_HOME", before); });
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((m_root / "cache").string()));
        const auto files = ModelFiles::open(m_root / "copy");
        QTest::qSleep(2100); // of a file that was written a moment ago its times tell nothing
        requireSameModel(readRun(run), *files, JobContext());
        const auto entries = [] {
            const fs::directory_iterator all(cacheRoot() / "fingerprints");
            return std::distance(begin(all), end(all));
        };
        QCOMPARE(entries(), std::ptrdiff_t {1});
        requireSameModel(readRun(run), *files, JobContext());
        QCOMPARE(entries(), std::ptrdiff_t {1});
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

    // Both moved: each is asked for by its flag, and with both the run goes on.
    void dataThatMovedToo_isNamedAndFound()
    {
        RunSpec spec = shortRun(4);
        auto control = std::make_shared<TrainControl>();
        AtStep stop(0, 2, [&] { control->stopAndKeep(); });
        train({spec, {}, m_root / "run", false, control}, stop, JobContext());
        fs::rename(m_root / "model", m_root / "elsewhere");
        fs::rename(m_root / "rows.jsonl", m_root / "elsewhere" / "rows.jsonl");
        TrainObserver silent;
        const auto goOn = [&] {
            train({spec, {}, m_root / "run", true, nullptr}, silent, JobContext());
        };
        verifyHolds(messageOf(goOn), {(m_root / "model").string(), "--model PATH"});
        spec.model = (m_root / "elsewhere").string();
        verifyHolds(messageOf(goOn),
                    {(m_root / "rows.jsonl").string(), "is not there", "--data PATH"});
        spec.data = (m_root / "elsewhere" / "rows.jsonl").string();
        goOn();
        QCOMPARE(readRun(m_root / "run").state, RunState::Finished);
        QCOMPARE(readRun(m_root / "run").spec.data, spec.data);
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

    void lostRecords_areSaidAndNotMadeUp_data()
    {
        QTest::addColumn<QList<int>>("kept");
        QTest::addColumn<QString>("says");
        QTest::newRow("none") << QList<int> {} << "lacks 6 of the 6 steps done, steps 1 to 6: what";
        QTest::newRow("the first two")
            << QList<int> {1, 2} << "lacks 4 of the 6 steps done, steps 3 to 6: what";
        QTest::newRow("all but one")
            << QList<int> {1, 2, 3, 5, 6} << "lacks 1 of the 6 steps done, step 4: what";
        QTest::newRow("every other")
            << QList<int> {1, 3, 5} << "lacks 3 of the 6 steps done, step 2 the first: what";
        QTest::newRow("all") << QList<int> {1, 2, 3, 4, 5, 6} << "";
    }

    void lostRecords_areSaidAndNotMadeUp()
    {
        QFETCH(QList<int>, kept);
        QFETCH(QString, says);
        const fs::path run = m_root / "run";
        RunSpec spec = shortRun(6);
        TrainObserver silent;
        train({spec, {}, run, false, nullptr}, silent, JobContext());
        std::string left;
        std::ifstream metrics(run / kMetricsFile);
        int step = 0;
        for (std::string line; std::getline(metrics, line);) {
            left += kept.contains(++step) ? line + "\n" : std::string();
        }
        metrics.close();
        if (left.empty()) {
            fs::remove(run / kMetricsFile);
        } else {
            std::ofstream(run / kMetricsFile) << left;
        }
        spec.steps = 7;
        AtStep told(0, 0, [] {});
        train({spec, {}, run, true, nullptr}, told, JobContext());
        QCOMPARE(told.messages.find("metrics.jsonl lacks") == std::string::npos, says.isEmpty());
        verifyHolds(told.messages, {says.toStdString()});
        QList<int> steps;
        for (const StepRecord& record : MetricsTail(run).poll()) {
            steps.append(static_cast<int>(record.step));
        }
        QCOMPARE(steps, kept + QList<int> {7});
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
};

QTEST_GUILESS_MAIN(TestGoingOn)
#include "tst_going_on.moc"

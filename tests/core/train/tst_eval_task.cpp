// SPDX-License-Identifier: GPL-3.0-or-later
// A task that the model is put to as it trains: scores in the metrics, the best by score, an early end, and all of it again
// when the run is resumed.
#include "core/base/error.h"
#include "core/run/run_checkpoints.h"
#include "core/train/trainer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

// Stops the run once it has told of a step.
class StopsAt : public TrainObserver {
public:
    explicit StopsAt(std::int64_t step = 0)
        : m_step(step)
    {
    }
    void stepDone(int /*run*/, const StepRecord& record) override
    {
        if (record.step == m_step) {
            control->stopAndKeep();
        }
    }
    std::shared_ptr<TrainControl> control = std::make_shared<TrainControl>();

private:
    std::int64_t m_step;
};

} // namespace

class TestEvalTask : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::writeTinyModel(m_scratch / "model");
        tests::writeTinyTokenizer(m_scratch / "model");
        tests::writeTinyBatches(m_scratch / "batches.safetensors", 4);
        std::string rows;
        for (const char* prompt : {"abc", "Where", "to", "xyz"}) {
            rows +=
                nlohmann::json {{"question", prompt}, {"choices", {"a", "b", "c"}}, {"answer", 1}}
                    .dump()
                + "\n";
        }
        test::writeBytes(m_scratch / "rows.jsonl", rows);
    }

    void scores_standInTheMetrics()
    {
        const RunSummary run = trained("plain", spec());
        const auto records = MetricsTail(run.directory).poll();
        QCOMPARE(records.size(), 6U);
        for (const StepRecord& record : records) {
            const bool isAsked = record.step % 2 == 0;
            QCOMPARE(std::isfinite(record.evalScore), isAsked);
            QVERIFY(!isAsked || (record.evalScore >= 0.0 && record.evalScore <= 1.0));
            QVERIFY(std::isnan(record.evalLoss));
        }
        QCOMPARE(run.bestStep, 0); // the loss decides, and none was made
        // It only looks: the losses are those of a run that is not asked.
        RunSpec silent = spec();
        silent.evalTask = kNoTask;
        const auto other = MetricsTail(trained("silent", silent).directory).poll();
        for (std::size_t i = 0; i < records.size(); ++i) {
            QCOMPARE(other.at(i).loss, records[i].loss);
            QCOMPARE(other.at(i).gradNorm, records[i].gradNorm);
        }
    }

    // The first of equal scores is the best; patience counts those that are no better.
    void theBest_isByScore()
    {
        RunSpec asked = spec();
        asked.bestBy = BestBy::Score;
        asked.evalTaskEvery = 1;
        asked.learningRate = 1e-9; // every score is that of the first
        asked.patience = 2;
        asked.steps = 9;
        const RunSummary run = trained("best", asked);
        QVERIFY(run.state == RunState::FinishedEarly);
        QVERIFY(run.message.find("choice") != std::string::npos);
        QCOMPARE(MetricsTail(run.directory).poll().size(), 3U);
        QCOMPARE(run.bestStep, 1);
        QCOMPARE(run.adapterStep, 1);
        QVERIFY(std::isfinite(run.bestScore));
        QVERIFY(std::isnan(run.bestEvalLoss));
        const auto best = readState(bestDirectory(run.directory));
        QVERIFY(best && best->step == 1);
        QCOMPARE(best->bestScore, run.bestScore);
        const RunSummary read = readRun(run.directory);
        QCOMPARE(read.bestScore, run.bestScore);
    }

    void resumed_itIsAsIfItHadNotStopped()
    {
        RunSpec asked = spec();
        asked.bestBy = BestBy::Score;
        const auto whole = MetricsTail(trained("whole", asked).directory).poll();
        StopsAt observer(3);
        TrainRequest request = requestOf("parts", asked);
        request.control = observer.control;
        train(request, observer, JobContext());
        request.resume = true;
        request.control = nullptr;
        StopsAt nobody;
        train(request, nobody, JobContext());
        std::vector<StepRecord> parts;
        appendRecords(parts, MetricsTail(request.runDirectory).poll());
        QCOMPARE(parts.size(), whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i) {
            QCOMPARE(parts[i].loss, whole[i].loss);
            QVERIFY(parts[i].evalScore == whole[i].evalScore
                    || (std::isnan(parts[i].evalScore) && std::isnan(whole[i].evalScore)));
        }
    }

    void refuses_whatCannotBeAsked()
    {
        const auto complaint = [&](const RunSpec& asked) {
            StopsAt observer;
            const auto error =
                test::errorOf([&] { train(requestOf("refused", asked), observer, JobContext()); });
            return error ? std::string(error->what()) : std::string();
        };
        RunSpec asked = spec();
        asked.evalTaskData.clear();
        QVERIFY(complaint(asked).find("eval_task") != std::string::npos);
        asked = spec();
        asked.evalTask = kNoTask;
        asked.bestBy = BestBy::Score;
        QVERIFY(complaint(asked).find("best_by") != std::string::npos);
        asked = spec();
        asked.evalTaskData = (m_scratch / "nowhere.jsonl").string();
        QVERIFY(complaint(asked).find("nowhere.jsonl") != std::string::npos);
        QVERIFY(!fs::exists(m_scratch / "refused"));
        // What has to be run is not asked in the middle of a training.
        QVERIFY(test::errorOf([] { specFromJson(R"({"eval_task": "humaneval"})"); }).has_value());
    }

private:
    RunSpec spec() const
    {
        RunSpec asked;
        asked.model = (m_scratch / "model").string();
        asked.batches = (m_scratch / "batches.safetensors").string();
        asked.method = methodNamed("lora");
        asked.rank = 2;
        asked.alpha = 2;
        asked.learningRate = 1e-2;
        asked.warmupRatio = 0.0;
        asked.steps = 6;
        asked.dtype = BaseDType::Float32;
        asked.promptTemplate = PromptTemplate::Plain;
        asked.evalTask = "choice";
        asked.evalTaskData = (m_scratch / "rows.jsonl").string();
        asked.evalTaskEvery = 2;
        return asked;
    }

    TrainRequest requestOf(const std::string& name, const RunSpec& asked) const
    {
        TrainRequest request;
        request.spec = asked;
        request.runDirectory = m_scratch / name;
        return request;
    }

    RunSummary trained(const std::string& name, const RunSpec& asked) const
    {
        StopsAt observer;
        return train(requestOf(name, asked), observer, JobContext()).front();
    }

    test::Scratch m_scratch;
};

QTEST_GUILESS_MAIN(TestEvalTask)
#include "tst_eval_task.moc"

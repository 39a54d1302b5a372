// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep says: scores, tables, figures, and the sentences of core/stats over them.
#include "core/file/output_marker.h"
#include "core/run/run_log.h"
#include "core/sweep/sweep_results.h"
#include "core/sweep/sweep_series.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QtTest/QtTest>

#include <cmath>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using tests::scripted;
using tests::sweepOf;
namespace fs = std::filesystem;

namespace {

SweepStore trained(const fs::path& folder, const std::string& base, const std::string& more)
{
    const SweepStore store = openSweep(
        folder,
        sweepOf("{'base': {'model': 'm', 'data': 'd.jsonl', 'steps': 6, 'dtype': 'float32', "
                "'device': 'cpu'"
                + base + "}, " + more + "}"),
        {});
    SweepObserver silent;
    workOn(store, scripted(), silent, JobContext());
    return store;
}

const SweepRow& rowOf(const SweepResults& results, const std::string& name)
{
    return *std::find_if(results.rows.begin(), results.rows.end(),
                         [&](const SweepRow& row) { return row.name == name; });
}

} // namespace

class TestSweepResults : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rows_haveTheirFigures()
    {
        const test::Scratch scratch;
        const SweepResults results = resultsOf(trained(scratch / "s", ", 'eval_ratio': 0.2",
                                                       "'axes': {'learning_rate': [1e-3, 1e-4]}"));
        const SweepRow& row = rowOf(results, "lr0.001");
        QVERIFY(results.scoreKind == ScoreKind::HeldOutLoss);
        QCOMPARE(row.step, std::int64_t {6});
        QCOMPARE(row.steps, std::int64_t {6});
        QCOMPARE(row.trainLoss,
                 tests::scriptedLoss(RunSpec(), 6) - std::abs(std::log10(2e-5) + 3.0));
        QCOMPARE(row.score.choosing, row.trainLoss + 0.4);
        QCOMPARE(row.score.reported, row.trainLoss + 0.6);
        QCOMPARE(row.score.step, std::int64_t {6});
        QCOMPARE(row.seconds, 3.0);
        QCOMPARE(row.trainableParameters, std::int64_t {1600});
    }

    void theStep_isChosenByTheOneHalf_andReportedByTheOther()
    {
        const test::Scratch scratch;
        const SweepStore store =
            trained(scratch / "s", ", 'eval_ratio': 0.2", "'axes': {'rank': [4]}");
        const fs::path metrics = store.runFolder("rank4") / kMetricsFile;
        fs::remove(metrics);
        RunLog log(store.runFolder("rank4"), 0);
        const double choosing[] = {3.0, 1.0, 1.0, 2.0};
        const double reported[] = {1.0, 7.0, 5.0, 6.0};
        for (int i = 0; i < 4; ++i) {
            StepRecord record;
            record.step = i + 1;
            record.loss = 1.0;
            record.evalLoss = 2.0;
            record.evalChoosing = choosing[i];
            record.evalReported = reported[i];
            log.add(record);
        }
        const SweepResults results = resultsOf(store);
        QCOMPARE(results.rows[0].score.step, std::int64_t {2}); // of equals the first
        QCOMPARE(results.rows[0].score.reported, 7.0);
    }

    void theAblation_isAtEachMethodsBestRate()
    {
        const test::Scratch scratch;
        const SweepResults results = resultsOf(trained(
            scratch / "s", ", 'eval_ratio': 0.2",
            "'axes': {'method': ['pissa', 'lora'], 'rank': [8, 4], 'learning_rate': [1e-4, 1e-3], "
            "'seed': [0, 1]}"));
        QCOMPARE(results.rows.size(), std::size_t {16});
        QCOMPARE(results.ablations.size(), std::size_t {1});
        QCOMPARE(results.ablations[0].first, std::string("rank"));
        const std::vector<Series>& lines = results.ablations[0].second;
        QCOMPARE(lines.size(), std::size_t {2});
        QCOMPARE(lines[0].method, std::string("PiSSA"));
        QCOMPARE(lines[0].points.size(), std::size_t {2});
        QCOMPARE(lines[0].points[0].value, std::string("4")); // ascending, whatever the axis says
        QCOMPARE(lines[0].points[0].rate, 1e-3);
        QCOMPARE(lines[0].points[0].score.count, std::int64_t {2});
        QCOMPARE(lines[0].points[0].parameters, std::int64_t {400});
        QVERIFY(lines[0].points[0].score.mean > lines[0].points[1].score.mean);
        QCOMPARE(results.rateSensitivity.size(), std::size_t {4});
        QCOMPARE(results.rateSensitivity[0].setting, std::string("rank 8"));
        QCOMPARE(results.rateSensitivity[0].points.size(), std::size_t {2});
        QCOMPARE(results.rateSensitivity[0].points[0].number, 1e-4);
        QCOMPARE(results.conclusions.size(), std::size_t {2}); // a setting each
        QVERIFY(results.conclusions[0].atBestRates);
        QCOMPARE(results.conclusions[0].atSameRates.size(), std::size_t {2});
        // scripted: both methods have the very same losses
        QVERIFY(results.conclusions[0].outcome == Outcome::NoDifference);
        QVERIFY(!results.conclusions[0].atBestRates->claim.pickedAfterwards);
    }

    // Rates and seeds alone: there is a figure of it all the same, a point a method.
    void whereNoSettingVaries_aPointIsAMethod()
    {
        const test::Scratch scratch;
        const SweepResults results = resultsOf(
            trained(scratch / "s", ", 'eval_ratio': 0.2",
                    "'axes': {'method': ['pissa', 'lora'], 'learning_rate': [1e-4, 1e-3], "
                    "'seed': [0, 1]}"));
        QCOMPARE(results.ablations.size(), std::size_t {1});
        QCOMPARE(results.ablations[0].first, std::string(kMethodKey));
        const std::vector<Series>& lines = results.ablations[0].second;
        QCOMPARE(lines.size(), std::size_t {2});
        QCOMPARE(lines[1].method, std::string("LoRA"));
        QCOMPARE(lines[1].points.size(), std::size_t {1});
        QCOMPARE(lines[1].points[0].value, std::string("lora"));
        QCOMPARE(lines[1].points[0].rate, 1e-3);
        QCOMPARE(lines[1].points[0].score.count, std::int64_t {2});
        const std::vector<Series> atOneRate = seriesAtRate(results, kMethodKey, 1e-4);
        QCOMPARE(atOneRate.size(), std::size_t {2});
        QCOMPARE(atOneRate[0].points.size(), std::size_t {1});
        QCOMPARE(rowsBehind(results, atOneRate[0], kMethodKey, atOneRate[0].points[0]).size(),
                 std::size_t {4}); // of both rates
    }

    void withoutHeldOutRows_claimsAreMarked_andThatIsSaid()
    {
        const test::Scratch scratch;
        const SweepResults results = resultsOf(
            trained(scratch / "s", "", "'axes': {'method': ['pissa', 'lora'], 'seed': [0, 1]}"));
        QVERIFY(results.scoreKind == ScoreKind::TrainLoss);
        QVERIFY(results.conclusions[0].atBestRates->claim.pickedAfterwards);
        QVERIFY(results.notes.back().text().find("Nothing is held out") != std::string::npos);
    }

    void whatWasEndedOrFailed_hasNoScore_andIsSaid()
    {
        const test::Scratch scratch;
        const SweepResults results =
            resultsOf(trained(scratch / "s", ", 'eval_ratio': 0.2",
                              "'axes': {'learning_rate': [1e-5, 1e-4, 1e-3, 1.0]}, "
                              "'stop': {'rule': 'halving', 'first': 2, 'keep_one_of': 2}"));
        QVERIFY(std::isnan(rowOf(results, "lr1e-5").score.reported));
        QVERIFY(std::isfinite(rowOf(results, "lr0.001").score.reported));
        QCOMPARE(results.rateSensitivity[0].points.size(),
                 std::size_t {1}); // the one that came to its end
        QVERIFY(results.notes.front().text().find("of 4 runs were ended early")
                != std::string::npos);
    }

    // T means nothing to LoRA, and yet it is QPiSSA's opponent at each.
    void aMethodWithoutASetting_isComparedUnderEachOfThem()
    {
        const test::Scratch scratch;
        const SweepResults results = resultsOf(
            trained(scratch / "s", ", 'eval_ratio': 0.2",
                    "'axes': {'method': ['qpissa', 'lora'], 'rank': [4], 'iters': [1, 2]}"));
        QCOMPARE(results.rows.size(), std::size_t {3});
        QCOMPARE(results.conclusions.size(), std::size_t {2});
        QCOMPARE(results.conclusions[0].setting, std::string("rank 4, iters 1"));
        QCOMPARE(results.conclusions[1].setting, std::string("rank 4, iters 2"));
        QVERIFY(results.conclusions[0].atBestRates && results.conclusions[1].atBestRates);
    }

    void anotherMeasure_mayBeGiven()
    {
        const test::Scratch scratch;
        const SweepStore store =
            trained(scratch / "s", "", "'axes': {'method': ['pissa', 'lora'], 'rank': [4]}");
        ResultOptions options;
        options.lowerIsBetter = false;
        options.scoreOf = [](const PlannedRun& run) -> std::optional<RunScore> {
            const bool isFirst = run.spec.method == methodNamed("pissa");
            return RunScore {0.5, isFirst ? 1.0 : 0.0, 6, std::vector<bool>(20, isFirst)};
        };
        const SweepResults results = resultsOf(store, options);
        QVERIFY(results.scoreKind == ScoreKind::Given);
        QVERIFY(results.conclusions[0].outcome == Outcome::FirstAhead); // 20 questions to none
        QCOMPARE(results.conclusions[0].atBestRates->claim.questions, std::int64_t {20});
    }

    void asJsonAndTable()
    {
        const test::Scratch scratch;
        const SweepResults results =
            resultsOf(trained(scratch / "s", ", 'eval_ratio': 0.2",
                              "'axes': {'method': ['pissa', 'lora'], 'iters': [1, 2], "
                              "'learning_rate': [1e-3, 1.0]}"));
        const nlohmann::json json = nlohmann::json::parse(resultsToJson(results).dump());
        QCOMPARE(json["runs"].size(), results.rows.size());
        QCOMPARE(json["runs"][0]["method"].get<std::string>(), std::string("pissa"));
        QVERIFY(json["runs"][1]["score"].is_null()); // failed
        QVERIFY(json["conclusions"][0]["sentences"].size() > 0);
        const std::string csv = resultsToCsv(results);
        const QStringList lines = QString::fromStdString(csv).split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), static_cast<qsizetype>(results.rows.size()) + 1);
        QCOMPARE(lines[0].count(','), lines[1].count(','));
        test::writeBytes(scratch / "t.csv", csv);
        QVERIFY(isOurFile(scratch / "t.csv"));
    }
};

QTEST_GUILESS_MAIN(TestSweepResults)
#include "tst_sweep_results.moc"

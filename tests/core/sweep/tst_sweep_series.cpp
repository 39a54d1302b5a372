// SPDX-License-Identifier: GPL-3.0-or-later
// Lines through what a sweep found, and the rates that ramps give each method.
#include "core/sweep/sweep_rates.h"
#include "core/sweep/sweep_series.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QtTest/QtTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::core;
using tests::scripted;
using tests::sweepOf;

namespace {

SweepStore begun(const std::filesystem::path& folder, const std::string& axes)
{
    return openSweep(folder,
                     sweepOf("{'base': {'model': 'm', 'data': 'd.jsonl', 'steps': 6, 'dtype': "
                             "'float32', 'device': 'cpu', 'eval_ratio': 0.2}, 'axes': "
                             + axes + "}"),
                     {});
}

} // namespace

class TestSweepSeries : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void atOneRate_everyMethodHasALine()
    {
        const test::Scratch scratch;
        const SweepStore store = begun(scratch / "s",
                                       "{'method': ['pissa', 'lora'], 'rank': [16, 8], "
                                       "'learning_rate': [1e-4, 1e-3], 'seed': [0, 1]}");
        SweepObserver silent;
        workOn(store, scripted(), silent, JobContext());
        const SweepResults results = resultsOf(store);
        QCOMPARE(ratesOf(results), (std::vector<double> {1e-4, 1e-3}));
        const std::vector<Series> lines = seriesAtRate(results, "rank", 1e-4);
        QCOMPARE(lines.size(), std::size_t {2});
        QCOMPARE(lines[0].method, std::string("PiSSA"));
        QCOMPARE(lines[0].points.size(), std::size_t {2});
        QCOMPARE(lines[0].points[0].value, std::string("8")); // ascending
        QCOMPARE(lines[0].points[0].score.count, std::int64_t {2});
        QCOMPARE(lines[0].points[0].rate, 1e-4);
        // at their best rate both are better
        QVERIFY(results.ablations[0].second[0].points[0].score.mean
                < lines[0].points[0].score.mean);
        const auto behind = rowsBehind(results, lines[0], "rank", lines[0].points[0]);
        QCOMPARE(behind.size(), std::size_t {4}); // two rates, two seeds
        const auto ofRate = rowsBehind(results, results.rateSensitivity[0], "learning_rate",
                                       results.rateSensitivity[0].points[1]);
        QCOMPARE(ofRate.size(), std::size_t {2});
        QCOMPARE(ofRate[0]->learningRate, 1e-3);
        QVERIFY(seriesAtRate(results, "rank", 5e-5).empty());
        QVERIFY(seriesAtRate(results, "iters", 1e-4).empty());
    }

    void whatIsToCome_hasNoPoint()
    {
        const test::Scratch scratch;
        const SweepStore store =
            begun(scratch / "s", "{'rank': [8, 16], 'learning_rate': [1e-4, 1e-3]}");
        const SweepResults results = resultsOf(store);
        QVERIFY(seriesAtRate(results, "rank", 1e-4).empty());
        QVERIFY(std::all_of(results.rows.begin(), results.rows.end(), isToCome));
    }

    void ramps_giveEachMethodRatesOfItsOwn()
    {
        const SweepSpec sweep =
            sweepOf("{'base': {'model': 'm', 'data': 'd'}, 'axes': {'method': ['pissa', 'lora']}, "
                    "'twins': {'lora': {'learning_rate': [0.5], 'rank': [4]}}}");
        RateRamp pissa {methodNamed("pissa"), {}, {}};
        pissa.proposal.grid = {1e-4, 3e-4, 1e-3};
        RateRamp lora {methodNamed("lora"), {}, {}};
        lora.proposal.grid = {1e-3, 3e-3, 1e-2};
        const SweepSpec found = withRates(sweep, {pissa, lora});
        QCOMPARE(found.twins.size(), std::size_t {2});
        QCOMPARE(planSweep(found).runs.size(), std::size_t {6});
        QCOMPARE(found.twins[0].own.size(), std::size_t {2}); // LoRA's rank stays
        lora.proposal.grid.clear(); // it proposes none
        QCOMPARE(planSweep(withRates(sweep, {pissa, lora})).runs.size(), std::size_t {4});
        QVERIFY(rampsOf(SweepPlan(), JobContext()).empty());
    }
};

QTEST_GUILESS_MAIN(TestSweepSeries)
#include "tst_sweep_series.moc"

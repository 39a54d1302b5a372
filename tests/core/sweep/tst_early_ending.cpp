// SPDX-License-Identifier: GPL-3.0-or-later
// The rules that end runs early, against cases worked by hand.
#include "core/sweep/early_ending.h"

#include <QtTest/QtTest>

#include <cmath>

using namespace pissarro::core;

namespace {

const double kNone = std::nan("");

// Steps from 1 with these losses.
std::vector<StepRecord> losses(const std::vector<double>& values)
{
    std::vector<StepRecord> records;
    for (const double value : values) {
        StepRecord record;
        record.step = static_cast<std::int64_t>(records.size()) + 1;
        record.loss = value;
        records.push_back(record);
    }
    return records;
}

} // namespace

class TestEarlyEnding : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void looks_areEachSoManyTimesTheOneBefore()
    {
        StopRule rule;
        rule.first = 10;
        rule.keepOneOf = 3;
        QCOMPARE(lookStep(rule, 0), std::int64_t {10});
        QCOMPARE(lookStep(rule, 1), std::int64_t {30});
        QCOMPARE(lookStep(rule, 2), std::int64_t {90});
        QCOMPARE(lookStep(rule, 40), std::int64_t {0});
    }

    void aThird_goesOn()
    {
        // nine runs, the lowest three: 0.1 (at 4), 0.2 (at 1), 0.3 (at 7)
        const std::vector<double> nine {0.9, 0.2, 0.8, 0.7, 0.1, 0.6, 0.5, 0.3, 0.4};
        QCOMPARE(survivorsOf(nine, 3), (std::vector<std::size_t> {1, 4, 7}));
        QCOMPARE(survivorsOf(std::vector<double> {0.2, 0.1, 0.3}, 3), std::vector<std::size_t> {1});
        // ten: floor(10 / 3); two: at least one; five by halves: floor(5 / 2)
        QCOMPARE(survivorsOf(std::vector<double>(10, 1.0), 3).size(), std::size_t {3});
        QCOMPARE(survivorsOf(std::vector<double> {2.0, 1.0}, 3), std::vector<std::size_t> {1});
        QCOMPARE(survivorsOf(std::vector<double> {5, 4, 3, 2, 1}, 2),
                 (std::vector<std::size_t> {3, 4}));
    }

    void ofEquals_theEarlierGoesOn_andNaNIsTheWorst()
    {
        QCOMPARE(survivorsOf(std::vector<double> {1, 1, 1, 1}, 2),
                 (std::vector<std::size_t> {0, 1}));
        QCOMPARE(survivorsOf(std::vector<double> {kNone, 9, kNone, 8}, 2),
                 (std::vector<std::size_t> {1, 3}));
        QCOMPARE(survivorsOf(std::vector<double> {kNone, kNone}, 2), std::vector<std::size_t> {0});
    }

    void aRunsFigure_isTheMeanOfItsLastQuarter()
    {
        const auto records = losses({8, 7, 6, 5, 4, 3, 2, 1});
        QCOMPARE(figureAt(records, 8, StopMetric::Loss), 1.5); // steps 7 and 8
        QCOMPARE(figureAt(records, 4, StopMetric::Loss), 5.0); // step 4; later ones are not known
        QCOMPARE(figureAt(records, 1, StopMetric::Loss), 8.0);
        QVERIFY(std::isnan(figureAt({}, 4, StopMetric::Loss)));
        auto evaluated = records;
        evaluated[2].evalLoss = 6.5;
        evaluated[5].evalLoss = 3.5;
        QCOMPARE(figureAt(evaluated, 8, StopMetric::EvalLoss), 3.5);
        QCOMPARE(figureAt(evaluated, 5, StopMetric::EvalLoss), 6.5);
        QVERIFY(std::isnan(figureAt(evaluated, 2, StopMetric::EvalLoss)));
    }

    void theMedianRule_looksAtMeansOfOthers_andTheBestOfItsOwn()
    {
        // means up to step 4: (4+3+2+1)/4 = 2.5; 3; 5: the median is 3
        const std::vector<std::vector<StepRecord>> peers {
            losses({4, 3, 2, 1, 0, 0}), losses({3, 3, 3, 3}), losses({8, 6, 4, 2})};
        const auto good = medianLook(losses({9, 9, 2.9, 9}), peers, 4, StopMetric::Loss);
        QVERIFY(good);
        QCOMPARE(good->median, 3.0);
        QCOMPARE(good->best, 2.9);
        QCOMPARE(good->peers, std::size_t {3});
        QVERIFY(!good->isHopeless());
        QVERIFY(medianLook(losses({9, 9, 3.1, 9}), peers, 4, StopMetric::Loss)->isHopeless());
        // equal is not worse
        QVERIFY(!medianLook(losses({3}), peers, 4, StopMetric::Loss)->isHopeless());
        // four peers: the mean of the two in the middle, 2.5 and 3
        auto four = peers;
        four.push_back(losses({1}));
        QCOMPARE(medianLook(losses({3}), four, 4, StopMetric::Loss)->median, 2.75);
    }

    void withFewPeers_nobodyIsGivenUp()
    {
        const std::vector<std::vector<StepRecord>> two {losses({1}), losses({1})};
        QVERIFY(!medianLook(losses({99}), two, 1, StopMetric::Loss));
        const std::vector<std::vector<StepRecord>> unevaluated(5, losses({1}));
        QVERIFY(!medianLook(losses({99}), unevaluated, 1, StopMetric::EvalLoss));
    }
};

QTEST_GUILESS_MAIN(TestEarlyEnding)
#include "tst_early_ending.moc"

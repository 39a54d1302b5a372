// SPDX-License-Identifier: GPL-3.0-or-later
// A run's metrics over steps, tokens, epochs, time and operations: by hand, and against each place looked for alone.
#include "core/history/history_curve.h"

#include <QTest>

#include <cmath>
#include <random>

using namespace pissarro;
using namespace pissarro::core;

namespace {

const double kNaN = std::nan("");

History historyOf(MetricSeries loss, std::string_view axis = {}, MetricSeries places = {})
{
    History history;
    history.step = loss.steps.back();
    history.metrics.emplace(metric::kLoss, std::move(loss));
    if (!axis.empty()) {
        history.metrics.emplace(axis, std::move(places));
    }
    return history;
}

std::vector<double> xOf(const HistoryCurve& curve)
{
    std::vector<double> xs;
    for (const CurvePoint& point : curve.points) {
        xs.push_back(point.x);
    }
    return xs;
}

using Xs = std::vector<double>;
using Steps = std::vector<std::int64_t>;

} // namespace

class TestHistoryCurve : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void overSteps_everyPointIsThere()
    {
        const History run = historyOf({{0, 5, 7}, {3.0, kNaN, 1.0}});
        const HistoryCurve curve = curveOf(run, metric::kLoss, HistoryAxis::Step);
        QCOMPARE(xOf(curve), (Xs {0, 5, 7}));
        QCOMPARE(curve.steps, (Steps {0, 5, 7}));
        QVERIFY(curve.points[0].y == 3.0 && std::isnan(curve.points[1].y)
                && curve.points[2].y == 1.0);
        QVERIFY(curveOf(run, metric::kEvalLoss, HistoryAxis::Step).points.empty());
        QVERIFY(curveOf(run, metric::kLoss, HistoryAxis::Tokens).points.empty()); // not told
    }

    void betweenTellings_aStepStandsOnTheLine()
    {
        const History run = historyOf({{0, 1, 10, 15, 20, 21}, {6, 5, 4, 3, 2, 1}}, metric::kTokens,
                                      {{10, 20}, {1000, 3000}});
        const HistoryCurve curve = curveOf(run, metric::kLoss, HistoryAxis::Tokens);
        QCOMPARE(xOf(curve), (Xs {0, 100, 1000, 2000, 3000})); // of 21 no tokens were told
        QCOMPARE(curve.steps, (Steps {0, 1, 10, 15, 20}));
        QCOMPARE(curve.points.back().y, 2.0);
    }

    // Two digits of an epoch are the same for several steps: none of them is lost, and they stay in their order.
    void roundedEpochs_loseNoPoint()
    {
        MetricSeries loss;
        MetricSeries epoch;
        for (std::int64_t step = 1; step <= 1000; ++step) {
            loss.steps.push_back(step);
            loss.values.push_back(static_cast<double>(step));
            epoch.steps.push_back(step);
            epoch.values.push_back(std::round(static_cast<double>(step) / 3.7) / 100.0);
        }
        const HistoryCurve curve =
            curveOf(historyOf(loss, metric::kEpoch, epoch), metric::kLoss, HistoryAxis::Epoch);
        QCOMPARE(curve.points.size(), std::size_t {1000});
        for (std::size_t i = 0; i < 1000; ++i) {
            QVERIFY(i == 0 || curve.points[i - 1].x < curve.points[i].x);
            QVERIFY(std::abs(curve.points[i].x - static_cast<double>(i + 1) / 370.0) < 0.011);
            QCOMPARE(curve.points[i].y, static_cast<double>(i + 1));
        }
    }

    void aClockThatStartsAgain_goesOn()
    {
        const History run = historyOf({{1, 2, 3, 4}, {4, 3, 2, 1}}, metric::kElapsed,
                                      {{1, 2, 3, 4}, {10, 20, 5, 30}}); // 5 is another session's
        QCOMPARE(xOf(curveOf(run, metric::kLoss, HistoryAxis::Time)), (Xs {10, 20, 25, 30}));
    }

    void operations_areByTokens_orByTheTotal()
    {
        History run = historyOf({{5, 10}, {2, 1}}, metric::kTokens, {{5, 10}, {100, 300}});
        QVERIFY(curveOf(run, metric::kLoss, HistoryAxis::Flops).points.empty()); // nobody tells
        QCOMPARE(xOf(curveOf(run, metric::kLoss, HistoryAxis::Flops, 6.0)), (Xs {600, 1800}));
        run.figures.emplace("total_flos", 3e6);
        QCOMPARE(xOf(curveOf(run, metric::kLoss, HistoryAxis::Flops)), (Xs {1e6, 3e6}));
        History steps = historyOf({{5, 10}, {2, 1}});
        steps.figures.emplace("total_flos", 3e6);
        QCOMPARE(xOf(curveOf(steps, metric::kLoss, HistoryAxis::Flops)), (Xs {1.5e6, 3e6}));
    }

    // Each place alone, by looking through all that was told.
    void anyRun_standsWhereEachOfItsStepsDoes()
    {
        std::mt19937 random(3);
        for (int round = 0; round < 50; ++round) {
            MetricSeries loss;
            MetricSeries tokens;
            double told = 0.0;
            for (std::int64_t step = 1; step <= 200; ++step) {
                told += static_cast<double>(1 + random() % 100);
                if (random() % 3 == 0) {
                    tokens.steps.push_back(step);
                    tokens.values.push_back(told);
                }
                if (random() % 2 == 0) {
                    loss.steps.push_back(step);
                    loss.values.push_back(told);
                }
            }
            const auto curve = curveOf(historyOf(loss, metric::kTokens, tokens), metric::kLoss,
                                       HistoryAxis::Tokens);
            std::size_t at = 0;
            for (std::size_t i = 0; i < loss.steps.size(); ++i) {
                if (loss.steps[i] > tokens.steps.back()) {
                    continue;
                }
                QCOMPARE(curve.steps[at], loss.steps[i]);
                QVERIFY(std::abs(curve.points[at].x - placeOf(tokens, loss.steps[i])) < 1e-6);
                ++at;
            }
            QCOMPARE(at, curve.points.size());
        }
    }

private:
    static double placeOf(const MetricSeries& axis, std::int64_t step)
    {
        std::int64_t left = 0;
        double leftPlace = 0.0;
        for (std::size_t i = 0; i < axis.steps.size(); ++i) {
            if (axis.steps[i] >= step) {
                return leftPlace
                    + (axis.values[i] - leftPlace) * static_cast<double>(step - left)
                    / static_cast<double>(axis.steps[i] - left);
            }
            left = axis.steps[i];
            leftPlace = axis.values[i];
        }
        return kNaN;
    }
};

QTEST_GUILESS_MAIN(TestHistoryCurve)
#include "tst_history_curve.moc"

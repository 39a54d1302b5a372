// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that grow in a plot: what is drawn against the steps, after many settings of the same curves.
#include "tests/ui/warning_trap.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"
#include "ui/views/run_curves.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

core::StepRecord stepOf(std::int64_t step, std::mt19937& random)
{
    std::normal_distribution<double> noise(2.0, 0.1);
    core::StepRecord record;
    record.step = step;
    record.loss = random() % 997 == 0 ? 50.0 : std::abs(noise(random));
    record.gradNorm = random() % 50 == 0 ? std::numeric_limits<double>::quiet_NaN() : noise(random);
    record.tokens = 64 * step;
    record.elapsedS = 0.01 * static_cast<double>(step);
    record.evalLoss = step % 100 == 0 ? record.loss + 0.5 : core::StepRecord::kNotEvaluated;
    return record;
}

RunCurve curveOf(const char* label, const RunSeries& series)
{
    RunCurve curve;
    curve.label = QLatin1String(label);
    curve.color = Qt::red;
    curve.records = series;
    return curve;
}

void set(LinePlot& plot, const QVector<RunCurve>& curves, double smoothing)
{
    plot.setSeries(seriesOf(curves, CurveAxis::Step, CurveValue::Loss, smoothing, false));
}

double highestOf(const QCPGraph& graph)
{
    double highest = 0.0;
    for (auto at = graph.data()->constBegin(); at != graph.data()->constEnd(); ++at) {
        highest = std::isnan(at->value) ? highest : std::max(highest, at->value);
    }
    return highest;
}

} // namespace

class TestRunCurves : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    // use.md 49: labels that began alike and were cut where they differ.
    void runsOfOneTitle_areNamedByWhatDiffers()
    {
        QVector<core::RunSummary> runs(3);
        for (int i = 0; i < 3; ++i) {
            runs[i].directory = "/runs/2026-11-28-pissa-r16-" + std::to_string(i);
            runs[i].spec.method = core::methodNamed("pissa");
            runs[i].spec.data = "/a/long/path/that/tells/nobody/anything/" + std::to_string(i);
        }
        QVector<RunCurve> curves = curvesOf(runs, {});
        QCOMPARE(curves[2].label, QStringLiteral("2026-11-28-pissa-r16-2"));
        runs[2].directory = "/runs/two\nlines"; // a label is one
        QCOMPARE(curvesOf(runs, {})[2].label, QStringLiteral("two\u240Alines"));
        runs[2].directory = "/runs/2026-11-28-pissa-r16-2";
        runs[0].spec.seed = 7;
        runs[1].spec.seed = 7; // not in each of them
        runs[2].spec.seed = 9;
        curves = curvesOf(runs, {});
        QCOMPARE(curves[0].label, QStringLiteral("2026-11-28-pissa-r16-0"));
        runs[1].spec.seed = 8;
        curves = curvesOf(runs, {});
        QCOMPARE(curves[0].label, QStringLiteral("PiSSA r16, seed 7"));
        QCOMPARE(curves[2].label, QStringLiteral("PiSSA r16, seed 9"));
        runs[2].spec.method = core::methodNamed("lora"); // alone of its title
        QCOMPARE(curvesOf(runs, {})[2].label, QStringLiteral("LoRA r16"));
    }

    void aShortRun_isDrawnWhole_asItGrows()
    {
        std::mt19937 random(1);
        RunSeries series;
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
        plot.resize(600, 300);
        for (std::int64_t step = 1; step <= 300; ++step) {
            series.append(stepOf(step, random));
            set(plot, {curveOf("PiSSA", series)}, 0.0);
        }
        const auto drawn = plot.plot()->graph(0)->data();
        QCOMPARE(drawn->size(), 300);
        for (int i = 0; i < 300; ++i) {
            QCOMPARE(drawn->at(i)->key, static_cast<double>(series.step(i)));
            QCOMPARE(drawn->at(i)->value, series.loss(i));
        }
        const auto held = plot.plot()->graph(1)->data(); // the evaluations
        QCOMPARE(held->size(), 3);
        QCOMPARE(held->at(2)->key, 300.0);
        QCOMPARE(held->at(2)->value, series.evaluations().back().second);
        QCOMPARE(plot.pointCount(), 303);
    }

    void theSmoothedCurve_isThatOfAllSteps()
    {
        std::mt19937 random(2);
        RunSeries series;
        std::vector<double> losses;
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
        for (std::int64_t step = 1; step <= 300; ++step) {
            series.append(stepOf(step, random));
            losses.push_back(series.last().loss);
            set(plot, {curveOf("PiSSA", series)}, kSmoothing);
        }
        const std::vector<double> expected = core::smoothed(losses, kSmoothing);
        const auto drawn = plot.plot()->graph(1)->data();
        QCOMPARE(drawn->size(), 300);
        for (int i = 0; i < 300; ++i) {
            QCOMPARE(drawn->at(i)->value, expected[static_cast<std::size_t>(i)]);
        }
    }

    void aLongRun_isDrawnByItsPeaks_wholeAndZoomed()
    {
        constexpr std::int64_t kSteps = 50'000;
        std::mt19937 random(3);
        RunSeries series;
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
        plot.resize(600, 300);
        for (std::int64_t step = 1; step <= kSteps; ++step) {
            series.append(stepOf(step, random));
            if (step % 777 == 0 || step == kSteps) {
                set(plot, {curveOf("PiSSA", series)}, 0.0);
            }
        }
        const QCPGraph* graph = plot.plot()->graph(0);
        QVERIFY(graph->data()->size() < 2500);
        QCOMPARE(highestOf(*graph), 50.0);
        QCOMPARE(graph->data()->constBegin()->key, 1.0);
        QCOMPARE((graph->data()->constEnd() - 1)->key, static_cast<double>(kSteps));
        QVERIFY(plot.plot()->yAxis->range().upper >= 50.0); // the view by all points

        plot.setXView(20'000.0, 20'100.0);
        plot.plot()->replot();
        std::vector<double> seen;
        for (auto at = graph->data()->constBegin(); at != graph->data()->constEnd(); ++at) {
            if (at->key >= 20'000.0 && at->key <= 20'100.0) {
                QCOMPARE(at->value, series.loss(static_cast<qsizetype>(at->key) - 1));
                seen.push_back(at->key);
            }
        }
        QCOMPARE(seen.size(), std::size_t {101}); // every step, once there is room
        QVERIFY(graph->data()->size() < 110);
    }

    void stepsToldAgain_areDrawnAgain()
    {
        std::mt19937 random(4);
        RunSeries series;
        for (std::int64_t step = 1; step <= 50; ++step) {
            series.append(stepOf(step, random));
        }
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
        set(plot, {curveOf("PiSSA", series)}, 0.0);
        core::StepRecord again = stepOf(20, random);
        again.loss = 77.0;
        series.append(again); // resumed from 19
        set(plot, {curveOf("PiSSA", series)}, 0.0);
        const auto drawn = plot.plot()->graph(0)->data();
        QCOMPARE(drawn->size(), 20);
        QCOMPARE(drawn->at(19)->value, 77.0);
    }

    void curvesThatChangePlaces_keepTheirPoints()
    {
        std::mt19937 random(5);
        RunSeries one;
        RunSeries other;
        for (std::int64_t step = 1; step <= 9; ++step) {
            one.append(stepOf(step, random));
            other.append(stepOf(step, random));
        }
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
        set(plot, {curveOf("a", one), curveOf("b", other)}, 0.0);
        set(plot, {curveOf("b", other), curveOf("a", one)}, 0.0);
        QCOMPARE(plot.plot()->graph(0)->data()->at(8)->value, other.loss(8));
        QCOMPARE(plot.plot()->graph(1)->data()->at(8)->value, one.loss(8));
        set(plot, {curveOf("a", one), curveOf("again", one)}, 0.0); // the same run twice
        QCOMPARE(plot.plot()->graph(0)->data()->at(8)->value, one.loss(8));
        QCOMPARE(plot.plot()->graph(1)->data()->at(8)->value, one.loss(8));
        set(plot, {curveOf("b", other)}, 0.0);
        QCOMPARE(plot.plot()->graphCount(), 1);
        QCOMPARE(plot.plot()->graph(0)->data()->at(8)->value, other.loss(8));
    }

    void gaps_andTheTableOfAllPoints_stay()
    {
        std::mt19937 random(6);
        RunSeries series;
        for (std::int64_t step = 1; step <= 5000; ++step) {
            series.append(stepOf(step, random));
        }
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Norm"));
        plot.setLogY(true);
        plot.setSeries(
            seriesOf({curveOf("a", series)}, CurveAxis::Step, CurveValue::GradNorm, 0.0, false));
        int finite = 0;
        for (qsizetype i = 0; i < series.size(); ++i) {
            finite += std::isfinite(series.gradNorm(i)) && series.gradNorm(i) > 0 ? 1 : 0;
        }
        QCOMPARE(plot.pointCount(), finite);
        QCOMPARE(plot.csv().count(QLatin1Char('\n')), 5001); // a line a step, whatever is drawn
    }
};

QTEST_MAIN(TestRunCurves)
#include "tst_run_curves.moc"

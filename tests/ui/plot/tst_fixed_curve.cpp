// SPDX-License-Identifier: GPL-3.0-or-later
// Curves that were looked at on a worker, crowds of them, and the names behind their ends.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/plot/fixed_curve.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/plot_layers_p.h"
#include "ui/plot/qcustomplot.h"

#include <QApplication>
#include <QMouseEvent>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

using namespace pissarro::ui;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<QPointF> anyPoints(int count, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> noise(2.0, 0.3);
    std::vector<QPointF> points;
    for (int i = 0; i < count; ++i) {
        const double y = random() % 97 == 0 ? kNaN : random() % 991 == 0 ? 40.0 : noise(random);
        points.emplace_back(i + 1.0, y);
    }
    return points;
}

PlotSeries seriesOf(const std::shared_ptr<const PlotSource>& source, const char* label)
{
    PlotSeries series;
    series.label = QLatin1String(label);
    series.color = Qt::blue;
    series.source = source;
    return series;
}

double highestOf(const QCPGraph& graph)
{
    double highest = -1.0;
    for (auto at = graph.data()->constBegin(); at != graph.data()->constEnd(); ++at) {
        highest = std::isnan(at->value) ? highest : std::max(highest, at->value);
    }
    return highest;
}

// The sum of squares that spreadLabels() makes least.
double costOf(const QVector<double>& wanted, const QVector<double>& places)
{
    double cost = 0.0;
    for (qsizetype i = 0; i < wanted.size(); ++i) {
        cost += (wanted[i] - places[i]) * (wanted[i] - places[i]);
    }
    return cost;
}

} // namespace

class TestFixedCurve : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { pissarro::tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(pissarro::tests::WarningTrap::take(), QStringList()); }

    void madeElsewhere_itIsDrawnAsAnyOther()
    {
        const auto points = anyPoints(50'000, 1);
        std::shared_ptr<const PlotSource> fixed;
        std::thread worker([&] { fixed = std::make_shared<FixedCurve>(points, false, true); });
        worker.join();
        QVERIFY(fixed->shape(false, true) != nullptr && fixed->shape(true, true) == nullptr);
        PlotSeries plain = seriesOf(nullptr, "plain");
        for (const QPointF& point : points) {
            plain.x.append(point.x());
            plain.y.append(point.y());
        }
        LinePlot one(QStringLiteral("one"), QStringLiteral("One"));
        LinePlot other(QStringLiteral("other"), QStringLiteral("Other"));
        for (LinePlot* plot : {&one, &other}) {
            plot->resize(700, 300);
            plot->setLogY(true);
            plot->setSeries({plot == &one ? seriesOf(fixed, "fixed") : plain});
        }
        QCOMPARE(one.pointCount(), other.pointCount());
        QCOMPARE(one.plot()->yAxis->range().upper, other.plot()->yAxis->range().upper);
        QCOMPARE(one.plot()->xAxis->range().lower, other.plot()->xAxis->range().lower);
        const QCPGraph* graph = one.plot()->graph(0);
        QVERIFY(graph->data()->size() < 4000);
        QCOMPARE(highestOf(*graph), 40.0);
        QCOMPARE(one.csv().section(QLatin1Char('\n'), 1),
                 other.csv().section(QLatin1Char('\n'), 1));
        one.setLogY(false); // nobody has looked at it for that yet: the plot does
        QCOMPARE(one.pointCount(), other.pointCount());
    }

    void aCrowd_losesNoPeak()
    {
        constexpr int kCurves = 100;
        QVector<PlotSeries> all;
        std::vector<double> highest;
        for (int i = 0; i < kCurves; ++i) {
            auto points = anyPoints(5000, static_cast<unsigned>(i));
            points[static_cast<std::size_t>(37 * i)].setY(100.0 + i);
            highest.push_back(100.0 + i);
            all.append(seriesOf(std::make_shared<FixedCurve>(points, false, false), "run"));
        }
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
        plot.resize(1400, 500);
        plot.setSeries(all);
        qsizetype drawn = 0;
        for (int i = 0; i < kCurves; ++i) {
            drawn += plot.plot()->graph(i)->data()->size();
            QCOMPARE(highestOf(*plot.plot()->graph(i)), highest[static_cast<std::size_t>(i)]);
        }
        QVERIFY(drawn < 110'000);
    }

    void namesBehindTheEnds_haveTheirRoom()
    {
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
        plot.resize(700, 300);
        PlotSeries series =
            seriesOf(std::make_shared<FixedCurve>(anyPoints(50, 1), false, false), "PiSSA r16");
        plot.setSeries({series});
        const int before = plot.plot()->axisRect()->margins().right();
        series.labelAtEnd = true;
        plot.setSeries({series});
        const int after = plot.plot()->axisRect()->margins().right();
        QVERIFY2(after > before + 60, qPrintable(QString::number(after)));
        series.source = std::make_shared<FixedCurve>(anyPoints(500, 2), false, false);
        plot.setSeries({series}); // other values: nothing moves
        QCOMPARE(plot.plot()->axisRect()->margins().right(), after);
        plot.setSeries({});
        QCOMPARE(plot.plot()->axisRect()->margins().right(), before);
    }

    void theAreaBetweenTwoCurves_isTinted_andNoMoreWithoutThem()
    {
        LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
        const auto curve = std::make_shared<FixedCurve>(anyPoints(50, 1), false, false);
        PlotSeries upper = seriesOf(curve, "upper");
        upper.fillTo = 0;
        plot.setSeries({seriesOf(curve, "lower"), upper});
        QCOMPARE(plot.plot()->graph(1)->channelFillGraph(), plot.plot()->graph(0));
        QVERIFY(plot.plot()->graph(1)->brush().style() != Qt::NoBrush);
        plot.plot()->replot();
        plot.setSeries({seriesOf(curve, "lower"), seriesOf(curve, "upper")});
        QVERIFY(plot.plot()->graph(1)->channelFillGraph() == nullptr);
        QVERIFY(plot.plot()->graph(1)->brush().style() == Qt::NoBrush);
    }

    // One curve has a point at each x, one at every tenth: the pointer reads both, where it is told to.
    void thePointer_readsEveryCurve()
    {
        std::vector<QPointF> often;
        std::vector<QPointF> seldom;
        for (int x = 1; x <= 100; ++x) {
            often.emplace_back(x, 1.0);
            if (x % 10 == 1) {
                seldom.emplace_back(x, 2.0);
            }
        }
        PlotSeries other = seriesOf(std::make_shared<FixedCurve>(seldom, false, false), "seldom");
        other.color = Qt::red;
        for (const ReadOut readOut : {ReadOut::Points, ReadOut::All}) {
            LinePlot plot(QStringLiteral("plot"), QStringLiteral("Loss"));
            plot.resize(700, 300);
            plot.setReadOut(readOut);
            plot.setSeries(
                {seriesOf(std::make_shared<FixedCurve>(often, false, false), "often"), other});
            plot.show();
            QVERIFY(QTest::qWaitForWindowExposed(&plot, pissarro::tests::hangMs()));
            QCustomPlot* drawn = plot.plot();
            drawn->replot();
            const QPointF at(drawn->xAxis->coordToPixel(15),
                             drawn->axisRect()->rect().center().y());
            QMouseEvent move(QEvent::MouseMove, at, drawn->mapToGlobal(at), Qt::NoButton,
                             Qt::NoButton, Qt::NoModifier);
            QApplication::sendEvent(drawn, &move);
            const QImage picture = drawn->grab().toImage();
            const QPoint dot(static_cast<int>(drawn->xAxis->coordToPixel(11)), // nearer than 21
                             static_cast<int>(drawn->yAxis->coordToPixel(2.0)) - 2);
            const QColor found = picture.pixelColor(dot * picture.devicePixelRatio());
            QCOMPARE(found == QColor(Qt::red), readOut == ReadOut::All); // above the line
        }
    }

    void labels_standWhereTheyWant_whereThereIsRoom()
    {
        QCOMPARE(spreadLabels({50, 150, 100}, 10, 0, 300), (QVector<double> {50, 150, 100}));
        QCOMPARE(spreadLabels({}, 10, 0, 300), QVector<double> {});
        QCOMPARE(spreadLabels({100, 100}, 10, 0, 300), (QVector<double> {95, 105}));
        QCOMPARE(spreadLabels({0, 300}, 10, 0, 300), (QVector<double> {5, 295}));
        const auto few = spreadLabels({10, 10, 10}, 10, 0, 25); // room for two
        QVERIFY(few[0] == 5 && few[1] == 15 && std::isnan(few[2]));
    }

    // Against every way to move them on a grid.
    void labels_areSpreadAtLeastCost()
    {
        std::mt19937 random(4);
        for (int round = 0; round < 30; ++round) {
            const QVector<double> wanted {static_cast<double>(5 + random() % 31),
                                          static_cast<double>(5 + random() % 31),
                                          static_cast<double>(5 + random() % 31)};
            const QVector<double> places = spreadLabels(wanted, 10, 0, 40);
            QVector<double> sorted = places;
            std::sort(sorted.begin(), sorted.end());
            QVERIFY(sorted[0] >= 5 - 1e-9 && sorted[2] <= 35 + 1e-9);
            QVERIFY(sorted[1] - sorted[0] >= 10 - 1e-9 && sorted[2] - sorted[1] >= 10 - 1e-9);
            double best = 1e9;
            for (double a = 5; a <= 35; a += 1) {
                for (double b = 5; b <= 35; b += 1) {
                    for (double c = 5; c <= 35; c += 1) {
                        const bool apart =
                            std::abs(a - b) >= 10 && std::abs(b - c) >= 10 && std::abs(a - c) >= 10;
                        best = apart ? std::min(best, costOf(wanted, {a, b, c})) : best;
                    }
                }
            }
            QVERIFY(costOf(wanted, places) <= best + 1e-9);
        }
    }
};

QTEST_MAIN(TestFixedCurve)
#include "tst_fixed_curve.moc"

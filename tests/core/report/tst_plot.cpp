// SPDX-License-Identifier: GPL-3.0-or-later
// Plots as lines and words: nothing overlaps, no peak is lost, a gap stays a gap.
#include "core/report/drawing.h"
#include "core/report/plot.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace pissarro::core;

namespace {

const double kNone = std::numeric_limits<double>::quiet_NaN();

template <class Shape>
std::vector<Shape> shapesIn(const Drawing& drawing)
{
    std::vector<Shape> found;
    for (const auto& shape : drawing.shapes) {
        if (const auto* one = std::get_if<Shape>(&shape)) {
            found.push_back(*one);
        }
    }
    return found;
}

// The lines of a series, not those of the grid.
std::vector<Line> curvesIn(const Drawing& drawing)
{
    auto lines = shapesIn<Line>(drawing);
    std::erase_if(lines, [](const Line& one) { return one.paint.ink != Ink::Series; });
    return lines;
}

LinePlot plotOf(std::vector<CurvePoint> points, const std::string& name = "run")
{
    LinePlot plot {{"step"}, {"loss"}};
    plot.curves.push_back({name, seriesPaint(0), std::move(points)});
    return plot;
}

} // namespace

class PlotTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Adobe's metrics of Helvetica, Helvetica-Bold and Symbol.
    void widths_areHelveticas()
    {
        QCOMPARE(textWidth("A", 1000.0), 667.0);
        QCOMPARE(textWidth("A", 1000.0, true), 722.0);
        QCOMPARE(textWidth("il.", 1000.0), 222.0 + 222.0 + 278.0);
        QCOMPARE(textWidth("é", 1000.0), 556.0);
        QCOMPARE(textWidth("–", 1000.0), 556.0);
        QCOMPARE(textWidth("…", 1000.0), 1000.0);
        QCOMPARE(textWidth("σ", 1000.0), 603.0); // of Symbol
        QCOMPARE(textWidth("中", 1000.0), textWidth("n", 1000.0));
        QCOMPARE(textWidth("\xff", 1000.0), textWidth("n", 1000.0));
        QCOMPARE(textWidth("", 1000.0), 0.0);
    }

    void texts_areCutInTheirMiddle()
    {
        const std::string name = "runs/2026-11-29/pissa-r16-seed-3";
        QCOMPARE(fittingText(name, textWidth(name, 11.0), 11.0), name);
        const std::string cut = fittingText(name, 90.0, 11.0);
        QVERIFY(textWidth(cut, 11.0) <= 90.0);
        QVERIFY(cut.find("…") != std::string::npos);
        QVERIFY(cut.starts_with("runs") && cut.ends_with("-3"));
        QCOMPARE(fittingText("中文中文中文", 0.0, 11.0),
                 std::string("…文")); // never nothing, never half a character
    }

    void colors_areOfTheirPurpose()
    {
        QCOMPARE(hexOf(colorOf(seriesPaint(0))), std::string("#0072b2"));
        QCOMPARE(hexOf(colorOf(seriesPaint(0), true)), std::string("#56b4e9"));
        QCOMPARE(hexOf(colorOf(seriesPaint(kSeries))), hexOf(colorOf(seriesPaint(0))));
        QCOMPARE(hexOf(colorOf(heatPaint(0.0))), std::string("#00224e"));
        QCOMPARE(hexOf(colorOf(heatPaint(1.0))), std::string("#fee838"));
        QCOMPARE(hexOf(colorOf(heatPaint(kNone))), std::string("#00224e"));
    }

    void curves_keepTheirPeaks()
    {
        std::vector<CurvePoint> points;
        for (int i = 0; i < 100000; ++i) {
            points.push_back({static_cast<double>(i), i == 54321 ? 9.0 : std::sin(i * 0.01)});
        }
        const Drawing drawing = drawn(plotOf(points), 400.0);
        const auto curves = curvesIn(drawing);
        QCOMPARE(curves.size(), std::size_t {1});
        QVERIFY(curves[0].points.size() < 1000);
        const auto top = std::min_element(curves[0].points.begin(), curves[0].points.end(),
                                          [](const Point& a, const Point& b) { return a.y < b.y; });
        const auto bottom =
            std::max_element(curves[0].points.begin(), curves[0].points.end(),
                             [](const Point& a, const Point& b) { return a.y < b.y; });
        QVERIFY((bottom->y - top->y) / drawing.height > 0.5); // 9 stands far above 1
        QVERIFY(std::is_sorted(curves[0].points.begin(), curves[0].points.end(),
                               [](const Point& a, const Point& b) { return a.x < b.x; }));
    }

    void gaps_stayGaps()
    {
        QCOMPARE(
            curvesIn(drawn(plotOf({{1, 1}, {2, 2}, {3, kNone}, {4, 1}, {5, 2}}), 400.0)).size(),
            std::size_t {2});
        LinePlot plot = plotOf({{1, 1}, {2, 0.0}, {3, 2}, {4, 3}});
        plot.y.isLog = true; // which has no zero
        QCOMPARE(curvesIn(drawn(plot, 400.0)).size(), std::size_t {2});
        QCOMPARE(curvesIn(drawn(plotOf({{1, kNone}, {2, kNone}}), 400.0)).size(), std::size_t {0});
        QCOMPARE(shapesIn<Dot>(drawn(plotOf({{1, 2}}), 400.0)).size(),
                 std::size_t {1}); // seen, alone
    }

    // Names at the ends of lines that end at one place.
    void names_standApart()
    {
        LinePlot plot {{"step"}, {"loss"}};
        for (int i = 0; i < 8; ++i) {
            PlottedCurve curve {"run number " + std::to_string(i), seriesPaint(i)};
            curve.points = {{0.0, 1.0}, {10.0, 0.5}};
            curve.value = "0.5";
            plot.curves.push_back(curve);
        }
        for (const double width : {812.0, 396.0, 350.0}) {
            const Drawing drawing = drawn(plot, width);
            std::vector<Words> names;
            for (const Words& words : shapesIn<Words>(drawing)) {
                QVERIFY(words.at.y <= drawing.height && words.at.y > 0.0);
                const double right = words.anchor == Anchor::Start
                    ? words.at.x + textWidth(words.text, words.size, words.isBold)
                    : words.at.x;
                QVERIFY2(right <= width + 0.01, words.text.c_str());
                if (words.isBold && words.anchor == Anchor::Start) {
                    names.push_back(words);
                }
            }
            QCOMPARE(names.size(), std::size_t {8});
            std::sort(names.begin(), names.end(),
                      [](const Words& a, const Words& b) { return a.at.y < b.at.y; });
            for (std::size_t i = 1; i < names.size(); ++i) {
                QVERIFY(names[i].at.y - names[i - 1].at.y > 11.0);
            }
        }
    }

    // More names than a plot of its usual height has room for: it grows.
    void manyNames_stayWithin()
    {
        LinePlot plot {{"step"}, {}};
        for (int i = 0; i < 14; ++i) {
            plot.curves.push_back({"run " + std::to_string(i), seriesPaint(0), {{1, 1}, {2, 1}}});
        }
        const Drawing drawing = drawn(plot, 260.0, 100.0);
        int named = 0;
        for (const Words& words : shapesIn<Words>(drawing)) {
            if (words.text.starts_with("run ")) {
                ++named;
                QVERIFY(words.at.y > 0.0 && words.at.y < drawing.height);
            }
        }
        QCOMPARE(named, 14);
    }

    // A band hides no line, whichever run it is of.
    void bands_lieUnderAllLines()
    {
        LinePlot plot {{"step"}, {}};
        for (int i = 0; i < 2; ++i) {
            plot.curves.push_back({"run", seriesPaint(i), {{1, 1}, {2, 2}}});
            plot.curves.back().band = {{1, 0, 2}, {2, 1, 3}};
        }
        const Drawing drawing = drawn(plot, 400.0);
        bool lineSeen = false;
        for (const auto& shape : drawing.shapes) {
            const auto* line = std::get_if<Line>(&shape);
            lineSeen = lineSeen || (line != nullptr && line->paint.ink == Ink::Series);
            QVERIFY(!lineSeen || std::get_if<Area>(&shape) == nullptr);
        }
        QCOMPARE(shapesIn<Area>(drawing).size(), std::size_t {2});
    }

    void bars_beginAtZero()
    {
        BarPlot plot {{}, {"solved, %"}};
        plot.bars.push_back({"PiSSA", seriesPaint(0), 50.0, Interval {40.0, 60.0}, "50 %"});
        plot.bars.push_back({"LoRA", seriesPaint(1), 25.0, {}, "25 %"});
        plot.bars.push_back({"none", seriesPaint(1), kNone, {}, "–"});
        const Drawing drawing = drawn(plot, 600.0);
        const auto boxes = shapesIn<Box>(drawing);
        QCOMPARE(boxes.size(), std::size_t {2});
        QCOMPARE(boxes[0].x, boxes[1].x);
        QVERIFY(std::abs(boxes[0].width - 2.0 * boxes[1].width) < 1e-6);
    }

    void maps_leaveOutWhatIsNotKnown()
    {
        HeatMap map {{"q", "k"}, {"0", "1", "2"}, {0.0, 0.5, kNone, 1.0, 0.2, kNone}};
        map.lowText = "0 %";
        map.highText = "1 %";
        const auto isCell = [](const Box& one) { return one.height > 8.5; };
        const auto boxes = shapesIn<Box>(drawn(map, 300.0));
        QCOMPARE(std::count_if(boxes.begin(), boxes.end(), isCell), 4);
        map.values.assign(6, 0.7);
        map.low = map.high = 0.7; // all alike
        QCOMPARE(shapesIn<Box>(drawn(map, 300.0)).size(), std::size_t {6 + 40});
    }

    void nothing_isDrawnWithoutACrash()
    {
        QVERIFY(drawn(LinePlot {}, 100.0).width >= 240.0);
        QVERIFY(drawn(BarPlot {}, 300.0).height > 0.0);
        QVERIFY(drawn(HeatMap {}, 300.0).height > 0.0);
    }
};

QTEST_GUILESS_MAIN(PlotTest)
#include "tst_plot.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/plot_p.h"

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline report {

namespace {

constexpr double kRow = 24.0;
constexpr double kBar = 11.0;
constexpr double kAxis = 34.0;
constexpr double kGap = 8.0;
constexpr double kMostNames = 0.38; // share of the width

void drawBar(Drawing& drawing, const BarPlot::Bar& bar, double y, double zero, double end)
{
    const double left = std::min(zero, end);
    const double right = std::max(zero, end);
    if (bar.isHollow) {
        const double low = y - kBar / 2.0;
        const double high = y + kBar / 2.0;
        drawing.shapes.emplace_back(
            Line {{{left, low}, {right, low}, {right, high}, {left, high}, {left, low}},
                  bar.paint,
                  1.2,
                  Dash::Dashed});
        return;
    }
    drawing.shapes.emplace_back(Box {left, y - kBar / 2.0, right - left, kBar, bar.paint});
}

void drawInterval(Drawing& drawing, double low, double high, double y)
{
    for (const auto& line : {std::pair {Point {low, y}, Point {high, y}},
                             std::pair {Point {low, y - 4.0}, Point {low, y + 4.0}},
                             std::pair {Point {high, y - 4.0}, Point {high, y + 4.0}}}) {
        drawing.shapes.emplace_back(Line {{line.first, line.second}, {Ink::Text}, 1.2});
    }
}

} // namespace

Drawing drawnBars(const BarPlot& plot, double width)
{
    double names = 0.0;
    double texts = 0.0;
    std::vector<double> values {0.0};
    for (const BarPlot::Bar& bar : plot.bars) {
        names = std::max(names, textWidth(bar.name, kWordSize));
        texts = std::max(texts, textWidth(bar.text, kWordSize, true));
        values.push_back(bar.value);
        if (bar.interval) {
            values.insert(values.end(), {bar.interval->low, bar.interval->high});
        }
    }
    names = std::min(names, kMostNames * width);
    Scale scale = scaleOver(values, false);
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    scale.low = *lowest >= 0.0 ? 0.0 : scale.low; // bars begin at zero
    scale.high = *highest <= 0.0 && *lowest < 0.0 ? 0.0 : scale.high;
    Drawing drawing;
    drawing.width = width;
    drawing.height = kRow * static_cast<double>(plot.bars.size()) + kAxis;
    const double left = names + kGap;
    const double right = std::max(width - texts - kGap, left + 40.0);
    const double bottom = drawing.height - kAxis;
    const auto xOf = [&](double value) { return left + scale.place(value) * (right - left); };
    for (const Tick& tick : niceTicks(scale, static_cast<int>((right - left) / 60.0))) {
        const double x = xOf(tick.at);
        drawing.shapes.emplace_back(Line {{{x, 0.0}, {x, bottom}}, {Ink::Grid}});
        drawing.shapes.emplace_back(
            Words {{x, bottom + 14.0}, tick.label, {Ink::Muted}, kWordSize, Anchor::Middle});
    }
    drawing.shapes.emplace_back(
        Words {{right, bottom + 28.0}, plot.x.title, {Ink::Muted}, kWordSize, Anchor::End});
    double y = kRow / 2.0;
    for (const BarPlot::Bar& bar : plot.bars) {
        const double base = y + 0.35 * kWordSize;
        drawing.shapes.emplace_back(
            Words {{0.0, base}, fittingText(bar.name, names, kWordSize), {Ink::Text}, kWordSize});
        if (std::isfinite(bar.value)) {
            drawBar(drawing, bar, y, xOf(0.0), xOf(bar.value));
            if (bar.interval) {
                drawInterval(drawing, xOf(bar.interval->low), xOf(bar.interval->high), y);
            }
        }
        drawing.shapes.emplace_back(
            Words {{width, base}, bar.text, bar.paint, kWordSize, Anchor::End, true});
        y += kRow;
    }
    return drawing;
}

} // namespace pissarro::core::inline report

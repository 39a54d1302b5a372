// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/plot_p.h"

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline report {

namespace {

constexpr double kHead = 18.0; // titles of the columns
constexpr double kScaleHeight = 26.0;
constexpr double kGap = 6.0;
constexpr double kSpace = 1.0; // between cells
constexpr int kScaleSteps = 40;

void drawScale(Drawing& drawing, const HeatMap& map, double left, double right, double y)
{
    const double low = textWidth(map.lowText, kWordSize);
    const double high = textWidth(map.highText, kWordSize);
    const double from = left + low + kGap;
    const double to = std::max(right - high - kGap, from + 20.0);
    const double step = (to - from) / kScaleSteps;
    for (int i = 0; i < kScaleSteps; ++i) {
        drawing.shapes.emplace_back(Box {from + i * step, y, step + 0.3, 8.0,
                                         heatPaint(i / static_cast<double>(kScaleSteps - 1))});
    }
    drawing.shapes.emplace_back(
        Words {{from - kGap, y + 8.0}, map.lowText, {Ink::Muted}, kWordSize, Anchor::End});
    drawing.shapes.emplace_back(
        Words {{to + kGap, y + 8.0}, map.highText, {Ink::Muted}, kWordSize});
}

} // namespace

Drawing drawnHeatMap(const HeatMap& map, double width)
{
    double names = 0.0;
    for (const std::string& row : map.rows) {
        names = std::max(names, textWidth(row, kWordSize));
    }
    names = std::min(names, 0.4 * width) + kGap;
    const auto columns = std::max<std::size_t>(1, map.columns.size());
    const double cell = std::min((width - names) / static_cast<double>(columns), 34.0);
    const double row = std::clamp(
        360.0 / static_cast<double>(std::max<std::size_t>(1, map.rows.size())), 7.0, 16.0);
    const auto every = static_cast<std::size_t>(std::ceil(12.0 / row)); // labels that have room
    Drawing drawing;
    drawing.width = width;
    drawing.height = kHead + row * static_cast<double>(map.rows.size()) + kScaleHeight;
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
        drawing.shapes.emplace_back(Words {{names + (static_cast<double>(c) + 0.5) * cell, 12.0},
                                           fittingText(map.columns[c], cell - 1.0, 10.0),
                                           {Ink::Muted},
                                           10.0,
                                           Anchor::Middle});
    }
    for (std::size_t r = 0; r < map.rows.size(); ++r) {
        const double y = kHead + row * static_cast<double>(r);
        if (r % every == 0) {
            drawing.shapes.emplace_back(Words {{names - kGap, y + row / 2.0 + 4.0},
                                               fittingText(map.rows[r], names - kGap, kWordSize),
                                               {Ink::Muted},
                                               kWordSize,
                                               Anchor::End});
        }
        for (std::size_t c = 0; c < map.columns.size(); ++c) {
            const double value = map.values[r * map.columns.size() + c];
            if (std::isfinite(value)) {
                const double share =
                    map.high > map.low ? (value - map.low) / (map.high - map.low) : 0.5;
                drawing.shapes.emplace_back(Box {names + static_cast<double>(c) * cell, y,
                                                 cell - kSpace, row - kSpace, heatPaint(share)});
            }
        }
    }
    drawScale(drawing, map, names, names + cell * static_cast<double>(columns),
              drawing.height - kScaleHeight + 10.0);
    return drawing;
}

Drawing drawn(const Plotted& plot, double width, double height)
{
    const double wide = std::max(width, 240.0);
    if (const auto* const lines = std::get_if<LinePlot>(&plot)) {
        return drawnLines(*lines, wide, height);
    }
    if (const auto* const bars = std::get_if<BarPlot>(&plot)) {
        return drawnBars(*bars, wide);
    }
    return drawnHeatMap(std::get<HeatMap>(plot), wide);
}

} // namespace pissarro::core::inline report

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/report/document.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace pissarro::core::inline report {

namespace {

// Every x of a curve, thinned evenly, its ends kept.
std::vector<double> sampledX(const LinePlot& plot, std::size_t most)
{
    std::set<double> all;
    for (const PlottedCurve& curve : plot.curves) {
        for (const CurvePoint& point : curve.points) {
            all.insert(point.x);
        }
    }
    const std::vector<double> sorted(all.begin(), all.end());
    if (sorted.size() <= most) {
        return sorted;
    }
    std::vector<double> kept;
    for (std::size_t i = 0; i < most; ++i) {
        kept.push_back(sorted[i * (sorted.size() - 1) / (most - 1)]);
    }
    return kept;
}

double valueAt(const PlottedCurve& curve, double x)
{
    const auto found = std::find_if(curve.points.begin(), curve.points.end(),
                                    [x](const CurvePoint& one) { return one.x == x; });
    return found == curve.points.end() ? std::numeric_limits<double>::quiet_NaN() : found->y;
}

Table numbersOf(const LinePlot& plot, std::size_t most)
{
    Table table;
    table.columns.push_back({plot.x.title, true});
    std::size_t unnamed = 0;
    for (const PlottedCurve& curve : plot.curves) {
        table.columns.push_back(
            {curve.name.empty() ? fmt::format("curve {}", ++unnamed) : curve.name, true});
    }
    for (const double x : sampledX(plot, std::max<std::size_t>(2, most))) {
        std::vector<Cell> row {{figureText(x)}};
        for (const PlottedCurve& curve : plot.curves) {
            row.push_back({figureText(valueAt(curve, x))});
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table numbersOf(const BarPlot& plot)
{
    Table table;
    table.columns = {{"", false}, {plot.x.title, true}, {"interval", true}};
    for (const BarPlot::Bar& bar : plot.bars) {
        table.rows.push_back(
            {{bar.name},
             {bar.text.empty() ? figureText(bar.value) : bar.text},
             {bar.interval ? figureText(bar.interval->low) + " to " + figureText(bar.interval->high)
                           : ""}});
    }
    return table;
}

Table numbersOf(const HeatMap& map)
{
    Table table;
    table.columns.push_back({"", false});
    for (const std::string& column : map.columns) {
        table.columns.push_back({column, true});
    }
    for (std::size_t r = 0; r < map.rows.size(); ++r) {
        std::vector<Cell> row {{map.rows[r]}};
        for (std::size_t c = 0; c < map.columns.size(); ++c) {
            row.push_back({figureText(map.values[r * map.columns.size() + c], 3)});
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace

Table numbersOf(const Plotted& plot, std::size_t most)
{
    if (const auto* const lines = std::get_if<LinePlot>(&plot)) {
        return numbersOf(*lines, most);
    }
    if (const auto* const bars = std::get_if<BarPlot>(&plot)) {
        return numbersOf(*bars);
    }
    return numbersOf(std::get<HeatMap>(plot));
}

} // namespace pissarro::core::inline report

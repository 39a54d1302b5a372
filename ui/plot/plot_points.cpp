// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot_points_p.h"
#include "ui/words/format.h"

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

// `count` of the first `size` numbers, evenly, the first and the last among them.
qsizetype evenly(qsizetype i, qsizetype count, qsizetype size)
{
    return count >= size || count < 2 ? i : i * (size - 1) / (count - 1);
}

} // namespace

QString keyText(const PlotState& state, double key)
{
    return state.xTitle + (state.xTitle.isEmpty() ? QString() : QStringLiteral(" = "))
        + (key == std::floor(key) ? formatCount(std::llround(key)) : formatNumber(key));
}

QString valueText(const PlotState& state, double value)
{
    return formatNumber(value) + state.ySuffix;
}

std::optional<QPointF> pixelsOf(const QCustomPlot& plot, const PlotState& state,
                                const std::optional<PlotReading>& reading)
{
    if (!reading || reading->series >= plot.graphCount()
        || reading->series >= state.series.size()) {
        return std::nullopt;
    }
    const double value =
        CurvePoints(plot, state.series[reading->series], reading->series).valueAt(reading->key);
    const QPointF at(plot.xAxis->coordToPixel(reading->key), plot.yAxis->coordToPixel(value));
    const QRectF sight = QRectF(plot.axisRect()->rect()).adjusted(-1, -1, 1, 1);
    return std::isfinite(value) && sight.contains(at) ? std::optional(at) : std::nullopt;
}

QVector<double> keysInSight(const QCustomPlot& plot, const PlotState& state, qsizetype most)
{
    QVector<double> keys;
    const QCPRange sight = plot.xAxis->range();
    for (int i = 0; i < plot.graphCount() && i < state.series.size(); ++i) {
        const CurvePoints points(plot, state.series[i], i);
        const qsizetype from = points.firstNotBelow(sight.lower);
        qsizetype to = points.firstNotBelow(sight.upper);
        to += to < points.size() && points.key(to) == sight.upper ? 1 : 0;
        const qsizetype taken = std::min(most, to - from);
        for (qsizetype j = 0; j < taken; ++j) {
            const qsizetype at = from + evenly(j, taken, to - from);
            if (std::isfinite(points.value(at))) {
                keys.append(points.key(at));
            }
        }
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    if (keys.size() <= most) {
        return keys;
    }
    QVector<double> fewer;
    for (qsizetype i = 0; i < most; ++i) {
        fewer.append(keys[evenly(i, most, keys.size())]);
    }
    return fewer;
}

} // namespace pissarro::ui

// SPDX-License-Identifier: GPL-3.0-or-later
// The names of curves behind their ends, each with the last value that is in sight.
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/plot/plot_layers_p.h"
#include "ui/plot/plot_points_p.h"
#include "ui/words/format.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace pissarro::ui {

namespace {

constexpr double kLine = 14.0; // px, of a label
constexpr double kGap = 8.0; // px, between curve and name, name and value
constexpr double kLongestName = 170.0; // px; longer ones are elided
const QString kWidestValue = QStringLiteral("−0.00000");

QFont labelFont(const QCustomPlot& plot)
{
    QFont font = plot.font();
    font.setPixelSize(scaled(11));
    font.setWeight(QFont::DemiBold);
    return font;
}

bool isLabelled(const PlotSeries& series)
{
    return series.labelAtEnd && !series.label.isEmpty();
}

struct End {
    QPointF at;
    double value = 0.0;
};

// Of a curve the last drawn point that is in sight.
std::optional<End> endOf(const QCustomPlot& plot, int graph)
{
    const auto data = plot.graph(graph)->data();
    const QCPRange seen = plot.xAxis->range();
    const auto first = data->findBegin(seen.lower, false);
    for (auto at = data->findEnd(seen.upper, false); at != first;) {
        --at;
        if (std::isfinite(at->value)) {
            const QPointF pixel(plot.xAxis->coordToPixel(at->key),
                                plot.yAxis->coordToPixel(at->value));
            const QRectF area = plot.axisRect()->rect();
            const bool inSight = pixel.y() >= area.top() - 1 && pixel.y() <= area.bottom() + 1;
            return inSight ? std::optional(End {pixel, at->value}) : std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace

double endLabelRoom(const PlotState& state, const QCustomPlot& plot)
{
    const QFontMetricsF metrics(labelFont(plot));
    double longest = 0.0;
    for (const PlotSeries& series : state.series) {
        longest = isLabelled(series)
            ? std::max(longest, metrics.horizontalAdvance(series.label) + 1)
            : longest;
    }
    return longest > 0.0 ? std::min(longest, double(scaled(kLongestName))) + 2 * scaled(kGap)
            + metrics.horizontalAdvance(kWidestValue + state.ySuffix)
                         : 0.0;
}

// Labels one below the other, moved up by those above them, are numbers that may not fall: pools of those that would are
// given their mean.
QVector<double> spreadLabels(const QVector<double>& wanted, double height, double top,
                             double bottom)
{
    const auto room = static_cast<qsizetype>(std::max(0.0, std::floor((bottom - top) / height)));
    const qsizetype count = std::min(room, wanted.size());
    QVector<qsizetype> order(count);
    std::iota(order.begin(), order.end(), qsizetype {0});
    std::stable_sort(order.begin(), order.end(),
                     [&](qsizetype a, qsizetype b) { return wanted[a] < wanted[b]; });
    struct Pool {
        double sum = 0.0;
        qsizetype size = 0;
        double mean() const { return sum / static_cast<double>(size); }
    };
    QVector<Pool> pools;
    for (qsizetype i = 0; i < count; ++i) {
        pools.append({wanted[order[i]] - static_cast<double>(i) * height, 1});
        while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.last().mean()) {
            const Pool last = pools.takeLast();
            pools.last().sum += last.sum;
            pools.last().size += last.size;
        }
    }
    const double lowest = top + height / 2;
    const double highest = bottom - height / 2 - static_cast<double>(count - 1) * height;
    QVector<double> places(wanted.size(), std::numeric_limits<double>::quiet_NaN());
    qsizetype i = 0;
    for (const Pool& pool : pools) {
        for (qsizetype j = 0; j < pool.size; ++j, ++i) {
            places[order[i]] = std::clamp(pool.mean(), lowest, std::max(lowest, highest))
                + static_cast<double>(i) * height;
        }
    }
    return places;
}

void LabelLayer::drawEndLabels(QCPPainter* painter) const
{
    if (m_state.labelRoom <= 0.0) {
        return;
    }
    QVector<int> curves;
    QVector<End> ends;
    QVector<double> wanted;
    for (int i = 0; i < mParentPlot->graphCount() && i < m_state.series.size(); ++i) {
        const auto end = isLabelled(m_state.series[i]) ? endOf(*mParentPlot, i) : std::nullopt;
        if (end) {
            curves.append(i);
            ends.append(*end);
            wanted.append(end->at.y());
        }
    }
    const QRectF box = area();
    const double line = scaled(kLine);
    const double gap = scaled(kGap);
    QVector<double> values;
    for (const End& end : ends) {
        values.append(end.value);
    }
    const QStringList texts = formatColumn(values); // below one another
    const QVector<double> places = spreadLabels(wanted, line, box.top(), box.bottom());
    const QFont font = labelFont(*mParentPlot);
    const QFontMetricsF metrics(font);
    painter->setFont(font);
    painter->setBrush(Qt::NoBrush);
    for (qsizetype i = 0; i < curves.size(); ++i) {
        if (std::isnan(places[i])) {
            continue;
        }
        const PlotSeries& series = m_state.series[curves[i]];
        const QPointF foot(box.right() + gap - 2, places[i]);
        QColor faint = series.color;
        faint.setAlphaF(0.45F);
        const bool endsBefore = ends[i].at.x() < box.right() - scaled(24); // no data, then
        painter->setPen(QPen(faint, 1, endsBefore ? Qt::DotLine : Qt::SolidLine));
        painter->drawLine(ends[i].at, foot);
        const QRectF place(box.right() + gap, places[i] - line / 2, m_state.labelRoom - gap, line);
        const QString value = texts[i] + m_state.ySuffix;
        const double name = place.width() - metrics.horizontalAdvance(value) - gap;
        painter->setPen(series.color);
        painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                          metrics.elidedText(series.label, Qt::ElideMiddle, name));
        painter->drawText(place, Qt::AlignRight | Qt::AlignVCenter, value);
    }
}

} // namespace pissarro::ui

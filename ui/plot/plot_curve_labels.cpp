// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/plot/plot_layers_p.h"

#include <QFontMetricsF>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr int kMostLabels = 12;
constexpr int kMostCurves = 24; // looked at when a place is judged
constexpr double kGap = 5.0; // px between curve and label

// Pixel height of the curve at pixel x; NaN where there is none.
double heightAt(const QCustomPlot& plot, int graph, double pixelX)
{
    const auto data = plot.graph(graph)->data();
    const double key = plot.xAxis->pixelToCoord(pixelX);
    const auto right = data->findBegin(key, false);
    if (right == data->constEnd() || data->isEmpty() || key < data->constBegin()->key) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const double rightY = plot.yAxis->coordToPixel(right->value);
    if (right == data->constBegin() || right->key <= key) {
        return rightY;
    }
    const auto left = right - 1;
    const double leftY = plot.yAxis->coordToPixel(left->value);
    return leftY + (rightY - leftY) * (key - left->key) / (right->key - left->key);
}

struct Place {
    QRectF box;
    double cost = std::numeric_limits<double>::infinity();
};

// How much of `box` is crossed by curves or taken by other labels; 0 is a free place.
double costOf(const QCustomPlot& plot, const QRectF& box, const QVector<QRectF>& taken, int curves)
{
    constexpr int kSamples = 6;
    double cost = 0;
    for (const QRectF& other : taken) {
        cost += box.intersects(other) ? 20 : 0;
    }
    for (int graph = 0; graph < curves; ++graph) {
        for (int i = 0; i <= kSamples; ++i) {
            const double y = heightAt(plot, graph, box.left() + box.width() * i / kSamples);
            cost += y > box.top() - 1 && y < box.bottom() + 1 ? 1 : 0;
        }
    }
    return cost;
}

// Where the label of `graph` reads best: on a free place above the curve, else below it, near the
// middle first.
Place bestPlace(const QCustomPlot& plot, int graph, const QSizeF& size,
                const QVector<QRectF>& taken, int curves)
{
    constexpr std::array kWhere {0.46, 0.38, 0.54, 0.3, 0.62, 0.22, 0.7, 0.14, 0.78, 0.86};
    const QRectF area = plot.axisRect()->rect();
    const auto data = plot.graph(graph)->data();
    Place best;
    if (data->isEmpty()) {
        return best;
    }
    const double from = std::max(area.left(), plot.xAxis->coordToPixel(data->constBegin()->key));
    const double to = std::min(area.right(), plot.xAxis->coordToPixel((data->constEnd() - 1)->key));
    for (std::size_t i = 0; i < kWhere.size() && best.cost > 0; ++i) {
        const double x = from + (to - from) * kWhere[i];
        const double left = heightAt(plot, graph, x);
        const double right = heightAt(plot, graph, std::min(x + size.width(), to));
        if (!std::isfinite(left) || !std::isfinite(right)) {
            continue;
        }
        for (const bool above : {true, false}) {
            const double y =
                above ? std::min(left, right) - kGap - size.height() : std::max(left, right) + kGap;
            const QRectF box(QPointF(x, y), size);
            const double cost =
                costOf(plot, box, taken, curves) + 0.1 * static_cast<double>(i) + (above ? 0 : 0.5);
            if (area.contains(box) && cost < best.cost) {
                best = {box, cost};
            }
        }
    }
    return best;
}

} // namespace

void LabelLayer::drawCurveLabels(QCPPainter* painter) const
{
    if (mParentPlot->graphCount() > kCrowd) {
        return;
    }
    QFont font = mParentPlot->font();
    font.setPixelSize(scaled(11));
    font.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(font);
    const int curves = std::min(mParentPlot->graphCount(), kMostCurves);
    QRectF gripStrip = area(); // the grip travels here: labels keep out and need not move with it
    gripStrip.setHeight(m_state.hasCursor ? scaled(20) : 0);
    QVector<QRectF> taken {gripStrip};
    for (int i = 0;
         i < std::min<int>(mParentPlot->graphCount(), static_cast<int>(m_state.series.size()));
         ++i) {
        const PlotSeries& series = m_state.series[i];
        if (!series.labelOnLine || series.label.isEmpty() || taken.size() > kMostLabels) {
            continue;
        }
        const QSizeF size(metrics.horizontalAdvance(series.label), metrics.height());
        const Place place = bestPlace(*mParentPlot, i, size, taken, curves);
        if (!std::isfinite(place.cost)) {
            continue;
        }
        taken.append(place.box);
        QPainterPath path;
        path.addText(place.box.left(), place.box.top() + metrics.ascent(), font, series.label);
        painter->setBrush(Qt::NoBrush);
        painter->setPen(
            QPen(Theme::instance().colors().card, 3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPath(path);
        painter->setFont(font);
        painter->setPen(series.color);
        painter->drawText(QPointF(place.box.left(), place.box.top() + metrics.ascent()),
                          series.label);
    }
}

} // namespace pissarro::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/sparkline.h"

#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr double kMostDecades = 3.0; // deeper tails would flatten all the rest

} // namespace

void paintSparkline(QPainter& painter, const QRectF& box, const std::vector<double>& values,
                    const QColor& color)
{
    double largest = 0.0;
    double smallest = 0.0;
    for (const double value : values) {
        if (value > 0.0) {
            largest = std::max(largest, value);
            smallest = smallest > 0.0 ? std::min(smallest, value) : value;
        }
    }
    const auto count = static_cast<qsizetype>(values.size());
    if (count < 2 || !(largest > 0.0) || box.width() < 2) {
        return;
    }
    const double top = std::log10(largest);
    const double bottom = std::max(std::log10(smallest), top - kMostDecades);
    const double span = std::max(top - bottom, 0.1);
    const qsizetype points =
        std::min(count, std::max<qsizetype>(2, static_cast<qsizetype>(2 * box.width())));
    QPolygonF line;
    line.reserve(points);
    for (qsizetype i = 0; i < points; ++i) {
        const qsizetype index = i * (count - 1) / (points - 1);
        const double value = values[static_cast<std::size_t>(index)];
        const double height =
            value > 0.0 ? std::clamp((std::log10(value) - bottom) / span, 0.0, 1.0) : 0.0;
        line.append(
            {box.left() + box.width() * static_cast<double>(index) / static_cast<double>(count - 1),
             box.bottom() - height * box.height()});
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, 1.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    painter.restore();
}

} // namespace pissarro::ui

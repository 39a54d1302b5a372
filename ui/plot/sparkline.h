// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QRectF>

#include <vector>

class QPainter;

namespace pissarro::ui {

// A curve the size of a word, for table cells: log10 of the positive values over their index,
// largest at the top. Cost: at most two points a pixel, however long `values` is. Nothing is drawn
// for fewer than two positive values.
void paintSparkline(QPainter& painter, const QRectF& box, const std::vector<double>& values,
                    const QColor& color);

} // namespace pissarro::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot_shape.h"

#include "ui/plot/plot_source.h"

#include <cmath>

namespace pissarro::ui {

PlotShape::PlotShape(bool logX, bool logY)
    : m_logX(logX)
    , m_logY(logY)
{
}

double PlotShape::height(const PlotSource& source, qsizetype i) const
{
    const double y = source.y(i);
    const bool isGap = !std::isfinite(y) || (m_logY && y <= 0) || (m_logX && source.x(i) <= 0);
    return isGap ? std::numeric_limits<double>::quiet_NaN() : y;
}

void PlotShape::grow(const PlotSource& source)
{
    const qsizetype before = m_peaks.size();
    const qsizetype size = source.size();
    for (qsizetype i = before; i < size; ++i) {
        const double x = source.x(i);
        const double y = height(source, i);
        m_rises = m_rises && (i == 0 || source.x(i - 1) <= x);
        m_whole = m_whole && x == std::floor(x);
        if (std::isfinite(y)) {
            ++m_points;
            if (std::isfinite(x)) {
                m_x.add(x);
                m_y.add(y);
            }
        }
    }
    m_peaks.grow(size, [this, &source](qsizetype i) { return height(source, i); });
}

} // namespace pissarro::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/plot_shape.h"
#include "ui/plot/plot_source.h"

#include <QPointF>

#include <memory>
#include <vector>

namespace pissarro::ui {

// Points that never change, and all that a plot has to know of them: made on a worker, drawn by any number of plots whose
// axes are of that kind at no cost but what is seen. 18 bytes a point.
// Threads: any.
class FixedCurve final : public PlotSource {
public:
    FixedCurve(std::vector<QPointF> points, bool logX, bool logY);

    QByteArray identity() const override { return m_identity; } // another of each curve
    qsizetype size() const override { return static_cast<qsizetype>(m_points.size()); }
    double x(qsizetype i) const override { return m_points[static_cast<std::size_t>(i)].x(); }
    double y(qsizetype i) const override { return m_points[static_cast<std::size_t>(i)].y(); }
    std::shared_ptr<const PlotShape> shape(bool logX, bool logY) const override;
    bool isFixed() const override { return true; }

private:
    std::vector<QPointF> m_points;
    QByteArray m_identity;
    std::shared_ptr<PlotShape> m_shape;
};

} // namespace pissarro::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/plot_layers_p.h"
#include "ui/plot/plot_source.h"

#include <limits>
#include <optional>

namespace pissarro::ui {

// The points of graph i as a person reads them: of a curve that grows all of them, whichever are drawn.
class CurvePoints {
public:
    CurvePoints(const QCustomPlot& plot, const PlotSeries& series, int graph)
        : m_data(plot.graph(graph)->data())
        , m_source(series.source.get())
        , m_isLogY(plot.yAxis->scaleType() == QCPAxis::stLogarithmic)
    {
    }

    qsizetype size() const { return m_source != nullptr ? m_source->size() : m_data->size(); }
    double key(qsizetype i) const { return m_source != nullptr ? m_source->x(i) : at(i)->key; }
    double value(qsizetype i) const // NaN: it is not drawn
    {
        const double value = m_source != nullptr ? m_source->y(i) : at(i)->value;
        return m_isLogY && value <= 0 ? std::numeric_limits<double>::quiet_NaN() : value;
    }
    double valueAt(double key) const // NaN: no point is there, or it is not drawn
    {
        const qsizetype at = firstNotBelow(key);
        return at < size() && this->key(at) == key ? value(at)
                                                   : std::numeric_limits<double>::quiet_NaN();
    }
    qsizetype firstNotBelow(double key) const
    {
        if (m_source == nullptr) {
            return m_data->findBegin(key, false) - m_data->constBegin();
        }
        qsizetype from = 0;
        qsizetype to = size();
        while (from < to) {
            const qsizetype middle = from + (to - from) / 2;
            m_source->x(middle) < key ? from = middle + 1 : to = middle;
        }
        return from;
    }

private:
    QCPGraphDataContainer::const_iterator at(qsizetype i) const { return m_data->constBegin() + i; }

    QSharedPointer<QCPGraphDataContainer> m_data;
    const PlotSource* m_source; // null: m_data
    bool m_isLogY;
};

// As the read-out and screen readers give them: "step = 20", "1.007 %".
QString keyText(const PlotState& state, double key);
QString valueText(const PlotState& state, double value);

// Where a point is drawn; none: no such point, or it is out of sight.
std::optional<QPointF> pixelsOf(const QCustomPlot& plot, const PlotState& state,
                                const std::optional<PlotReading>& reading);

// The x of every curve's points in sight, rising, the first and the last among them, no more than `most`.
QVector<double> keysInSight(const QCustomPlot& plot, const PlotState& state, qsizetype most);

} // namespace pissarro::ui

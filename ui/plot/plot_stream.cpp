// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot_stream_p.h"

#include <QVector>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

PlotStream::PlotStream(std::shared_ptr<const PlotSource> source, bool logX, bool logY)
    : m_source(std::move(source))
    , m_identity(m_source->identity())
    , m_shape(m_source->shape(logX, logY))
{
    if (!m_shape) {
        m_own = std::make_shared<PlotShape>(logX, logY);
        m_shape = m_own;
        grow();
    }
}

bool PlotStream::isOf(const QByteArray& identity, bool logX, bool logY) const
{
    return m_shape->isFor(logX, logY) && m_identity == identity;
}

void PlotStream::grow()
{
    if (m_own) {
        m_own->grow(*m_source);
    }
}

void PlotStream::showIn(int graph)
{
    if (std::exchange(m_graph, graph) != graph) {
        m_shown = {};
    }
}

qsizetype PlotStream::firstNotBelow(double x) const
{
    qsizetype from = 0;
    qsizetype to = m_shape->peaks().size();
    while (from < to) {
        const qsizetype middle = from + (to - from) / 2;
        if (m_source->x(middle) < x) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

// With a point on either side, from which the line comes in and to which it goes.
PlotStream::View PlotStream::viewOf(const QCPRange& seen, int pixels) const
{
    const qsizetype size = m_shape->peaks().size();
    if (!m_shape->rises()) {
        return {0, size, size, size};
    }
    const qsizetype from = std::max<qsizetype>(0, firstNotBelow(seen.lower) - 1);
    const qsizetype to =
        std::min(size, firstNotBelow(std::nextafter(seen.upper, seen.upper + 1.0)) + 1);
    return {from, std::max(from, to), std::max(1, pixels), size};
}

void PlotStream::show(QCPGraph& graph, const QCPRange& seen, int pixels)
{
    const View view = viewOf(seen, pixels);
    if (std::exchange(m_shown, view) == view) {
        return;
    }
    const auto height = [this](qsizetype i) { return m_shape->height(*m_source, i); };
    const auto picked = m_shape->peaks().pick(view.from, view.to, view.most, height);
    QVector<QCPGraphData> points;
    points.reserve(static_cast<qsizetype>(picked.size()));
    for (const qsizetype i : picked) {
        points.append(QCPGraphData(m_source->x(i), height(i)));
    }
    graph.data()->set(points, m_shape->rises());
}

} // namespace pissarro::ui

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
    , m_logX(logX)
    , m_logY(logY)
{
    grow();
}

bool PlotStream::isOf(const QByteArray& identity, bool logX, bool logY) const
{
    return m_logX == logX && m_logY == logY && m_identity == identity;
}

double PlotStream::height(qsizetype i) const
{
    const double y = m_source->y(i);
    const bool isGap = !std::isfinite(y) || (m_logY && y <= 0) || (m_logX && m_source->x(i) <= 0);
    return isGap ? std::numeric_limits<double>::quiet_NaN() : y;
}

void PlotStream::grow()
{
    const qsizetype before = m_peaks.size();
    const qsizetype size = m_source->size();
    for (qsizetype i = before; i < size; ++i) {
        const double x = m_source->x(i);
        const double y = height(i);
        m_rises = m_rises && (i == 0 || m_source->x(i - 1) <= x);
        m_whole = m_whole && x == std::floor(x);
        if (std::isfinite(y)) {
            ++m_points;
            if (std::isfinite(x)) {
                m_x.add(x);
                m_y.add(y);
            }
        }
    }
    m_peaks.grow(size, [this](qsizetype i) { return height(i); });
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
    qsizetype to = m_peaks.size();
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
    const qsizetype size = m_peaks.size();
    if (!m_rises) {
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
    const auto picked =
        m_peaks.pick(view.from, view.to, view.most, [this](qsizetype i) { return height(i); });
    QVector<QCPGraphData> points;
    points.reserve(static_cast<qsizetype>(picked.size()));
    for (const qsizetype i : picked) {
        points.append(QCPGraphData(m_source->x(i), height(i)));
    }
    graph.data()->set(points, m_rises);
}

} // namespace pissarro::ui

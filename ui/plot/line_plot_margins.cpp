// SPDX-License-Identifier: GPL-3.0-or-later
// What a plot draws around its curves and between them.
#include "ui/look/metrics.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/line_plot_p.h"

#include <cmath>
#include <utility>

namespace pissarro::ui {

namespace {
constexpr float kFillOpacity = 0.16F; // of the area between two curves
}

void LinePlot::showMargins()
{
    const PlotState& state = d->state;
    m_plot->axisRect()->setMargins(
        QMargins(scaled(46), scaled(state.yTitle.isEmpty() ? 8 : 26),
                 scaled(14) + static_cast<int>(std::ceil(state.labelRoom)),
                 scaled(state.xTitle.isEmpty() ? 22 : 38)));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

// As wide as the longest name with a number behind it, whatever the number is: nothing moves as runs go on.
void LinePlot::setLabelRoom()
{
    const double room = endLabelRoom(d->state, *m_plot);
    if (std::exchange(d->state.labelRoom, room) != room) {
        showMargins();
    }
}

void LinePlot::showFills()
{
    for (int i = 0; i < m_plot->graphCount(); ++i) {
        const PlotSeries& curve = d->state.series[i];
        QCPGraph* other = curve.fillTo >= 0 && curve.fillTo < m_plot->graphCount()
            ? m_plot->graph(curve.fillTo)
            : nullptr;
        QColor color = curve.color;
        color.setAlphaF(kFillOpacity);
        m_plot->graph(i)->setBrush(other != nullptr ? QBrush(color) : QBrush(Qt::NoBrush));
        m_plot->graph(i)->setChannelFillGraph(other);
    }
}

void LinePlot::setReadOut(ReadOut readOut)
{
    d->state.readOut = readOut;
    redrawOverlay();
}

} // namespace pissarro::ui

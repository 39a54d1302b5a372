// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/plot_shape.h"
#include "ui/plot/plot_source.h"
#include "ui/plot/qcustomplot.h"

#include <memory>

namespace pissarro::ui {

// A growing curve of a LinePlot: what is known of its points so far, and which of them are drawn.
class PlotStream {
public:
    // logX, logY: points at x <= 0, values <= 0 are gaps.
    PlotStream(std::shared_ptr<const PlotSource> source, bool logX, bool logY);

    bool isOf(const QByteArray& identity, bool logX, bool logY) const;
    void grow(); // looks at the points that came since
    // Gives `graph` the points that are seen: about two a pixel, no peak lost; all of them where x falls somewhere. Does
    // nothing where the same ones are there.
    void show(QCPGraph& graph, const QCPRange& seen, int pixels);

    void showIn(int graph); // which was another's: the next show() gives it all

    const PlotShape& shape() const { return *m_shape; }

private:
    struct View {
        qsizetype from = 0;
        qsizetype to = 0;
        qsizetype most = 0;
        qsizetype size = -1; // of the curve; -1: nothing was shown
        friend bool operator==(const View&, const View&) = default;
    };

    qsizetype firstNotBelow(double x) const;
    View viewOf(const QCPRange& seen, int pixels) const;

    std::shared_ptr<const PlotSource> m_source;
    QByteArray m_identity;
    std::shared_ptr<PlotShape> m_own; // null: the source brings one
    std::shared_ptr<const PlotShape> m_shape; // never null
    View m_shown;
    int m_graph = -1; // that m_shown is in
};

} // namespace pissarro::ui

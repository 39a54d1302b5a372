// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/peak_pyramid.h"
#include "ui/plot/plot_source.h"
#include "ui/plot/qcustomplot.h"

#include <limits>
#include <memory>

namespace pissarro::ui {

struct Extent {
    double lower = std::numeric_limits<double>::infinity();
    double upper = -std::numeric_limits<double>::infinity();

    void add(double value)
    {
        lower = value < lower ? value : lower;
        upper = value > upper ? value : upper;
    }
    void add(const Extent& other)
    {
        lower = other.lower < lower ? other.lower : lower;
        upper = other.upper > upper ? other.upper : upper;
    }
    bool isEmpty() const { return lower > upper; }
};

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

    const Extent& x() const { return m_x; } // of the points that can be drawn
    const Extent& y() const { return m_y; }
    int points() const { return m_points; } // that can be drawn
    bool isWhole() const { return m_whole; } // every x a whole number

private:
    struct View {
        qsizetype from = 0;
        qsizetype to = 0;
        qsizetype most = 0;
        qsizetype size = -1; // of the curve; -1: nothing was shown
        friend bool operator==(const View&, const View&) = default;
    };

    double height(qsizetype i) const; // NaN: cannot be drawn
    qsizetype firstNotBelow(double x) const;
    View viewOf(const QCPRange& seen, int pixels) const;

    std::shared_ptr<const PlotSource> m_source;
    QByteArray m_identity;
    bool m_logX;
    bool m_logY;
    PeakPyramid m_peaks;
    Extent m_x;
    Extent m_y;
    int m_points = 0;
    bool m_whole = true;
    bool m_rises = true; // x never falls
    View m_shown;
    int m_graph = -1; // that m_shown is in
};

} // namespace pissarro::ui

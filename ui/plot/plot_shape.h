// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/peak_pyramid.h"

#include <limits>

namespace pissarro::ui {

class PlotSource;

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

// What a plot has to know of a curve's points before it draws some of them: where they lie, and their peaks. Each point is
// looked at once. A LinePlot does so itself, or is given it with the source, made on a worker.
// Threads: one; any number of them once it grows no more.
class PlotShape {
public:
    // logX, logY: points at x <= 0, values <= 0 are gaps.
    PlotShape(bool logX, bool logY);

    bool isFor(bool logX, bool logY) const { return m_logX == logX && m_logY == logY; }
    void grow(const PlotSource& source); // looks at the points that came since
    double height(const PlotSource& source, qsizetype i) const; // NaN: cannot be drawn

    const PeakPyramid& peaks() const { return m_peaks; }
    const Extent& x() const { return m_x; } // of the points that can be drawn
    const Extent& y() const { return m_y; }
    int points() const { return m_points; } // that can be drawn
    bool isWhole() const { return m_whole; } // every x a whole number
    bool rises() const { return m_rises; } // x never falls

private:
    bool m_logX;
    bool m_logY;
    PeakPyramid m_peaks;
    Extent m_x;
    Extent m_y;
    int m_points = 0;
    bool m_whole = true;
    bool m_rises = true;
};

} // namespace pissarro::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/axis.h"
#include "core/report/drawing.h"
#include "core/stats/curve.h"
#include "core/stats/proportion.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pissarro::core::inline report {

// What is plotted, without a size: the writers draw it as wide as they have room. The house's look (UI.md): grid faint, no frame,
// axis titles at the end of the axis, names on the lines instead of a box.

struct Axis {
    std::string title = {};
    bool isLog = false;
    std::vector<double> at = {}; // ticks that are wanted, such as the ranks tried; empty: nice ones
};

// Low and high around a curve at one x.
struct BandEdge {
    double x = 0.0;
    double low = 0.0;
    double high = 0.0;
};

struct PlottedCurve {
    std::string name; // on the line, at its end; empty: none
    Paint paint;
    std::vector<CurvePoint> points = {}; // ascending x; NaN: a gap
    std::vector<CurvePoint> raw = {}; // the same before it was smoothed, drawn thin behind
    std::vector<BandEdge> band = {};
    Dash dash = Dash::Solid;
    bool hasDots = false;
    std::string value = {}; // beside the name: the last one
};

struct LinePlot {
    Axis x = {};
    Axis y = {};
    std::vector<PlottedCurve> curves = {};
    std::vector<Tick> marks = {}; // vertical lines with a word each
};

// A figure a line with its interval: scores, reductions.
struct BarPlot {
    struct Bar {
        std::string name;
        Paint paint;
        double value = 0.0;
        std::optional<Interval> interval = {};
        std::string text = {}; // the figure, in words
        bool isHollow = false; // not one's own: a paper's
    };
    std::vector<Bar> bars = {};
    Axis x = {};
};

// A value for each row and column, by colour.
struct HeatMap {
    std::vector<std::string> columns;
    std::vector<std::string> rows;
    std::vector<double> values; // row by row; NaN: there is none
    double low = 0.0; // what the colours end at; several maps may share it
    double high = 1.0;
    std::string lowText = {};
    std::string highText = {};
};

using Plotted = std::variant<LinePlot, BarPlot, HeatMap>;

// Draws it `width` wide, at least 240. The height follows: of lines `height`, 0 for what suits the width; of bars and maps what
// they need. A curve of many points is drawn by the lowest and highest of each pixel: no peak is lost.
Drawing drawn(const Plotted& plot, double width, double height = 0.0);

} // namespace pissarro::core::inline report

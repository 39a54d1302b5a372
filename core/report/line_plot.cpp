// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/plot_p.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::core::inline report {

namespace {

constexpr double kTop = 8.0;
constexpr double kBottom = 34.0; // tick labels, and the title under them
constexpr double kGap = 6.0;
constexpr double kLabelStep = 13.0; // between names at the ends of lines
constexpr double kMostNames = 0.34; // share of the width

// Where the data is drawn, and how.
struct Frame {
    Scale x;
    Scale y;
    double left = 0.0;
    double right = 0.0; // end of the data; the names stand behind it
    double top = kTop;
    double bottom = 0.0;

    double xOf(double value) const { return left + x.place(value) * (right - left); }
    double yOf(double value) const { return bottom - y.place(value) * (bottom - top); }
};

std::vector<Tick> ticksOf(const Axis& axis, const Scale& scale, int most)
{
    if (axis.at.empty()) {
        return niceTicks(scale, most);
    }
    std::vector<Tick> ticks;
    for (const double at : axis.at) {
        ticks.push_back({at, figureText(at)});
    }
    return ticks;
}

Scale scaleOf(const LinePlot& plot, const Axis& axis, bool isX)
{
    std::vector<double> values = axis.at;
    for (const PlottedCurve& curve : plot.curves) {
        for (const auto* points : {&curve.points, &curve.raw}) {
            for (const CurvePoint& point : *points) {
                values.push_back(isX ? point.x : point.y);
            }
        }
        for (const BandEdge& edge : curve.band) {
            values.push_back(isX ? edge.x : edge.low);
            values.push_back(isX ? edge.x : edge.high);
        }
    }
    return scaleOver(values, axis.isLog);
}

// The pieces of a curve between its gaps, in the drawing, the lowest and highest alone of what falls on one pixel.
std::vector<std::vector<Point>> piecesOf(const std::vector<CurvePoint>& curve, const Frame& frame)
{
    std::vector<std::vector<Point>> pieces(1);
    std::vector<Point> column; // of one pixel
    const auto flush = [&] {
        if (column.size() <= 2) {
            pieces.back().insert(pieces.back().end(), column.begin(), column.end());
        } else {
            const auto [low, high] =
                std::minmax_element(column.begin(), column.end(),
                                    [](const Point& a, const Point& b) { return a.y < b.y; });
            pieces.back().push_back(*std::min(low, high));
            pieces.back().push_back(*std::max(low, high));
        }
        column.clear();
    };
    for (const CurvePoint& one : curve) {
        const Point at {frame.xOf(one.x), frame.yOf(one.y)};
        if (!std::isfinite(at.x) || !std::isfinite(at.y)) {
            flush();
            if (!pieces.back().empty()) {
                pieces.emplace_back();
            }
            continue;
        }
        if (!column.empty() && std::floor(column.front().x) != std::floor(at.x)) {
            flush();
        }
        column.push_back(at);
    }
    flush();
    std::erase_if(pieces, [](const auto& piece) { return piece.empty(); });
    return pieces;
}

void drawAxes(Drawing& drawing, const LinePlot& plot, const Frame& frame,
              const std::vector<Tick>& yTicks)
{
    for (const Tick& tick : yTicks) {
        const double y = frame.yOf(tick.at);
        drawing.shapes.emplace_back(Line {{{frame.left, y}, {frame.right, y}}, {Ink::Grid}});
        drawing.shapes.emplace_back(Words {{frame.left - kGap, y + 0.35 * kWordSize},
                                           tick.label,
                                           {Ink::Muted},
                                           kWordSize,
                                           Anchor::End});
    }
    double free =
        -std::numeric_limits<double>::infinity(); // labels that would overlap are left out
    for (const Tick& tick :
         ticksOf(plot.x, frame.x, static_cast<int>((frame.right - frame.left) / 52.0))) {
        const double x = frame.xOf(tick.at);
        const double half = textWidth(tick.label, kWordSize) / 2.0;
        drawing.shapes.emplace_back(Line {{{x, frame.top}, {x, frame.bottom}}, {Ink::Grid}});
        if (x - half > free) {
            drawing.shapes.emplace_back(Words {{x, frame.bottom + kGap + 0.8 * kWordSize},
                                               tick.label,
                                               {Ink::Muted},
                                               kWordSize,
                                               Anchor::Middle});
            free = x + half + kGap;
        }
    }
    drawing.shapes.emplace_back(Words {{frame.right, frame.bottom + 2.0 * kWordSize + kGap},
                                       plot.x.title,
                                       {Ink::Muted},
                                       kWordSize,
                                       Anchor::End});
}

void drawBand(Drawing& drawing, const PlottedCurve& curve, const Frame& frame)
{
    Area area {{}, curve.paint};
    area.paint.opacity = 0.15;
    for (const BandEdge& edge : curve.band) {
        area.points.push_back({frame.xOf(edge.x), frame.yOf(edge.high)});
    }
    for (auto edge = curve.band.rbegin(); edge != curve.band.rend(); ++edge) {
        area.points.push_back({frame.xOf(edge->x), frame.yOf(edge->low)});
    }
    std::erase_if(area.points,
                  [](const Point& one) { return !std::isfinite(one.x) || !std::isfinite(one.y); });
    if (!area.points.empty()) {
        drawing.shapes.emplace_back(std::move(area));
    }
}

void drawCurve(Drawing& drawing, const PlottedCurve& curve, const Frame& frame)
{
    Paint faint = curve.paint;
    faint.opacity = 0.3;
    for (auto& piece : piecesOf(curve.raw, frame)) {
        drawing.shapes.emplace_back(Line {std::move(piece), faint, 0.8});
    }
    for (auto& piece : piecesOf(curve.points, frame)) {
        if (curve.hasDots || piece.size() == 1) {
            for (const Point& at : piece) {
                drawing.shapes.emplace_back(Dot {at, 2.8, curve.paint});
            }
        }
        drawing.shapes.emplace_back(Line {std::move(piece), curve.paint, 1.8, curve.dash});
    }
}

struct EndName {
    double y = 0.0;
    const PlottedCurve* curve = nullptr;
};

// Names at the ends of their lines, moved apart where they would overlap.
void drawNames(Drawing& drawing, const LinePlot& plot, const Frame& frame)
{
    std::vector<EndName> names;
    for (const PlottedCurve& curve : plot.curves) {
        const auto last =
            std::find_if(curve.points.rbegin(), curve.points.rend(), [&](const CurvePoint& one) {
                return std::isfinite(frame.yOf(one.y)) && std::isfinite(frame.xOf(one.x));
            });
        if (!curve.name.empty() && last != curve.points.rend()) {
            names.push_back({frame.yOf(last->y), &curve});
        }
    }
    std::stable_sort(names.begin(), names.end(),
                     [](const EndName& a, const EndName& b) { return a.y < b.y; });
    double free = frame.top;
    for (EndName& one : names) {
        one.y = std::max(one.y, free);
        free = one.y + kLabelStep;
    }
    double most = frame.bottom; // pushed up again from below
    for (auto one = names.rbegin(); one != names.rend(); ++one) {
        one->y = std::min(one->y, most);
        most = one->y - kLabelStep;
    }
    const double from = frame.right + kGap;
    for (const EndName& one : names) {
        const std::string& value = one.curve->value;
        const double room =
            drawing.width - from - (value.empty() ? 0.0 : textWidth(value, kWordSize, true) + kGap);
        const double y = one.y + 0.35 * kWordSize;
        drawing.shapes.emplace_back(Words {{from, y},
                                           fittingText(one.curve->name, room, kWordSize, true),
                                           one.curve->paint,
                                           kWordSize,
                                           Anchor::Start,
                                           true});
        if (!value.empty()) {
            drawing.shapes.emplace_back(
                Words {{drawing.width, y}, value, one.curve->paint, kWordSize, Anchor::End, true});
        }
    }
}

double namesWidth(const LinePlot& plot, double width)
{
    double widest = 0.0;
    for (const PlottedCurve& curve : plot.curves) {
        if (!curve.name.empty()) {
            const double value =
                curve.value.empty() ? 0.0 : textWidth(curve.value, kWordSize, true) + 2.0 * kGap;
            widest = std::max(widest, textWidth(curve.name, kWordSize, true) + value + kGap);
        }
    }
    return std::min(widest, kMostNames * width);
}

} // namespace

Drawing drawnLines(const LinePlot& plot, double width, double height)
{
    Drawing drawing;
    drawing.width = width;
    Frame frame {scaleOf(plot, plot.x, true), scaleOf(plot, plot.y, false)};
    frame.top = plot.y.title.empty() ? kTop : kTop + 1.6 * kWordSize;
    const double names = kLabelStep * static_cast<double>(plot.curves.size()); // one over another
    drawing.height = std::max(height > 0.0 ? height : std::clamp(0.42 * width, 170.0, 300.0),
                              frame.top + names + kBottom);
    frame.bottom = drawing.height - kBottom;
    frame.right = width - std::max(namesWidth(plot, width), 2.0 * kGap);
    const auto yTicks =
        ticksOf(plot.y, frame.y, static_cast<int>((frame.bottom - frame.top) / 26.0));
    double widest = 0.0;
    for (const Tick& tick : yTicks) {
        widest = std::max(widest, textWidth(tick.label, kWordSize));
    }
    frame.left = widest + 2.0 * kGap;
    drawAxes(drawing, plot, frame, yTicks);
    if (!plot.y.title.empty()) {
        drawing.shapes.emplace_back(
            Words {{0.0, kTop + 0.4 * kWordSize}, plot.y.title, {Ink::Muted}, kWordSize});
    }
    for (const Tick& mark : plot.marks) {
        const double x = frame.xOf(mark.at);
        if (std::isfinite(x) && x >= frame.left && x <= frame.right) {
            drawing.shapes.emplace_back(
                Line {{{x, frame.top}, {x, frame.bottom}}, {Ink::Muted}, 1.0, Dash::Dashed});
            drawing.shapes.emplace_back(
                Words {{x + 3.0, frame.bottom - 4.0}, mark.label, {Ink::Muted}, kWordSize});
        }
    }
    for (const PlottedCurve& curve : plot.curves) { // none over another one's line
        drawBand(drawing, curve, frame);
    }
    for (const PlottedCurve& curve : plot.curves) {
        drawCurve(drawing, curve, frame);
    }
    drawNames(drawing, plot, frame);
    return drawing;
}

} // namespace pissarro::core::inline report

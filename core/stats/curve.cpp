// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/curve.h"

#include "core/base/error.h"
#include "core/base/fmt.h"

#include <queue>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>

namespace pissarro::core::inline stats {

namespace {

void requireAscending(std::span<const CurvePoint> curve)
{
    for (std::size_t i = 0; i < curve.size(); ++i) {
        if (!std::isfinite(curve[i].x) || (i > 0 && !(curve[i - 1].x < curve[i].x))) {
            throw Error(
                ErrorKind::InvalidArgument,
                fmt::format("point {} of a curve is at {} (expected a number above that before it)",
                            i, curve[i].x));
        }
    }
}

std::vector<CurvePoint> finitePoints(std::span<const CurvePoint> curve)
{
    requireAscending(curve);
    std::vector<CurvePoint> out;
    out.reserve(curve.size());
    std::ranges::copy_if(curve, std::back_inserter(out),
                         [](const CurvePoint& point) { return std::isfinite(point.y); });
    return out;
}

// A curve walked along ascending x. Requires: x within it.
class Line {
public:
    explicit Line(const std::vector<CurvePoint>& points)
        : m_points(points)
    {
    }
    double at(double x)
    {
        while (m_next + 1 < m_points.size() && m_points[m_next].x < x) {
            ++m_next;
        }
        const CurvePoint& right = m_points[m_next];
        if (right.x == x) { // exactly: no rounding of the point itself
            return right.y;
        }
        const CurvePoint& left = m_points[m_next - 1];
        return left.y + (right.y - left.y) * ((x - left.x) / (right.x - left.x));
    }

private:
    const std::vector<CurvePoint>& m_points;
    std::size_t m_next = 0;
};

// Adds the area between two lines that are `left` and `right` apart at the ends of a stretch.
void addStretch(double width, double left, double right, AreaBetween& area)
{
    if ((left < 0.0) != (right < 0.0) && left != 0.0 && right != 0.0) { // they cross
        const double crossing = width * (left / (left - right));
        addStretch(crossing, left, 0.0, area);
        addStretch(width - crossing, 0.0, right, area);
        return;
    }
    const double size = 0.5 * width * (left + right);
    (size < 0.0 ? area.below : area.above) += std::abs(size);
}

} // namespace

std::vector<BandPoint> bandOver(std::span<const std::vector<CurvePoint>> curves, double level)
{
    using Place = std::pair<double, std::size_t>; // the next x of a curve
    std::priority_queue<Place, std::vector<Place>, std::greater<>> next;
    std::vector<std::size_t> at(curves.size(), 0);
    for (std::size_t i = 0; i < curves.size(); ++i) {
        requireAscending(curves[i]);
        if (!curves[i].empty()) {
            next.emplace(curves[i].front().x, i);
        }
    }
    Summaries summaries(level);
    std::vector<BandPoint> out;
    std::vector<double> values;
    while (!next.empty()) {
        BandPoint point;
        point.x = next.top().first;
        values.clear();
        while (!next.empty() && next.top().first == point.x) {
            const std::size_t curve = next.top().second;
            next.pop();
            const double y = curves[curve][at[curve]].y;
            if (std::isfinite(y)) {
                values.push_back(y);
            } else {
                ++point.notFinite;
            }
            if (++at[curve] < curves[curve].size()) {
                next.emplace(curves[curve][at[curve]].x, curve);
            }
        }
        point.summary = summaries.of(values);
        out.push_back(point);
    }
    return out;
}

std::optional<AreaBetween> areaBetween(std::span<const CurvePoint> a, std::span<const CurvePoint> b)
{
    const std::vector<CurvePoint> left = finitePoints(a);
    const std::vector<CurvePoint> right = finitePoints(b);
    if (left.size() < 2 || right.size() < 2) {
        return std::nullopt;
    }
    AreaBetween out;
    out.from = std::max(left.front().x, right.front().x);
    out.to = std::min(left.back().x, right.back().x);
    if (!(out.from < out.to)) {
        return std::nullopt;
    }
    out.notFinite = static_cast<std::int64_t>(a.size() - left.size() + b.size() - right.size());
    std::vector<double> xs;
    for (const auto* const points : {&left, &right}) {
        for (const CurvePoint& point : *points) {
            if (point.x >= out.from && point.x <= out.to) {
                xs.push_back(point.x);
            }
        }
    }
    std::ranges::sort(xs);
    Line lineA(left);
    Line lineB(right);
    double before = lineA.at(out.from) - lineB.at(out.from);
    for (std::size_t i = 1; i < xs.size(); ++i) {
        const double apart = lineA.at(xs[i]) - lineB.at(xs[i]);
        addStretch(xs[i] - xs[i - 1], before, apart, out);
        before = apart;
    }
    return out;
}

std::vector<CurvePoint> differenceTo(std::span<const CurvePoint> a, std::span<const CurvePoint> b)
{
    requireAscending(a);
    const std::vector<CurvePoint> right = finitePoints(b);
    std::vector<CurvePoint> out;
    if (right.empty()) {
        return out;
    }
    out.reserve(a.size());
    Line line(right);
    for (const CurvePoint& point : a) {
        if (point.x >= right.front().x && point.x <= right.back().x) {
            out.push_back({point.x, point.y - line.at(point.x)});
        }
    }
    return out;
}

std::optional<double> firstReached(std::span<const CurvePoint> curve, double target,
                                   bool lowerIsBetter, std::int64_t hold)
{
    requireAscending(curve);
    if (hold < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("a loss held for {} points (expected 1 or more)", hold));
    }
    std::int64_t held = 0;
    for (std::size_t i = 0; i < curve.size(); ++i) {
        const double y = curve[i].y;
        held = (lowerIsBetter ? y <= target : y >= target) ? held + 1 : 0;
        if (held == hold) {
            return curve[i + 1 - static_cast<std::size_t>(hold)].x;
        }
    }
    return std::nullopt;
}

} // namespace pissarro::core::inline stats

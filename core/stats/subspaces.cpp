// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/subspaces.h"

#include "core/base/error.h"
#include "core/base/fmt.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pissarro::core::inline stats {

SubspaceSummary summaryOfCosines(std::span<const double> cosines)
{
    SubspaceSummary out;
    out.directions = static_cast<std::int64_t>(cosines.size());
    double squares = 0.0;
    double angles = 0.0;
    double smallest = std::numbers::pi / 2.0;
    double largest = 0.0;
    for (const double cosine : cosines) {
        if (cosine < -1e-3 || cosine > 1.0 + 1e-3) {
            throw Error(
                ErrorKind::InvalidArgument,
                fmt::format("a cosine of a principal angle is {} (expected 0 to 1)", cosine));
        }
        const double c = std::clamp(cosine, 0.0, 1.0);
        const double angle = std::acos(c);
        squares += c * c;
        angles += angle * angle;
        smallest = std::min(smallest, angle);
        largest = std::max(largest, angle);
    }
    if (cosines.empty() || std::isnan(squares)) {
        return out;
    }
    constexpr double kDegrees = 180.0 / std::numbers::pi;
    out.overlap = squares / static_cast<double>(cosines.size());
    out.smallestAngle = smallest * kDegrees;
    out.largestAngle = largest * kDegrees;
    out.distance = std::sqrt(angles);
    return out;
}

double chanceOverlap(std::int64_t k, std::int64_t l, std::int64_t n)
{
    if (std::min(k, l) < 1 || std::max(k, l) > n) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("subspaces of {} and {} directions in {} dimensions (expected 1 to {})", k,
                        l, n, n));
    }
    return static_cast<double>(std::max(k, l)) / static_cast<double>(n);
}

} // namespace pissarro::core::inline stats

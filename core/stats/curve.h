// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stats/sample.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pissarro::core::inline stats {

// Curves over steps, tokens, seconds. (TensorBoard's smoothing, an exponential moving average with its bias taken out, is
// MovingAverage of core/run/run_directory.h.) Every curve is in ascending order of x, each x once: else
// Error{InvalidArgument} naming the point. Threads: any.

struct CurvePoint {
    double x = 0.0;
    double y = 0.0;
};

struct BandPoint {
    double x = 0.0;
    SampleSummary summary; // of the curves that have a finite value here
    std::int64_t notFinite = 0; // curves that have NaN or an infinity here
};

// Mean and band over the runs of several seeds, at each x that one of them has. Nothing is put between points: runs that log
// other steps give points of fewer runs. One run at an x: no interval there.
// Cost: points times log(curves), and one quantile for each count of runs.
std::vector<BandPoint> bandOver(std::span<const std::vector<CurvePoint>> curves,
                                double level = 0.95);

struct AreaBetween {
    double from = 0.0; // the x that both have
    double to = 0.0;
    double above = 0.0; // area where a is above b, >= 0, in units of x times y
    double below = 0.0; // area where it is below, >= 0
    std::int64_t notFinite = 0; // points left out; the line goes on over them

    double difference() const { return above - below; } // integral of a - b
    double meanDifference() const { return difference() / (to - from); }
};

// Area between two curves over the x that both have, straight lines between points.
// nullopt: they have no stretch of x in common, or one has fewer than two finite points.
std::optional<AreaBetween> areaBetween(std::span<const CurvePoint> a,
                                       std::span<const CurvePoint> b);

// a - b at each point of `a` that lies where `b` is: between the points of `b` on a straight line, at a point of both with
// no rounding but the difference's. A gap of `a` stays one; points of `b` that are not finite are left out.
std::vector<CurvePoint> differenceTo(std::span<const CurvePoint> a, std::span<const CurvePoint> b);

// The x of the first point that reaches `target` (<= target where lower is better, else >=) and so do the `hold` - 1 points
// after it. A raw loss jumps: smooth it before, or hold it. Nothing is put between points, so that the x is one that a run
// was at. NaN reaches nothing. nullopt: never. Throws: Error{InvalidArgument} also for hold < 1.
std::optional<double> firstReached(std::span<const CurvePoint> curve, double target,
                                   bool lowerIsBetter = true, std::int64_t hold = 1);

} // namespace pissarro::core::inline stats

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/history/history.h"
#include "core/stats/curve.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace pissarro::core::inline history {

// What a metric is drawn over. Units: Time seconds; Flops floating-point operations of the whole training so far.
enum class HistoryAxis { Step, Tokens, Epoch, Time, Flops };

// A metric of a run over an axis; points and steps have the same length.
struct HistoryCurve {
    std::vector<CurvePoint>
        points; // ascending in x, each x once; y is NaN or infinite where the run was
    std::vector<std::int64_t> steps; // of each point
};

// Empty where the run tells nothing of the metric, or not where its steps stand on the axis.
//
// Every axis begins at nothing before the first step. A step of which the axis is not told, or told as rounded as that of
// the step before (the HF Trainer's epochs have two digits), stands on a straight line between those around it; one behind
// all that the axis was told of has no place, and no point.
// Flops: tokens times `flopsPerToken`; where that is 0, the total that the trainer told at its end, by tokens, or by steps
// where no tokens were told.
HistoryCurve curveOf(const History& history, std::string_view metric, HistoryAxis axis,
                     double flopsPerToken = 0.0);

} // namespace pissarro::core::inline history

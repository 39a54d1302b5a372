// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/run_spec.h"
#include "core/text/said.h"
#include "core/train/trainer.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pissarro::core::inline sweep {

// A short training whose learning rate grows by the same factor each step, from so small that nothing is learned to so large that
// the loss goes up again: which rates suit a method, seen in a minute. (Smith 2017, «Cyclical learning rates».)

struct RampOptions {
    double lowest = 1e-6;
    double highest = 1e-1;
    std::int64_t steps = 50; // ten for each power of ten
};

// One step of it.
struct RampPoint {
    double rate = 0.0;
    double loss = 0.0; // of the step: before its update
};

// Formula: lowest (highest / lowest)^((step - 1) / (steps - 1)), steps counted from 1.
double rampRate(const RampOptions& options, std::int64_t step);

// What a ramp proposes.
struct RateProposal {
    std::optional<double> rate; // none: the loss fell nowhere
    std::vector<double>
        grid; // three rates around it, half a power of ten apart: what a sweep may try
    double lowestAt = 0.0; // the rate at which the smoothed loss was lowest
    std::vector<double> smoothed; // loss of each point
    Said reason; // whole, with the numbers
};

// The rule, in this order:
//  1. The losses are smoothed as TensorBoard does (MovingAverage, 0.8). The first step whose loss is not finite, and the first
//     whose smoothed loss is above twice the first one's, end the ramp: what comes after does not count.
//  2. Where the lowest smoothed loss is not below 99 % of the first one, nothing was learned, and nothing is proposed.
//  3. Proposed is a third of the rate at which the smoothed loss is lowest, since a rate that is held over a whole training has to
//     be gentler than one that is passed through; rounded to the next number of the row 1, 3, 10, 30, … (by its logarithm).
//  4. The grid is that rate with its two neighbours in the row.
// Deterministic: the same points, the same proposal.
RateProposal proposeRate(std::span<const RampPoint> points);

struct RateRamp {
    Method method;
    std::vector<RampPoint> points; // fewer than asked for where the loss ran away
    RateProposal proposal;
};

// Trains `spec` as `method` along a ramp in a temporary folder, and removes it: batch, rank, targets and seed are the spec's, and
// twins with one seed see the same batches. Nothing is held out; it begins as each of its runs does.
// Throws: as train(), but for a loss that is not finite, which ends the ramp; Cancelled.
RateRamp rateRamp(const RunSpec& spec, Method method, const RampOptions& options,
                  const JobContext& job);

// Gives each of `twins` in a request the rate that its ramp proposes; where it proposes none the twin takes the run's own.
// `told` hears of each ramp. It ends where the job is cancelled, or the request's control or another program (RUNDIR/.order)
// says so: nothing is trained yet that could be kept. Throws: as rateRamp().
void findTwinRates(TrainRequest& request, const std::vector<Method>& twins,
                   const std::function<void(const RateRamp& ramp)>& told, const JobContext& job);

} // namespace pissarro::core::inline sweep

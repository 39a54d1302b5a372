// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/rate_finder.h"
#include "core/sweep/sweep_plan.h"

#include <vector>

namespace pissarro::core::inline sweep {

// A ramp of each method of a sweep, with the settings of its first run.
// Throws: as rateRamp(); Cancelled.
std::vector<RateRamp> rampsOf(const SweepPlan& plan, const JobContext& job);

// The sweep with the rates that the ramps propose as each method's own. A method whose ramp proposes none keeps what it has.
SweepSpec withRates(SweepSpec spec, const std::vector<RateRamp>& ramps);

} // namespace pissarro::core::inline sweep

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/spec_settings.h"
#include "core/sweep/sweep_spec.h"

#include <cstddef>
#include <string>
#include <vector>

namespace pissarro::core::inline sweep {

// A run of a sweep before it is there.
struct PlannedRun {
    std::string name; // of its folder: "pissa-rank8-lr2e-5-seed0"
    RunSpec spec;
    std::vector<SpecSetting> varied; // what the sweep varies and means something to its method
    // Settings that are compared: a stop rule measures a run against those of its group; runs of one candidate differ in their
    // seed alone.
    std::string group;
    std::string candidate;
};

struct SweepPlan {
    std::vector<PlannedRun> runs;
    std::size_t repeated =
        0; // combinations that are left out, being the same run as an earlier one
};

constexpr std::size_t kMostRuns = 10'000;

// The runs of a sweep, the same from the same spec on every machine: methods first, as they are named, then the other settings in
// the order of the spec table, the last one fastest, then the single runs.
//
// A value that means nothing to a method (T of LoRA, the rank of full fine-tuning) is not varied for it. A name holds what
// the sweep varies; different runs have different names.
// Throws: Error{InvalidArgument} naming the run and its setting where checkSpec() or the stop rule refuses it, and where
//   there are more than kMostRuns.
SweepPlan planSweep(const SweepSpec& spec);

} // namespace pissarro::core::inline sweep

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/run_spec.h"

#include <cstdint>
#include <vector>

namespace pissarro::core::inline training {

// How fast this machine trains a model.
struct Pace {
    double secondsPerToken = 0.0; // forward, backward and optimizer, of one run
    double startSeconds =
        0.0; // of opening the model, the check of step 0, the first step's warming up
};

// Trains the model and data of `spec` as LoRA for three short steps in a temporary folder, and removes it. The rank,
// the device and the dtype are the spec's; PiSSA's steps cost the same. Small batches use a machine less well than large
// ones, so what a longer run needs is overestimated rather than under.
// Cost: on SmolLM2 about three seconds. Throws: as train().
Pace measurePace(const RunSpec& spec, const JobContext& job);

// Steps and batch size with which `spec` and its twins, `runs` in all, end within `seconds`: the largest batch that leaves
// at least 20 steps, then as many steps as fit, 60 at most. Where not even single rows leave time for 20, it is these 20.
// Rows are not cut for it: an answer that is cut away teaches nothing.
// `lengths`: tokens of each row as spec.maxLength cuts it; empty: every row is as long as it may be.
struct Fit {
    RunSpec spec; // steps, batchSize and gradAccum 1 are set
    double seconds = 0.0; // what it will take
};
Fit fitToTime(const RunSpec& spec, const Pace& pace, int runs,
              const std::vector<std::int32_t>& lengths, double seconds);

} // namespace pissarro::core::inline training

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/sweep/sweep_plan.h"
#include "core/train/pace.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pissarro::core::inline sweep {

// What a sweep will cost, told before it starts.
struct SweepForecast {
    std::size_t runs = 0;
    std::size_t repeated = 0; // combinations that are the same run as another one
    // The longest it can take: what a stop rule ends early is counted whole. Workers share the processor, so that on one they
    // save nothing; several cards do not occur here.
    double seconds = 0.0;
    std::int64_t steps = 0; // of all runs
    std::int64_t diskBytes = 0; // of all run folders
    std::int64_t freeBytes = -1; // where they will be; -1: not known
    std::int64_t memoryBytes = 0; // of the largest run
    int workersThatFit = 1; // so many of the largest run at a time
    std::vector<std::string>
        warnings; // a line each: the disk is too small, fewer workers fit than are asked for
};

// measurePace(), or what a test gives.
using PaceOf = std::function<Pace(const RunSpec& spec, const JobContext& job)>;

// By this machine's own measurement: three short steps for each model, device and precision that occurs, and the tokens of
// each run's steps. `folder`: where the sweep will be.
// Throws: Error where all runs will be refused, that of the first one; Cancelled.
SweepForecast forecastSweep(const SweepPlan& plan, int workers, const std::filesystem::path& folder,
                            const JobContext& job, const PaceOf& paceOf = measurePace);

} // namespace pissarro::core::inline sweep

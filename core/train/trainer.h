// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/file/output.h"
#include "core/run/run_directory.h"
#include "core/run/run_observer.h"
#include "core/run/run_spec.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline training {

struct TrainRequest {
    RunSpec spec;
    std::vector<Method> twins; // trained beside, step by step, on the same batches
    // A single run is this folder itself; with twins each method has the folder RUNDIR/<method>.
    std::filesystem::path runDirectory;
    bool resume = false; // go on from the newest checkpoint in runDirectory
    std::shared_ptr<TrainControl> control; // may be null
    // With resume: a run that has recorded steps and no checkpoint begins anew, its records kept aside. Else it is refused.
    bool restart = false;
    // What checkpoint_minutes are measured by; empty: the steady clock.
    std::function<std::chrono::steady_clock::time_point()> clock = {};
    OutputRule output = {}; // what else is read; whether an earlier run in runDirectory goes
};

// Trains the run and its twins, interleaved step by step, and writes their run directories. Twins give the numbers of the
// same runs alone, bit for bit (but for share_base). Each goes on from its own newest checkpoint; one that is ahead waits.
//
// A twin that fails ends alone: the others go on. Its summary says Failed and why.
// Returns the summaries as written, the spec's own method first; the state is Finished, FinishedEarly or Stopped, and
//   Failed only of twins while another run came to its end.
// Throws:   Error{InvalidArgument} for what checkSpec() finds of each method, a method that is there twice, a rank above a
//   matrix's smaller side and the like; Error{Format} for bad input files and a run directory that holds something else
//   (run_place.h); Error{Numeric} naming run and step when loss or gradient norm is not finite (before the optimizer step);
//   Error{Io} when the run directory cannot be written; Cancelled. What was learned before is written first; a run
//   that never began leaves a folder only where step 0 refused it, beside a twin, or where it was to go on.
// Threads:  one call at a time in a process; spec.threads is its ThreadBudget.
std::vector<RunSummary> train(const TrainRequest& request, TrainObserver& observer,
                              const JobContext& job);

} // namespace pissarro::core::inline training

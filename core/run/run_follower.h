// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/run_observer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline run {

// A run, with its twins, that another process trains.
struct FollowRequest {
    std::filesystem::path directory; // RUNDIR as the trainer got it, or that of one of its twins
    std::vector<Method> methods; // in this order; empty: those that are there
    std::int64_t process = 0; // the trainer, where it was just started; 0: whoever holds the lock
    std::filesystem::path log; // the trainer's messages: why it ended before a run was there
    std::shared_ptr<TrainControl>
        control; // may be null; what others ask of the trainer is set here
};

// Tells `observer` what train() would, read from the run folders as they grow, until the trainer
// ends, and hands what `control` asks on to it (RUNDIR/.order). Cancelling the job only ends the
// looking.
//
// Returns the summaries as they were written last; one that was killed is Interrupted.
// Throws:  Error{Io} when the trainer ended before it wrote a run, with the last error of its log;
//   Error{InvalidArgument} when there is no run; Cancelled, also where `control` ended it before it wrote one.
// Threads: any; calls nothing of LibTorch.
std::vector<RunSummary> followRun(const FollowRequest& request, TrainObserver& observer,
                                  const JobContext& job);

// The last line of a trainer's messages that begins with "error: ", without that; empty: there is none.
std::string lastError(const std::filesystem::path& log);

// Where a trainer that a window started writes its messages, of the run and its twins: RUNDIR/worker.log.
std::filesystem::path logOfStart(const std::filesystem::path& runDirectory);
std::filesystem::path workerLogOf(const RunSummary& run);

} // namespace pissarro::core::inline run

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"

#include <filesystem>
#include <vector>

namespace pissarro::core::inline run {

enum class OrderWait {
    UntilDone, // until the trainer has done so, or has ended
    No
};

// Asks whoever trains in `directory` (a run, one of its twins, or the folder of both) to pause, go on, or stop and keep what
// was learned; with twins it is asked of all. The step in work is done first. Cancelling the job ends the waiting alone.
// Returns the runs as they are then.
// Throws: Error{InvalidArgument} where no run is, or none that is trained, with its state; Error{Io}; Cancelled.
std::vector<RunSummary> orderRun(const std::filesystem::path& directory, RunOrder order,
                                 OrderWait wait, const JobContext& job);

} // namespace pissarro::core::inline run

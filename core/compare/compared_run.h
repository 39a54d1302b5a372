// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/history/history.h"
#include "core/run/run_directory.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// One of the runs that are laid side by side: ours, or another program's, of which its curves are all that is known.
struct ComparedRun {
    std::string name; // the end of its path, as long as it takes to tell it from the others
    std::filesystem::path path;
    std::optional<RunSummary> run; // as it was trained; nullopt: another program's
    History history; // no metrics: it has told nothing yet
    std::string edits =
        {}; // a line about what its run.json says otherwise than it was trained with; empty: nothing

    std::string title() const; // "PiSSA r16, 2e-4", of another program's its name
};

// The runs that the paths name: a run, the twins of a request, every run below a folder (a sweep's), a run of others. In that
// order, each once.
// Throws: Error{InvalidArgument} where a path holds no run; Error{Io}, Error{Format}; Cancelled.
std::vector<ComparedRun> openCompared(const std::vector<std::filesystem::path>& paths,
                                      const JobContext& job);

// Mean loss of the last twentieth of the steps, at least one; NaN where no loss was told.
double endLoss(const ComparedRun& run);
// The best held-out loss; NaN: it was never evaluated.
double heldOutLoss(const ComparedRun& run);

} // namespace pissarro::core::inline compare

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/compare/compared_run.h"
#include "core/compare/update_map.h"
#include "core/run/run_checkpoints.h"
#include "core/text/said.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// One matrix of two runs closely: what is drawn beside the maps of where their updates went.
struct MatrixPair {
    std::string module;
    std::optional<SpectraBesides> a; // none: it did not train there
    std::optional<SpectraBesides> b;
    // Leading directions of both changes against each other; empty: one of them has none, or other sides.
    SideCosines between;
};

// A run at one of its states.
struct RunAt {
    RunSummary run;
    StateChoice state;
};

// directions: of each change that are compared, fewer where it has fewer.
// Throws: Error{Format}: the state is not kept, or belongs to another run; Error{Io}: a model is gone; Error{Numeric}; Cancelled.
// Cost: four spectra of the matrix.
MatrixPair matrixPair(const RunAt& a, const RunAt& b, const std::string& module,
                      std::int64_t directions, const JobContext& job);

// Why the changes of two runs cannot be laid over one another: the first matrix of another shape, else another base by its
// fingerprint. nullopt: they can, as far as is known. Matrices that only one of them trained are no fault.
std::optional<Said> pairFault(const ComparedRun& a, const std::vector<LinearModule>& ofA,
                              const ComparedRun& b, const std::vector<LinearModule>& ofB);

} // namespace pissarro::core::inline compare

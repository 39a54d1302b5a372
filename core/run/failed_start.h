// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

#include <filesystem>
#include <map>
#include <optional>

namespace pissarro::core::inline run {

// The twins of a training that was ordered, with rates of their own; nullopt: its rate is to be found by a short ramp.
using OrderedTwins = std::map<Method, std::optional<double>>;

// Puts what a trainer in a process of its own is told into its claimed folder: RUNDIR/spec.json, and that of each twin whose
// rate is known in RUNDIR/<method>. Throws: Error{Io}.
void writeOrdered(const std::filesystem::path& directory, const RunSpec& spec,
                  const OrderedTwins& twins);

// A training that was ordered and ended before it wrote run.json.
struct FailedStart {
    RunSummary
        run; // Failed, or Stopped where a person ended it; of what was ordered, and no step is planned
    OrderedTwins twins;
};

// Whether a training was ordered into `folder` and no run is there. Cost: a question to the disk, mostly.
bool isOrdered(const std::filesystem::path& folder);
// Whether a program prepares it, here or, as far as its files tell, elsewhere. Requires: isOrdered().
bool isPrepared(const std::filesystem::path& folder);
// Why it ended is the last line of its trainer's messages. Requires: isOrdered(), and nobody prepares it.
// Throws: Error{Io}, Error{Format}, Error{InvalidArgument} naming spec.json.
FailedStart readFailedStart(const std::filesystem::path& folder);

} // namespace pissarro::core::inline run

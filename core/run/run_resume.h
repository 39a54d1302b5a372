// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_checkpoints.h"
#include "core/run/run_directory.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline run {

// What a run that goes on may be told anew: how long it is (steps, epochs, patience), where it computes (threads,
// device), its checkpoints, and where model and data lie now (RunInputs tells whether they are the same): what its row in
// spec_fields.cpp says. Everything else decides its numbers.
//
// Returns a sentence for each change. Throws: Error{InvalidArgument} naming the key, the value in the run and the one
// asked for, and what to do.
std::vector<std::string> acceptChanges(const RunSummary& before, const RunSpec& asked);

// That run.json holds what `state`, a checkpoint of the run, was trained with, but for what a run may be told anew: what a
// person edits there between two parts is no new setting of the run. One of an older version, which keeps none, passes.
// Throws: Error{Format} naming run.json, the key, both values, and what to do.
void requireTrainedWith(const RunSummary& run, const TrainState& state);
// The same for whoever reads a run in that state. Of one that no folder keeps, the adapter alone, nothing is asked.
void requireTrainedWith(const RunSummary& run, const StoredState& state);

// For whoever tells about a run and does not go on with it: puts into `run` what its newest state was trained with, where run.json
// says otherwise. Returns one line naming run.json, what was edited, and what is told instead; "" where nothing was, or no
// state tells.
std::string takeTrained(RunSummary& run);

// The sentence about steps that a run has done by `state`, its checkpoint, and that its metrics.jsonl has no line of; "" where
// none is missing. What was recorded is never made up: the gap stays.
std::string recordGap(const RunSummary& run, const TrainState& state);

// The sentence about another number of steps, "" where it stays: that the schedule is drawn anew over the new length.
// Throws: Error{InvalidArgument} when `steps` is below the `done` ones.
std::string lengthChange(const RunSummary& before, const RunSpec& asked, std::int64_t steps,
                         std::int64_t done);

// Moves what a run that begins anew has recorded aside: metrics.1.jsonl and best.1, then .2 … Throws: Error{Io}.
void keepRecordsAside(const std::filesystem::path& runDirectory);

} // namespace pissarro::core::inline run

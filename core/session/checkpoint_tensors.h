// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/optim/optimizer_tensors.h"
#include "core/run/run_checkpoints.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace pissarro::core {

// Writes RUNDIR/checkpoints/step-N: the trained tensors as they are (raw), AdamW's moments, the state. Written beside,
// fsynced and renamed. Older ones stay: pruneCheckpoints(), once every twin has written. Throws: Error{Io}.
void writeCheckpoint(const std::filesystem::path& runDirectory, const TrainState& state,
                     AdamW& optimizer);

// Writes RUNDIR/best the same way, without the moments: nobody trains on from it. Throws: Error{Io}.
void writeBest(const std::filesystem::path& runDirectory, const TrainState& state,
               AdamW& optimizer);

// Loads the newest whole checkpoint into the masters and moments; a broken one is passed over for the one before.
// Returns nullopt when there is none. Throws: Error{Format} when a checkpoint belongs to another set of tensors.
std::optional<TrainState> readNewestCheckpoint(const std::filesystem::path& runDirectory,
                                               AdamW& optimizer);

// Loads the trained tensors of a state (findState()) into their masters. Throws: Error{Format} when it belongs to another
// set of tensors, Error{Io}.
void readTrained(const std::filesystem::path& directory, const std::vector<Trainable*>& trainables);

// Bytes of one checkpoint: value and two moments of everything that trains.
std::int64_t checkpointBytes(const AdamW& optimizer);

} // namespace pissarro::core

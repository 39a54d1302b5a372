// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_checkpoints.h"
#include "core/tensor/named_tensors.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace pissarro::core::inline session {

// A state on disk is named tensors and a TrainState; whose they are it does not know. Those of a checkpoint are
// Optimizer::tensors(), of a best state TrainableSet::tensors(): nobody trains on from it.

// Writes RUNDIR/checkpoints/step-N. Written beside, fsynced and renamed. Older ones stay: pruneCheckpoints(), once every
// twin has written. Throws: Error{Io}.
void writeCheckpoint(const std::filesystem::path& runDirectory, const TrainState& state,
                     const NamedTensors& tensors);

// Writes RUNDIR/best the same way. Throws: Error{Io}.
void writeBest(const std::filesystem::path& runDirectory, const TrainState& state,
               const NamedTensors& tensors);

// Copies the newest whole checkpoint into the tensors; a broken one is passed over for the one before. An optimizer
// goes on from it with setSteps(state.step). Returns nullopt when there is none.
// Throws: Error{Format} when a checkpoint belongs to another set of tensors.
std::optional<TrainState> readNewestCheckpoint(const std::filesystem::path& runDirectory,
                                               const NamedTensors& tensors);

// Copies those tensors of a state (findState()) that are named. Throws: Error{Format} when it belongs to another set of
// tensors, Error{Io}.
void readTrained(const std::filesystem::path& directory, const NamedTensors& tensors);

std::int64_t checkpointBytes(const NamedTensors& tensors); // of one checkpoint

} // namespace pissarro::core::inline session

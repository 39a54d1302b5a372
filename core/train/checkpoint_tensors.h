// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/data/batches.h"
#include "core/train/checkpoints.h"
#include "core/train/optimizer_tensors.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

namespace pissarro::core {

// Where a run stands beside its tensors.
struct TrainState {
    std::int64_t step = 0; // optimizer steps done
    DataCursor cursor; // of the next batch
    std::int64_t tokens = 0; // cumulative
    double elapsedS = 0.0;
    double bestEvalLoss = std::numeric_limits<double>::infinity();
    std::int64_t bestStep = 0;
    std::int64_t stale = 0; // evaluations since the best one
};

// Writes RUNDIR/checkpoints/step-N: the trained tensors as they are (raw), AdamW's moments, the state. Written beside,
// fsynced and renamed; older checkpoints but the newest `keep` are removed afterwards.
// Throws: Error{Io}.
void writeCheckpoint(const std::filesystem::path& runDirectory, const TrainState& state,
                     AdamW& optimizer, int keep);

// Loads the newest whole checkpoint up to `lastStep` into the masters and moments; a broken one is passed over for the
// one before. Returns nullopt when there is none. Throws: Error{Format} when a checkpoint belongs to another set of
// tensors.
std::optional<TrainState>
readNewestCheckpoint(const std::filesystem::path& runDirectory, AdamW& optimizer,
                     std::int64_t lastStep = std::numeric_limits<std::int64_t>::max());

// Bytes of one checkpoint: value and two moments of everything that trains.
std::int64_t checkpointBytes(const AdamW& optimizer);

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/batches.h"
#include "core/run/run_directory.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline run {

// Names in the folder of a state: RUNDIR/checkpoints/step-N, RUNDIR/best.
constexpr const char* kStateTensors = "state.safetensors"; // what trains, as it is (raw)
constexpr const char* kStateFile = "state.json";

// Where a run stands beside its tensors.
struct TrainState {
    std::int64_t step = 0; // optimizer steps done
    DataCursor cursor; // of the next batch
    std::int64_t tokens = 0; // cumulative
    double elapsedS = 0.0;
    double bestEvalLoss = std::numeric_limits<double>::infinity();
    double bestScore = -std::numeric_limits<double>::infinity(); // of eval_task, where it decides
    std::int64_t bestStep = 0;
    std::int64_t stale = 0; // evaluations since the best one
    // The step's line of metrics.jsonl where it is not in that file yet: the run ended between the step and its
    // evaluation. Empty: nothing is missing.
    std::string unrecorded;
    // What the run was trained with so far, as specToJson() writes it: run.json can be edited. Empty in checkpoints of older
    // versions.
    std::string spec = {};
};

std::string stateToJson(const TrainState& state);
// The state that a folder holds; nullopt where it is not whole: a crash or a full disk has cut it.
std::optional<TrainState> readState(const std::filesystem::path& directory);

std::filesystem::path checkpointDirectory(const std::filesystem::path& runDirectory,
                                          std::int64_t step);
std::filesystem::path bestDirectory(const std::filesystem::path& runDirectory);
// Steps of the checkpoints there are, newest first; `whole`: without those that a crash has cut.
std::vector<std::int64_t> checkpointSteps(const std::filesystem::path& runDirectory, bool whole);
std::int64_t
newestCheckpoint(const std::filesystem::path& runDirectory); // that is whole; 0: there is none
// Leaves the newest `keep`. What cannot be removed stays.
void pruneCheckpoints(const std::filesystem::path& runDirectory, std::int64_t keep);
// Removes those above `step`, which a run that goes on from there would take for its newest; returns their steps.
std::vector<std::int64_t> dropCheckpointsAbove(const std::filesystem::path& runDirectory,
                                               std::int64_t step);

// Which state of a run is meant: --checkpoint best|last|N.
struct StateChoice {
    enum class Kind { Usual, Best, Last, Step };
    Kind kind = Kind::Usual; // best where evaluations chose one, else last
    std::int64_t step = 0; // of Kind::Step
};
StateChoice parseStateChoice(std::string_view text); // Throws: Error{InvalidArgument}

// A trained state on disk.
struct StoredState {
    std::filesystem::path directory; // holds kStateTensors and kStateFile; empty: RUN/adapter alone
    std::int64_t step = 0;
    bool isBest = false; // the evaluations chose it
    bool isLast = false; // nothing newer is kept
    std::string title() const; // "step 25, the best by evaluation", "step 40, the last one"
};

// Every whole state that a run keeps, newest first; where best/ and a checkpoint are one step, the checkpoint.
std::vector<StoredState> storedStates(const RunSummary& run);
// The state of `run` that `choice` names. Throws: Error{Format} naming the run and the states it has.
StoredState findState(const RunSummary& run, const StateChoice& choice = {});

} // namespace pissarro::core::inline run

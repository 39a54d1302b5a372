// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/sweep_plan.h"
#include "core/text/enum_names.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline sweep {

// What has become of a run of a sweep.
//
//   Waiting --claim--> Running --finished--> Done
//      ^                  | \--the stop rule--> EndedEarly     (Waiting too: halving ends runs that wait at their look)
//      |                  | \--an error-------> Failed
//      |                  | \--a person-------> Skipped        (Waiting too)
//      \-- left, paused, its program gone, retry
//
// A waiting run that has steps goes on from its checkpoint.
enum class SweepRunState { Waiting, Running, Done, EndedEarly, Failed, Skipped };

// The program that trains a run.
struct SweepWorker {
    std::int64_t process = 0;
    std::string host;

    bool operator==(const SweepWorker&) const = default;
};

struct SweepRun {
    std::string name; // of a PlannedRun
    SweepRunState state = SweepRunState::Waiting;
    std::string message; // why it failed, was ended early or skipped; one line
    std::int64_t step = 0; // when it was last told of
    std::int64_t attempts = 0; // times that it was begun or gone on with
    // Of halving: its figure at each look that it has come to, and how many of these it has passed.
    std::vector<double> looks;
    std::size_t passed = 0;
    bool spared = false; // a person had it go on all the same: the stop rule looks at it no more
    std::optional<SweepWorker> worker; // of a running one
};

// The queue: what is done, what is worked at, what is to come.
struct SweepState {
    bool paused = false; // no program takes a run, and those that train stop and keep
    std::string why; // of a pause that no person asked for: the disk is full
    int workers = 1; // programs that are to work side by side
    std::vector<SweepRun> runs; // in the order of the queue
};

} // namespace pissarro::core::inline sweep

namespace pissarro::core {

template <>
struct EnumNames<SweepRunState> {
    static constexpr std::array all {
        Named<SweepRunState> {SweepRunState::Waiting, "waiting"},
        Named<SweepRunState> {SweepRunState::Running, "running"},
        Named<SweepRunState> {SweepRunState::Done, "done"},
        Named<SweepRunState> {SweepRunState::EndedEarly, "ended early"},
        Named<SweepRunState> {SweepRunState::Failed, "failed"},
        Named<SweepRunState> {SweepRunState::Skipped, "skipped"}};
};

} // namespace pissarro::core

namespace pissarro::core::inline sweep {

std::string_view sweepRunStateName(SweepRunState state);

SweepState freshState(const SweepPlan& plan, int workers);

// `runs`, `paused`, `why`, `workers` of sweep.json. Throws: Error{Format}, without the file's name, where a run is not of the
// plan, is there twice or is missing.
nlohmann::ordered_json stateToJson(const SweepState& state);
SweepState stateFromJson(const nlohmann::ordered_json& object, const SweepPlan& plan);

// All that follow change a state that is held under the lock of its file (sweep_store.h), and nothing else.

// Throws: Error{InvalidArgument} with the names known.
SweepRun& runNamed(SweepState& state, const std::string& name);
const PlannedRun& plannedRun(const SweepPlan& plan, const std::string& name);

// Runs whose program is gone wait again. `isLost`: whether that is so of a running one.
void releaseLost(SweepState& state, const std::function<bool(const SweepRun&)>& isLost);

// Ends what halving leaves behind, wherever all runs of a group have come to their look. Runs that differ in their seed alone
// stand or fall together, by the mean of their figures; with a failed one among them they fall. Asked twice it does nothing more.
void applyHalving(SweepState& state, const SweepPlan& plan, const StopRule& rule);

// The step up to which a run may go before it waits for the others; 0: to its end.
std::int64_t mayGoTo(const SweepRun& run, const StopRule& rule);

// Takes the first run of the queue that may go on, for `worker`. None: the queue is paused, or what is left waits for others.
std::optional<std::string> claimNext(SweepState& state, const StopRule& rule,
                                     const SweepWorker& worker);

// Whether something is left that a program might take, now or when another one is done.
bool isUnderWay(const SweepState& state);

// Of a person. Throws: as runNamed(); Error{InvalidArgument} where that cannot be done to the run.
void skipRun(SweepState& state, const std::string& name); // a running one is stopped, and kept
void retryRun(SweepState& state, const std::string& name); // failed, skipped, or ended early
void moveRun(SweepState& state, const std::string& name, std::size_t place); // in the queue

// How many there are of each: "7 done, 1 ended early, 2 waiting".
std::string stateText(const SweepState& state);

} // namespace pissarro::core::inline sweep

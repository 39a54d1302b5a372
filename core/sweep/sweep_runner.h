// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/sweep/sweep_store.h"
#include "core/train/trainer.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline sweep {

// How a program leaves a sweep, from any thread: the run at work ends after its last whole step, is kept, and waits for whoever goes
// on with it. Another program that works at the sweep is not stopped by it; SweepState::paused stops all.
class SweepControl {
public:
    void leave() { m_leave.request_stop(); }
    std::stop_token stopToken() const { return m_leave.get_token(); }

private:
    std::stop_source m_leave;
};

// What a worker tells. Called on its thread.
class SweepObserver {
public:
    virtual ~SweepObserver() = default;
    virtual void stateChanged(const SweepState& /*state*/) { } // as it was just written
    virtual void runStarted(const PlannedRun& /*run*/, std::int64_t /*fromStep*/) { }
    virtual void runPrepared(const RunSummary& /*run*/) { }
    virtual void stepDone(const PlannedRun& /*run*/, const StepRecord& /*record*/) { }
    virtual void runEnded(const SweepRun& /*run*/) { }
    virtual void message(std::string_view /*text*/) { } // one line for people
};

struct SweepOptions {
    std::shared_ptr<SweepControl> control; // may be null
    // Threads of a run whose spec leaves them open; 0: as the spec has it. Workers side by side share the machine.
    int threads = 0;
    // What trains a run; empty: train() of core/train.
    std::function<std::vector<RunSummary>(const TrainRequest&, TrainObserver&, const JobContext&)>
        train = {};
};

// Works at a sweep as one of its programs: takes run after run from the queue and trains it as an ordinary run folder, until
// nothing is left, the sweep is paused, or this program leaves. What runs read is read once (SharedInputs), and their exact
// decompositions come from the cache of all.
//
// Any number of programs may do so at once, on this machine and on others; each run is one program's at a time. A program that is
// killed loses nothing but the steps since its run's last checkpoint: whoever comes next goes on with that run first, and the
// results are bit for bit those of a sweep that nothing disturbed. (The median rule looks at what is finished: with several
// workers it may end other runs.)
//
// A run that fails stays in the list with its reason, and the rest goes on; a disk without room pauses the sweep instead.
// Returns the state when this program ended. Throws: Error{Io}, Error{Format} about the sweep's own file; Cancelled when the job was
// cancelled: the run at work waits then too, without the steps since its checkpoint.
// Threads: as train(): one call at a time in a process.
SweepState workOn(const SweepStore& store, const SweepOptions& options, SweepObserver& observer,
                  const JobContext& job);

} // namespace pissarro::core::inline sweep

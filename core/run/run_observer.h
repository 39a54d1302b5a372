// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

#include <atomic>
#include <stop_token>
#include <string_view>

namespace pissarro::core::inline run {

// How a person steers a run in progress. It pauses after the step in work and stops within a layer of it.
// Threads: any.
class TrainControl {
public:
    void pause() { m_paused = true; }
    void resume() { m_paused = false; }
    bool isPaused() const { return m_paused; }
    // Ends the run after the last whole step: the step in work is given up, what was learned before is written, and the
    // run counts as stopped. Before the first step there is nothing to keep: train() throws Cancelled.
    void stopAndKeep() { m_stop.request_stop(); }
    bool stopRequested() const { return m_stop.stop_requested(); }
    std::stop_token stopToken() const { return m_stop.get_token(); }

private:
    std::atomic<bool> m_paused = false;
    std::stop_source m_stop;
};

// What a run tells while it goes. Called on the trainer's thread; `run` is 0 for the spec's own method, then the twins.
class TrainObserver {
public:
    virtual ~TrainObserver() = default;
    virtual void runPrepared(int /*run*/, const RunSummary& /*summary*/) {
    } // initialised and checked; steps known
    virtual void stepDone(int /*run*/, const StepRecord& /*record*/) { }
    virtual void runFailed(int /*run*/, std::string_view /*why*/) { } // its twins go on without it
    virtual void message(std::string_view /*text*/) { } // one line for people
};

} // namespace pissarro::core::inline run

// SPDX-License-Identifier: GPL-3.0-or-later
// One run of a sweep while it trains: what stops it before its end, and why.
#pragma once

#include "core/sweep/sweep_runner.h"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline sweep {

// Why a run was told to stop.
enum class Ending { None, Look, Hopeless, Paused, Left, TakenAway };

// Hands on what the trainer tells, and stops the run where the sweep wants it to: at halving's look, where the median rule gives
// it up, when the sweep is paused or a person takes the run away.
class RunWatch : public TrainObserver {
public:
    RunWatch(const SweepStore& store, const PlannedRun& run, const SweepRun& entry,
             SweepObserver& observer, std::shared_ptr<TrainControl> control);

    void runPrepared(int run, const RunSummary& summary) override;
    void stepDone(int run, const StepRecord& record) override;
    void message(std::string_view text) override { m_observer.message(text); }

    void end(Ending why); // the first one counts
    Ending ending() const { return m_ending; }
    const std::string& reason() const { return m_reason; } // of Hopeless
    std::int64_t step() const { return m_step; }

private:
    bool isHopeless(std::int64_t step);
    void lookAtSweep();

    const SweepStore& m_store;
    const PlannedRun& m_run;
    SweepObserver& m_observer;
    std::shared_ptr<TrainControl> m_control;
    const std::int64_t m_until; // halving's look; 0: none
    const bool m_spared;
    std::uint64_t m_version = 0; // of the sweep's file when it was read last; 0: never
    std::atomic<Ending> m_ending = Ending::None; // a person leaves on another thread
    std::string m_reason;
    std::int64_t m_step = 0;
    std::vector<StepRecord> m_records; // of this run, where the median rule needs them
};

// The records of a run on disk, each step once.
std::vector<StepRecord> recordsOf(const std::filesystem::path& run);

} // namespace pissarro::core::inline sweep

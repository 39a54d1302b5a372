// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/method_run_tensors.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline training {

// The runs of a request side by side, in its order. One that fails ends alone, and what can be kept of each is kept.
class TwinRuns {
public:
    struct Entrant {
        std::unique_ptr<MethodRun> run;
        bool failed = false; // and what can be kept of it is kept
        double computeSeconds = 0.0; // of its micro-batches in this step
    };

    TwinRuns(const RunSpec& spec, TrainObserver& observer)
        : m_spec(spec)
        , m_observer(observer)
    {
    }

    void add(std::unique_ptr<MethodRun> run);
    void clear() { m_entrants.clear(); } // their locks go
    Entrant& at(std::size_t i) { return m_entrants.at(i); }
    int indexOf(const Entrant& one) const { return static_cast<int>(&one - m_entrants.data()); }
    std::vector<RunSummary> summaries() const;

    // Does something for one run; its failure is its own, while another one goes on.
    // Throws: Cancelled; Error when it was the last one.
    void attempt(Entrant& one, const std::function<void()>& work);
    // Calls work(entrant) for every run whose turn step `step` is.
    void each(std::int64_t step, const std::function<void(Entrant&)>& work);
    // The run that is behind the others, whose turn it is; null: all have done `steps` steps.
    Entrant* hindmost(std::int64_t steps);

    // Whether every run has gone `patience` evaluations without a better loss, and how that is said.
    bool isStale() const;
    std::string earlyStopText() const;

    void tell(RunState state);
    // Older ones go only when all have written: a crash in between leaves each run one.
    void checkpoint();
    // Those that took all `steps` are finished, whatever ended the others.
    void finish(RunState state, const std::string& message, std::int64_t steps);
    // Of what ends early. Cannot throw: what goes wrong here is told where somebody still listens.
    void salvage(RunState state, const std::string& message) noexcept;

private:
    void fail(Entrant& one, const Error& error); // keeps what can be kept of it
    void drop(Entrant& one, const Error& error); // the others go on. Throws: where it was the last
    void keep(Entrant& one, RunState state, const std::string& message);
    static bool isThere(const Entrant& one); // its run.json, once it has one
    static void requireThere(const Entrant& one);
    void prune() const;
    void say(const char* what) noexcept;

    const RunSpec& m_spec;
    TrainObserver& m_observer;
    std::vector<Entrant> m_entrants;
};

} // namespace pissarro::core::inline training

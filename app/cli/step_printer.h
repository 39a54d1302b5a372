// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/console.h"
#include "core/run/run_observer.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::cli {

// Prints each step of a run as one line: all methods beside each other once the last of them has done it.
// Threads: the trainer's, or who follows it.
class StepPrinter : public core::TrainObserver {
public:
    // runs: how many there are; more come in by themselves.
    StepPrinter(Console& console, std::size_t runs);

    void runPrepared(int run, const core::RunSummary& summary) override;
    void stepDone(int run, const core::StepRecord& record) override;
    void runFailed(int run, std::string_view why) override;
    void message(std::string_view text) override;

private:
    struct Run {
        std::string name;
        std::optional<std::int64_t> from; // steps done before; empty: not there, or failed
        std::optional<core::StepRecord> record; // the newest
    };

    Run& at(int run);
    bool isLastOf(std::int64_t step) const;
    void printStep(const core::StepRecord& last);

    Console& m_console;
    std::vector<Run> m_runs;
    std::int64_t m_steps = 0;
};

} // namespace pissarro::cli

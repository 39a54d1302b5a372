// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_orders.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

constexpr auto kLook = std::chrono::milliseconds(100); // between two looks at the folders

bool isAt(const std::vector<RunSummary>& runs, RunState state)
{
    return std::any_of(runs.begin(), runs.end(),
                       [state](const RunSummary& run) { return run.state == state; });
}

bool isTrained(const std::vector<RunSummary>& runs)
{
    return isAt(runs, RunState::Running) || isAt(runs, RunState::Paused);
}

bool isDone(const std::vector<RunSummary>& runs, RunOrder order)
{
    switch (order) {
    case RunOrder::Pause:
        return !isAt(runs, RunState::Running);
    case RunOrder::GoOn:
        return !isAt(runs, RunState::Paused);
    case RunOrder::Stop:
        break;
    }
    return !isTrained(runs);
}

// The folder of the trainer's request. One of another machine may lie elsewhere here: then it is the one that was named.
fs::path requestOf(const RunHolder& holder, const fs::path& directory)
{
    std::error_code missing;
    return fs::is_directory(holder.request, missing) ? holder.request : directory;
}

} // namespace

std::vector<RunSummary> orderRun(const fs::path& directory, RunOrder order, OrderWait wait,
                                 const JobContext& job)
{
    std::vector<RunSummary> runs = runsOfRequest(directory, job);
    if (runs.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: no run is there (expected a folder with {})",
                                shownPath(directory), kRunFile));
    }
    const auto live = std::find_if(runs.begin(), runs.end(),
                                   [](const RunSummary& run) { return isLive(run.state); });
    const auto holder = live == runs.end() ? std::nullopt : lastHolder(live->directory);
    if (!holder) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: nobody trains there: it is {}", shownPath(directory),
                                runStateText(runs.front())));
    }
    giveOrder(requestOf(*holder, directory), holder->process, order);
    while (wait == OrderWait::UntilDone && !isDone(runs, order)) {
        job.throwIfCancelled();
        std::this_thread::sleep_for(kLook);
        runs = runsOfRequest(directory, job);
    }
    return runs;
}

} // namespace pissarro::core::inline run

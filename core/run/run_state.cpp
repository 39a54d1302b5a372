// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_state.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/regular_file.h"
#include "core/run/run_directory.h"
#include "core/text/enum_names.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestWords = 300; // bytes of a line that is shown
constexpr std::uint64_t kLogTail = 16 << 10; // bytes at the end of a log that are looked at

constexpr std::array kStates {
    Named<RunState> {RunState::Running, "running"},
    Named<RunState> {RunState::Paused, "paused"},
    Named<RunState> {RunState::Finished, "finished"},
    Named<RunState> {RunState::FinishedEarly, "finished early"},
    Named<RunState> {RunState::Stopped, "stopped"},
    Named<RunState> {RunState::Failed, "failed"},
    Named<RunState> {RunState::Interrupted, "interrupted"},
};

std::string lastLine(const fs::path& file)
{
    const auto there = RegularFile::open(file);
    if (!there) {
        return {};
    }
    std::istringstream log(there->tail(kLogTail));
    std::string last;
    for (std::string line; std::getline(log, line);) {
        if (line.find_first_not_of(" \t\r") != std::string::npos) {
            last = std::move(line);
        }
    }
    if (last.empty()) {
        return {};
    }
    const std::string quoted = shownText(last, kLongestWords); // control characters escaped
    return quoted.substr(1, quoted.size() - 2);
}

std::string resumeText(const RunSummary& run)
{
    return run.checkpointStep > 0
        ? fmt::format("; resuming goes on from the checkpoint of step {}", run.checkpointStep)
        : "; there is no checkpoint to go on from";
}

} // namespace

std::string_view runStateName(RunState state)
{
    return nameIn(kStates, state);
}

RunState parseRunState(std::string_view text)
{
    return parseIn(kStates, "run.state", text, ErrorKind::Format);
}

bool isLive(RunState state)
{
    return state == RunState::Running || state == RunState::Paused;
}

bool isComplete(RunState state)
{
    return state == RunState::Finished || state == RunState::FinishedEarly;
}

std::string runStateText(const RunSummary& run)
{
    const std::string word(runStateName(run.state));
    const std::string place = fmt::format(" at step {} of {}", run.step, run.steps);
    const std::string before = " before it began"; // a start, of which no step was planned yet
    switch (run.state) {
    case RunState::Running:
    case RunState::Paused:
        return word + place;
    case RunState::Finished:
        return fmt::format("{}, {}{}{}", word, run.step,
                           run.step == run.steps ? std::string() : fmt::format(" of {}", run.steps),
                           run.steps == 1 ? " step" : " steps");
    case RunState::FinishedEarly:
        return word + place
            + (run.bestStep > 0 ? fmt::format("; the best is step {}", run.bestStep)
                                : std::string());
    case RunState::Stopped:
        return run.steps == 0 ? word + before : word + place + resumeText(run);
    case RunState::Failed:
        return word + (run.steps == 0 ? before : place)
            + (run.message.empty() ? std::string() : ": " + run.message);
    case RunState::Interrupted:
        return word + place + resumeText(run);
    }
    throw Error(ErrorKind::Internal, "a run state without a text");
}

std::string lastWords(const fs::path& runDirectory)
{
    for (const fs::path& folder : {runDirectory, runDirectory.parent_path()}) {
        if (std::string line = lastLine(folder / "worker.log"); !line.empty()) {
            return line;
        }
    }
    return {};
}

} // namespace pissarro::core::inline run

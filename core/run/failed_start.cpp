// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/failed_start.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/output_marker.h"
#include "core/run/run_follower.h"
#include "core/run/run_lock.h"
#include "core/run/run_log.h"
#include "core/run/run_place.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestSpec = 16ULL << 20; // as run.json
constexpr std::chrono::minutes kSilence {
    10}; // of a trainer that nobody here sees before it counts as gone

fs::path twinOf(const fs::path& folder, Method method)
{
    return folder / std::string(methodName(method));
}

bool isFile(const fs::path& file)
{
    std::error_code missing;
    return fs::is_regular_file(file, missing);
}

RunSpec specIn(const fs::path& folder)
{
    const fs::path file = folder / kSpecFile;
    const std::string text = readWholeFile(file, kLargestSpec);
    try {
        return specFromJson(text);
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
}

bool wroteLately(const fs::path& file)
{
    std::error_code missing;
    const auto written = fs::last_write_time(file, missing);
    return !missing && fs::file_time_type::clock::now() - written < kSilence;
}

std::string orderedAt(const fs::path& folder)
{
    struct ::stat status { };
    return ::stat((folder / kSpecFile).c_str(), &status) == 0 ? utcText(status.st_mtim.tv_sec)
                                                              : std::string();
}

} // namespace

void writeOrdered(const fs::path& directory, const RunSpec& spec, const OrderedTwins& twins)
{
    writeFileAtomically(directory / kSpecFile, specToJson(spec) + "\n");
    for (const auto& [method, rate] : twins) {
        if (rate) {
            RunSpec own = spec;
            own.method = method;
            own.learningRate = *rate;
            writeFileAtomically(twinOf(directory, method) / kSpecFile, specToJson(own) + "\n");
        }
    }
}

bool isOrdered(const fs::path& folder)
{
    return isFile(folder / kSpecFile) && !isFile(folder / kRunFile)
        && !isFile(folder / kMetricsFile) && isGrowingFolder(folder);
}

bool isPrepared(const fs::path& folder)
{
    const std::vector<Method>& methods = allMethods();
    const bool isHeld = RunLock::isHeld(folder)
        || std::any_of(methods.begin(), methods.end(),
                       [&](Method method) { return RunLock::isHeld(twinOf(folder, method)); });
    if (isHeld || someoneTrainsIn(folder)) {
        return true;
    }
    // On another machine, or between the order and its trainer's first moment.
    return lastError(logOfStart(folder)).empty()
        && (wroteLately(folder / kSpecFile) || wroteLately(logOfStart(folder)));
}

FailedStart readFailedStart(const fs::path& folder)
{
    constexpr std::string_view kInterrupted = "interrupted"; // as the command line ends by a signal
    FailedStart start;
    RunSummary& run = start.run;
    run.directory = folder;
    run.spec = specIn(folder);
    run.startedAt = orderedAt(folder);
    run.message = lastError(logOfStart(folder));
    run.state = run.message.starts_with(kInterrupted) ? RunState::Stopped : RunState::Failed;
    if (run.state == RunState::Stopped) {
        run.message.clear();
    } else if (run.message.empty()) {
        const std::string words = lastWords(folder);
        run.message = words.empty()
            ? "its trainer left no message (was it killed, or out of memory?); start the run again"
            : fmt::format("its trainer was killed, or the machine went down; it said last: {}",
                          words);
    }
    for (const Method method : allMethods()) {
        const fs::path twin = twinOf(folder, method);
        if (!(method == run.spec.method) && isGrowingFolder(twin)) {
            start.twins.emplace(method,
                                isFile(twin / kSpecFile) ? std::optional(specIn(twin).learningRate)
                                                         : std::nullopt);
        }
    }
    return start;
}

} // namespace pissarro::core::inline run

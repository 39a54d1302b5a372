// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_place.h"

#include "core/base/error.h"
#include "core/file/output_marker.h"
#include "core/run/run_directory.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <string>

namespace pissarro::core::inline run {

namespace fs = std::filesystem;

namespace {

// Everything that a run may hold (core/train/README.md); folders carry a marker of their own.
std::vector<std::string> namesInARun()
{
    std::vector<std::string> names {kRunFile,
                                    kMetricsFile,
                                    "metrics.[0-9].jsonl",
                                    "metrics.[0-9][0-9].jsonl",
                                    "metrics.[0-9][0-9][0-9].jsonl",
                                    "log.txt",
                                    "events.out.tfevents.*",
                                    ".lock",
                                    ".order",
                                    kSpecFile,
                                    "worker.log",
                                    "adapter/",
                                    "model/",
                                    "best/",
                                    "best.[0-9]/",
                                    "best.[0-9][0-9]/",
                                    "base/",
                                    "checkpoints/step-*/",
                                    "*_init/",
                                    "*_start/"};
    for (const Method method : allMethods()) {
        names.push_back(std::string(methodName(method)) + "/"); // twins
    }
    return names;
}

// The folder itself and those of twins in it.
std::vector<fs::path> placesIn(const fs::path& directory)
{
    std::vector<fs::path> places {directory};
    for (const Method method : allMethods()) {
        places.push_back(directory / methodName(method));
    }
    return places;
}

bool recordsSteps(const fs::path& directory)
{
    const auto places = placesIn(directory);
    return std::any_of(places.begin(), places.end(), [](const fs::path& place) {
        std::error_code failed;
        return fs::file_size(place / kMetricsFile, failed) > 0 && !failed;
    });
}

void markRun(const fs::path& directory)
{
    std::error_code failed;
    fs::create_directories(directory, failed);
    if (failed) {
        throw Error(ErrorKind::Io,
                    shownPath(directory) + ": the run folder cannot be made: " + failed.message()
                        + "; choose another with -o");
    }
    if (foreignIn(directory)) { // it has no marker yet
        removeLeftovers(directory); // of a start that was killed here
        try {
            markGrowingFolder(directory, namesInARun());
        } catch (const Error&) {
            fs::remove(directory, failed); // only an empty one goes
            throw;
        }
    }
}

// Whether the folder holds an earlier run that goes. Throws when it may not be taken.
bool mustBeEmptied(const fs::path& directory, const OutputRule& rule)
{
    std::error_code failed;
    const bool there = fs::is_directory(directory, failed) && !fs::is_empty(directory, failed);
    const bool recorded = there && recordsSteps(directory);
    if (there && !recorded && isGrowingFolder(directory) && !foreignIn(directory)) {
        requireNoInput(directory, rule);
        return false; // a start of ours that came to nothing, or a window's for its trainer
    }
    if (recorded && rule.overwrite == Overwrite::Never) {
        const auto places = placesIn(directory);
        const bool canGoOn =
            std::any_of(places.begin(), places.end(), [&failed](const fs::path& place) {
                return fs::exists(place / kRunFile, failed);
            });
        throw Error(ErrorKind::InvalidArgument,
                    shownPath(directory)
                        + (canGoOn ? ": already holds a run; choose another run folder, go on with "
                                     "--resume, or replace it with --force"
                                   : ": already holds a run, which has lost its run.json, so that "
                                     "nothing goes on with it; choose another run folder, or "
                                     "replace it with --force"));
    }
    return checkOutputFolder(directory, rule) == ExistingFolder::Replace;
}

} // namespace

bool isOwnSpec(const fs::path& file, const fs::path& directory)
{
    std::error_code missing;
    return !directory.empty() && fs::equivalent(file, directory / kSpecFile, missing);
}

void checkRunDirectory(const fs::path& directory, const OutputRule& rule)
{
    mustBeEmptied(directory, rule);
}

void claimRunDirectory(const fs::path& directory, const std::vector<Method>& methods,
                       const OutputRule& rule)
{
    if (mustBeEmptied(directory, rule)) {
        emptyOurFolder(directory);
    }
    markRun(directory);
    if (methods.size() > 1) {
        for (const Method method : methods) {
            markRun(directory / methodName(method));
        }
    }
}

} // namespace pissarro::core::inline run

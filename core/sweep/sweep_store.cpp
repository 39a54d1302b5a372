// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_store.h"

#include "core/base/error.h"
#include "core/base/version.h"
#include "core/file/atomic_file.h"
#include "core/file/file_lock.h"
#include "core/file/output_marker.h"
#include "core/run/fresh_folders.h"
#include "core/session/open_model.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/stat.h>
#include <utility>

namespace pissarro::core::inline sweep {

namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr std::uint64_t kLimitBytes = 256U << 20U;
constexpr int kVersion = 1;
constexpr const char* kRuns = "runs";
constexpr const char* kClaims = "claims";
constexpr const char* kSweep = "sweep";

fs::path plainPath(const fs::path& path)
{
    const fs::path plain = fs::absolute(path).lexically_normal();
    return plain.has_filename() ? plain : plain.parent_path();
}

ordered_json readFile(const fs::path& file)
{
    const std::string text = readWholeFile(file, kLimitBytes);
    try {
        ordered_json object = parseOwnJson(text);
        if (!object.is_object() || jsonField(object, kSweep) == nullptr) {
            throw Error(
                ErrorKind::Format,
                Clause {"has no object sweep (expected a sweep of Pissarro); move it away"});
        }
        if (jsonFieldAs<int>(object, "version").value_or(0) > kVersion) {
            throw Error(ErrorKind::Format,
                        std::string("was written by a newer version (expected that of Pissarro ")
                            + version() + "); use that one");
        }
        return object;
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
}

SweepSpec specIn(const ordered_json& object, const fs::path& file)
{
    try {
        return sweepFromJson(object.at(kSweep).dump());
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
}

std::string textOf(const SweepSpec& spec, const SweepState& state)
{
    ordered_json object {{"version", kVersion}, {kSweep, sweepToJson(spec)}};
    object.update(stateToJson(state));
    return markedJson(object).dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// A folder that grows: what may be in it, so that --force replaces nothing else.
void markSweep(const fs::path& folder)
{
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) {
        throw Error(ErrorKind::Io,
                    shownPath(folder) + ": the sweep's folder cannot be made: " + failed.message()
                        + "; choose another with -o");
    }
    markGrowingFolder(folder,
                      {kSweepFile, std::string(kSweepFile) + ".lock", "runs/*/", "claims/*.lock",
                       std::string(kEvaluations) + ".lock", std::string(kEvaluations) + "/*/",
                       "results.json", "results.csv", "worker-[0-9].log", "worker-[0-9][0-9].log",
                       "worker-[0-9][0-9][0-9].log"});
    fs::create_directories(folder / kClaims, failed);
}

// Whether there is a start of a sweep that was killed before its state was written, which is taken as an empty folder is.
bool isBareStart(const fs::path& folder)
{
    return isGrowingFolder(folder) && !holdsSweep(folder) && !fs::exists(folder / kRuns)
        && !foreignIn(folder);
}

// With all that the runs read and are asked, once each.
OutputRule withInputs(const OutputRule& rule, const SweepPlan& plan, const SweepSpec& spec)
{
    std::set<std::vector<std::string>> seen;
    std::set<fs::path> places;
    for (const PlannedRun& run : plan.runs) {
        const RunSpec& one = run.spec;
        if (seen.insert({one.model, one.data, one.batches, one.initAdapter, one.evalTaskData})
                .second) {
            const std::vector<fs::path> read = readPlaces(one);
            places.insert(read.begin(), read.end());
        }
    }
    if (spec.evaluation) {
        places.insert(spec.evaluation->data);
    }
    return rule.with({places.begin(), places.end()});
}

bool mayReplace(const fs::path& folder, const OutputRule& rule)
{
    if (isBareStart(folder)) {
        requireNoInput(folder, rule);
        return false;
    }
    return checkOutputFolder(folder, rule) == ExistingFolder::Replace;
}

// Makes the folder a sweep's, under its lock.
std::unique_ptr<FileLock> takeFolder(const fs::path& folder, const OutputRule& rule)
{
    const bool replaces = mayReplace(folder, rule);
    FreshFolders made;
    made.note(folder);
    try {
        std::unique_ptr<FileLock> lock;
        if (replaces) {
            if (holdsSweep(folder)) { // no program may take it between
                lock = std::make_unique<FileLock>(folder / kSweepFile);
            }
            emptyOurFolder(folder, lock ? std::string(kSweepFile) + ".lock" : std::string());
        }
        markSweep(folder);
        return lock ? std::move(lock) : std::make_unique<FileLock>(folder / kSweepFile);
    } catch (...) {
        made.takeBack(/*runs=*/true);
        throw;
    }
}

void requireSame(const SweepStore& there, const SweepSpec& asked)
{
    if (const std::string difference = sweepDifference(there.spec(), asked); !difference.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    shownPath(there.folder()) + ": holds another sweep (" + difference
                        + "); choose another folder with -o, or go on with that one by leaving "
                          "SWEEP.json out");
    }
}

} // namespace

SweepStore::SweepStore(fs::path folder)
    : m_folder(plainPath(folder))
{
    const fs::path file = m_folder / kSweepFile;
    m_spec = specIn(readFile(file), file);
    m_plan = planSweep(m_spec);
}

fs::path SweepStore::runFolder(const std::string& name) const
{
    return m_folder / kRuns / name;
}

fs::path SweepStore::claimFile(const std::string& name) const
{
    return m_folder / kClaims / name;
}

SweepState SweepStore::readLocked() const
{
    const fs::path file = m_folder / kSweepFile;
    const ordered_json object = readFile(file);
    try {
        return stateFromJson(object, m_plan);
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
}

SweepState SweepStore::read() const
{
    return readLocked(); // a file that is moved into place is whole at any time
}

SweepState SweepStore::change(const std::function<void(SweepState&)>& change) const
{
    const FileLock lock(m_folder / kSweepFile);
    SweepState state = readLocked();
    const ordered_json before = stateToJson(state);
    change(state);
    if (stateToJson(state) != before) {
        write(state);
    }
    return state;
}

void SweepStore::write(const SweepState& state) const
{
    writeFileAtomically(m_folder / kSweepFile, textOf(m_spec, state));
}

std::uint64_t SweepStore::version() const
{
    struct ::stat status { };
    if (::stat((m_folder / kSweepFile).c_str(), &status) != 0) {
        return 0;
    }
    // Each write is a new file; the time tells one apart that got the number of one that is gone.
    const auto nanoseconds = static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000U
        + static_cast<std::uint64_t>(status.st_mtim.tv_nsec);
    return (static_cast<std::uint64_t>(status.st_ino) * 0x9e3779b97f4a7c15U) ^ nanoseconds;
}

bool holdsSweep(const fs::path& folder)
{
    std::error_code ignored;
    return fs::exists(folder / kSweepFile, ignored);
}

bool beginsSweep(const fs::path& folder, const SweepSpec& spec, const OutputRule& rule)
{
    const SweepPlan plan = planSweep(spec);
    const fs::path place = plainPath(folder);
    if (holdsSweep(place) && rule.overwrite == Overwrite::Never) {
        requireSame(SweepStore(place), spec);
        return false;
    }
    mayReplace(place, withInputs(rule, plan, spec));
    return true;
}

SweepStore openSweep(const fs::path& folder, const SweepSpec& spec, const OutputRule& rule)
{
    const SweepPlan plan = planSweep(spec); // before anything is made
    const fs::path place = plainPath(folder);
    const auto goOn = [&]() -> SweepStore {
        SweepStore there(place);
        requireSame(there, spec);
        return there;
    };
    if (holdsSweep(place) && rule.overwrite == Overwrite::Never) {
        return goOn();
    }
    const auto lock = takeFolder(place, withInputs(rule, plan, spec));
    if (holdsSweep(place)) { // another program began it at the same moment
        return goOn();
    }
    writeFileAtomically(place / kSweepFile, textOf(spec, freshState(plan, spec.workers)));
    return SweepStore(place);
}

} // namespace pissarro::core::inline sweep

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_list.h"

#include "core/base/error.h"
#include "core/file/regular_file.h"
#include "core/file/trash.h"
#include "core/history/history_format.h"
#include "core/library/project.h"
#include "core/run/run_follower.h"
#include "core/run/run_lock.h"
#include "core/run/run_place.h"
#include "core/text/enum_names.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <sys/stat.h>
#include <utility>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

constexpr int kSearchDepth = 3; // root / run / twin, and one folder a person sorted by
constexpr const char* kSweepFile = "sweep.json"; // as core/sweep, which lies above, names it
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr int kMostAbove = 8; // folders above a run that may hold its project

constexpr std::array kGroupings {
    Named<RunGrouping> {RunGrouping::Sweep, "sweep"},
    Named<RunGrouping> {RunGrouping::Model, "model"},
    Named<RunGrouping> {RunGrouping::Data, "data"},
    Named<RunGrouping> {RunGrouping::None, "none"},
};

// What another program tells of a run there; a file of it, too.
bool isOthersRun(const fs::path& folder)
{
    const auto& formats = allHistoryFormats();
    std::error_code failed;
    const bool isFile = fs::is_regular_file(folder, failed);
    const std::string name = folder.filename().string();
    return std::any_of(formats.begin(), formats.end(), [&](const HistoryFormat* format) {
        return format->name != kMetricsFile
            && (isFile ? format->takes(name) : !format->find(folder).empty());
    });
}

std::string nameOfPath(const std::string& path)
{
    fs::path plain(path);
    plain = plain.has_filename() ? plain : plain.parent_path();
    return (plain.extension() == ".gguf" ? plain.stem() : plain.filename()).string();
}

} // namespace

RunLister::Stamp RunLister::stampOf(const fs::path& file)
{
    struct ::stat status { };
    if (::stat(file.c_str(), &status) != 0) {
        return {};
    }
    return {static_cast<std::uint64_t>(status.st_ino), static_cast<std::int64_t>(status.st_size),
            static_cast<std::int64_t>(status.st_mtim.tv_sec) * kNsPerSecond
                + static_cast<std::int64_t>(status.st_mtim.tv_nsec)};
}

// `within`: root and sweep of what is found. What history finds of others it finds below a folder too, be it in runs of ours:
// so a folder is a run of others only where none of ours is below it, and then it is one, whatever its parts look like.
void RunLister::collect(const fs::path& folder, Place within, int depth, const JobContext& job,
                        std::vector<Place>& found)
{
    within.path = folder;
    std::error_code ignored;
    if (fs::is_regular_file(folder / kRunFile, ignored)) {
        within.spec = stampOf(folder / kRunFile);
        found.push_back(std::move(within));
        return;
    }
    if (fs::is_regular_file(folder / kSweepFile, ignored)) {
        within.sweep = folder;
    }
    const std::size_t before = found.size();
    if (depth > 0) {
        fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                     ignored);
        for (; !ignored && entry != fs::directory_iterator(); entry.increment(ignored)) {
            job.throwIfCancelled();
            std::error_code unreadable;
            if (entry->is_directory(unreadable) && !unreadable) {
                collect(entry->path(), within, depth - 1, job, found);
            }
        }
    }
    const auto first = found.begin() + static_cast<std::ptrdiff_t>(before);
    if (isOrdered(folder)) { // its twins are a part of it, unless one has begun
        found.erase(
            std::remove_if(first, found.end(), [](const Place& one) { return one.isStart; }),
            found.end());
        if (found.size() == before) {
            within.isStart = true;
            within.spec = stampOf(folder / kSpecFile);
            found.push_back(std::move(within));
        }
        return;
    }
    const bool hasOurs =
        std::any_of(first, found.end(), [](const Place& one) { return !one.isOthers; });
    if (!hasOurs && within.sweep.empty() && isOthersRun(folder)) {
        found.erase(first, found.end());
        within.isOthers = true;
        found.push_back(std::move(within));
    }
}

std::shared_ptr<const ListedRun> RunLister::read(const Place& place, const JobContext& job)
{
    auto listed = std::make_shared<ListedRun>();
    listed->root = place.root;
    listed->sweep = place.sweep;
    listed->isOthers = place.isOthers;
    if (!place.isOthers) {
        try {
            if (place.isStart) {
                FailedStart start = readFailedStart(place.path);
                listed->run = std::move(start.run);
                listed->start = std::move(start.twins);
            } else {
                listed->run = readRun(place.path, job);
            }
            RunSummary& run = listed->run;
            if (run.state == RunState::Interrupted && run.message.empty()) {
                run.message = lastError(workerLogOf(run));
            }
        } catch (const Error& e) {
            listed->run = {};
            listed->problem = e.what();
        }
    }
    listed->run.directory = place.path;
    return listed;
}

// Null: it has to be read. Whether a program still trains, only its lock tells.
std::shared_ptr<const ListedRun> RunLister::known(const Place& place, const Known& now) const
{
    const auto found = m_known.find(place.path.string());
    if (found == m_known.end()) {
        return nullptr;
    }
    const Known& before = found->second;
    const ListedRun& run = *before.run;
    const bool isSame = before.spec == now.spec && before.metrics == now.metrics
        && before.checkpoints == now.checkpoints && run.isOthers == place.isOthers
        && run.root == place.root && run.sweep == place.sweep && !run.isGone;
    return isSame && !(run.isOurs() && isLive(run.run.state)) ? before.run : nullptr;
}

std::vector<RunLister::Place> RunLister::placesBelow(const std::vector<fs::path>& roots,
                                                     std::vector<fs::path>& gone,
                                                     const JobContext& job)
{
    std::vector<Place> places;
    std::error_code ignored;
    for (const fs::path& root : roots) {
        job.throwIfCancelled();
        if (pathExists(root)) {
            Place within;
            within.root = root;
            if (fs::is_regular_file(root.parent_path() / kSweepFile, ignored)) {
                within.sweep = root.parent_path(); // its folder of runs was named
            }
            collect(root, within, kSearchDepth, job, places);
        } else {
            gone.push_back(root);
        }
    }
    std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
        return a.spec.writtenNs > b.spec.writtenNs;
    });
    return places;
}

RunList RunLister::look(const std::vector<fs::path>& roots, const JobContext& job,
                        const Batch& tell)
{
    RunList list;
    const std::vector<Place> places = placesBelow(roots, list.gone, job);
    std::map<std::string, Known> found;
    ListedRuns batch;
    for (const Place& place : places) {
        job.throwIfCancelled();
        std::string folder = place.path.string();
        if (found.contains(folder)) {
            continue; // below two of the roots
        }
        Known now {place.spec,
                   stampOf(place.isStart ? logOfStart(place.path) : place.path / kMetricsFile),
                   stampOf(place.path / "checkpoints"), nullptr};
        now.run = known(place, now);
        if (now.run == nullptr) {
            if (place.isStart && isPrepared(place.path)) {
                continue; // it is listed once it is a run, or none
            }
            now.run = read(place, job);
            batch.push_back(now.run);
            if (tell && batch.size() == kBatch) {
                tell(std::exchange(batch, {}));
            }
        }
        list.runs.push_back(now.run);
        found.emplace(std::move(folder), std::move(now));
    }
    for (auto& [folder, before] : m_known) { // of roots that are away: as they were
        const bool isAway =
            std::find(list.gone.begin(), list.gone.end(), before.run->root) != list.gone.end();
        if (isAway && !found.contains(folder)) {
            auto gone = std::make_shared<ListedRun>(*before.run);
            gone->isGone = true;
            before.run = before.run->isGone ? before.run : std::move(gone);
            list.runs.push_back(before.run);
            found.emplace(folder, before);
        }
    }
    m_known = std::move(found);
    std::stable_sort(list.runs.begin(), list.runs.end(), [](const auto& a, const auto& b) {
        return a->isOthers != b->isOthers ? b->isOthers : isListedBefore(a->run, b->run);
    });
    return list;
}

std::string_view runGroupingName(RunGrouping by)
{
    return nameIn(kGroupings, by);
}

RunGrouping parseRunGrouping(std::string_view name)
{
    return parseIn(kGroupings, "group", name);
}

RunGroup groupOf(const ListedRun& run, RunGrouping by)
{
    if (by == RunGrouping::None) {
        return {};
    }
    const fs::path& directory = run.run.directory;
    if (run.isOthers) { // behind every other key
        return {"\xF4\x8F\xBF\xBF", {}, {}};
    }
    if (by == RunGrouping::Model || by == RunGrouping::Data) {
        const std::string& path = by == RunGrouping::Model ? run.run.spec.model : run.run.spec.data;
        std::string title = nameOfPath(path);
        return {title, title, {}}; // a model is the same wherever it lies
    }
    fs::path folder = run.sweep;
    if (folder.empty()) {
        folder = directory.parent_path();
    }
    return {folder.string(), folder.filename().string(), folder};
}

fs::path projectFolderOf(const fs::path& run, const fs::path& root)
{
    fs::path above = run.parent_path();
    for (int i = 0; i < kMostAbove && above.has_relative_path(); ++i) {
        if (pathExists(above / kProjectFile)) {
            return above;
        }
        above = above.parent_path();
    }
    return root.empty() || root == run ? run.parent_path() : root;
}

void trashRun(const fs::path& run, const fs::path& root)
{
    if (RunLock::isHeld(run) || (isOrdered(run) && isPrepared(run))) {
        throw Error(ErrorKind::InvalidArgument,
                    shownPath(run) + ": a program trains in this folder; stop it first");
    }
    Project project(projectFolderOf(run, root));
    const bool isSaid = project.markOf(run) != RunMark(); // asked before anything is changed
    const Trashed trashed = moveToTrash(run);
    if (isSaid) {
        project.moved(trashed.original, trashed.file);
    }
}

void restoreRun(const fs::path& run, const fs::path& root)
{
    const auto trashed = newestInTrash(run);
    if (!trashed) {
        throw Error(ErrorKind::Io,
                    shownPath(run) + ": nothing of that place is in the trash; look there by hand");
    }
    Project project(projectFolderOf(run, root));
    const bool isSaid = project.markOf(trashed->file) != RunMark();
    restoreFromTrash(*trashed);
    if (isSaid) {
        project.moved(trashed->file, trashed->original);
    }
}

} // namespace pissarro::core::inline run

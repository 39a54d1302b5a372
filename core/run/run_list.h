// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/failed_start.h"
#include "core/run/run_directory.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline run {

// A run as a list of runs has it.
struct ListedRun {
    RunSummary run; // of another program's, and of one that cannot be read, its directory alone
    std::optional<OrderedTwins> start =
        {}; // it ended before it wrote run.json: `run` is what was ordered
    std::filesystem::path root; // that it was found below
    std::filesystem::path sweep; // folder of the sweep that it belongs to; empty: none
    bool isOthers = false; // told by files of core/history: a folder of another program
    bool isGone = false; // it was there; its root is away (a disk that was taken out)
    std::string problem; // why run.json cannot be read; empty: it was

    bool isKnown() const { return !isOthers && problem.empty(); } // `run` tells its settings
    bool isOurs() const { return isKnown() && !start; }
};

// Immutable: a run whose files did not change is the same object in the next list.
using ListedRuns = std::vector<std::shared_ptr<const ListedRun>>;

struct RunList {
    ListedRuns runs; // ours first, as isListedBefore() has them
    std::vector<std::filesystem::path> gone; // roots that are not there
};

// Lists the runs below folders, ours and others', also those that are written right now. Of each run.json is read and the end
// of metrics.jsonl, whatever their length; of others' runs nothing but that they are there.
//
// Keeps what it read: another look costs a few questions to the disk for each folder, and reads what changed, and what is
// being trained. A run that cannot be read is listed with the reason; one whose root is away stays as it was. A start that
// ended before it was a run is listed once nobody prepares it any more.
// Threads: one user at a time.
class RunLister {
public:
    // The runs read since the last batch, the newest written ones first, every kBatch of them. Not yet in the list's order.
    using Batch = std::function<void(ListedRuns)>;
    static constexpr std::size_t kBatch = 64;

    // Throws: Cancelled. A folder that may not be looked into holds no run.
    RunList look(const std::vector<std::filesystem::path>& roots, const JobContext& job,
                 const Batch& tell = {});

private:
    // What tells that a file is another one.
    struct Stamp {
        std::uint64_t inode = 0; // 0: there is none
        std::int64_t bytes = 0;
        std::int64_t writtenNs = 0;

        bool operator==(const Stamp&) const = default;
    };
    struct Place { // of a run folder
        std::filesystem::path path;
        std::filesystem::path root;
        std::filesystem::path sweep;
        bool isOthers = false;
        bool isStart = false;
        Stamp spec;
    };
    struct Known {
        Stamp spec;
        Stamp metrics;
        Stamp checkpoints;
        std::shared_ptr<const ListedRun> run;
    };
    static Stamp stampOf(const std::filesystem::path& file);
    static void collect(const std::filesystem::path& folder, Place within, int depth,
                        const JobContext& job, std::vector<Place>& found);
    // Those below the roots, the newest written ones first; roots that are not there go into `gone`.
    static std::vector<Place> placesBelow(const std::vector<std::filesystem::path>& roots,
                                          std::vector<std::filesystem::path>& gone,
                                          const JobContext& job);
    static std::shared_ptr<const ListedRun> read(const Place& place, const JobContext& job);
    std::shared_ptr<const ListedRun> known(const Place& place, const Known& now) const;

    std::map<std::string, Known> m_known; // by folder
};

// What runs of a list have in common.
enum class RunGrouping { Sweep, Model, Data, None };
std::string_view runGroupingName(RunGrouping by); // "sweep", "model", "data", "none"
RunGrouping
parseRunGrouping(std::string_view name); // Throws: Error{InvalidArgument} with the names

struct RunGroup {
    std::string key; // alike for the runs of one group; in order of keys others' come last
    std::string title; // "Methods at r16", "SmolLM2-135M"; empty: of other programs, or all of them
    std::filesystem::path folder; // of a sweep or of twins, or that the runs lie in; else empty

    bool operator==(const RunGroup&) const = default;
};
// By Sweep: a sweep, the twins of a request, else the folder that the run lies in. Cost: no question to the disk.
RunGroup groupOf(const ListedRun& run, RunGrouping by);

// The folder whose Project (core/library/project.h) tells of a run found below `root`: the nearest above the run that has a
// project file, else the root, or where that is the run itself the folder it lies in.
std::filesystem::path projectFolderOf(const std::filesystem::path& run,
                                      const std::filesystem::path& root);

// Moves a run's folder into the trash; what its project says of it goes along, for restoreRun().
// Throws: Error{InvalidArgument} while a program trains in it, or prepares to; Error{Io}: as moveToTrash(), nothing is changed then.
void trashRun(const std::filesystem::path& run, const std::filesystem::path& root);
// Brings back what was moved there last from that place. Throws: Error{Io} naming it: it is not in the trash, or something is
// there again.
void restoreRun(const std::filesystem::path& run, const std::filesystem::path& root);

} // namespace pissarro::core::inline run

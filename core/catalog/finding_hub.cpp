// SPDX-License-Identifier: GPL-3.0-or-later
// The cache of huggingface_hub, a repository at a time.
#include "core/catalog/finding_p.h"
#include "core/file/regular_file.h"
#include "core/model/hub_cache.h"

#include <algorithm>
#include <map>

namespace pissarro::core::inline catalog {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kShownRevision = 7; // digits
constexpr int kDepthInSnapshot = 2; // some keep their GGUF files in folders, one for each type

// By revision the first of the names that refs/ has for it, "main" before all.
std::map<std::string, std::string> namedRevisions(const fs::path& repository)
{
    std::map<std::string, std::string> names;
    const std::string main = hubRevision(repository / "refs" / "main");
    if (!main.empty()) {
        names.emplace(main, "main");
    }
    std::error_code failed;
    for (fs::directory_iterator it(repository / "refs", failed), end; !failed && it != end;
         it.increment(failed)) {
        const std::string revision = hubRevision(it->path());
        if (!revision.empty()) {
            names.emplace(revision, it->path().filename().string());
        }
    }
    return names;
}

void takeBelow(const fs::path& folder, const FoundModel& as, int depth, Finding& finding)
{
    const FolderContent content = finding.contentOf(folder);
    if (!content.problem.empty()) {
        finding.note(folder, content.problem);
    }
    finding.takeFolder(folder, content, as);
    for (const fs::path& one : content.folders) {
        std::error_code failed;
        if (depth > 0 && !fs::is_symlink(one, failed)) {
            takeBelow(one, as, depth - 1, finding);
        }
    }
}

} // namespace

void findInHubRepository(const fs::path& repository, Finding& finding)
{
    const std::string id = hubIdOf(repository.filename().string()).value_or("");
    const std::size_t slash = id.find('/');
    FoundModel as;
    as.author = slash == std::string::npos ? std::string() : id.substr(0, slash);
    as.name = slash == std::string::npos ? id : id.substr(slash + 1);
    as.unfinished = repository / "blobs";
    const FolderContent snapshots = finding.contentOf(repository / "snapshots");
    const auto names = namedRevisions(repository);
    std::vector<fs::path> shown; // what somebody has a name for
    for (const fs::path& one : snapshots.folders) {
        if (names.contains(one.filename().string())) {
            shown.push_back(one);
        }
    }
    if (shown.empty()) {
        const auto chosen = hubSnapshotIn(repository);
        if (chosen) {
            shown.push_back(*chosen);
        } else if (!snapshots.folders.empty()) {
            shown.push_back(snapshots.folders.front());
        }
    }
    for (const fs::path& one : shown) {
        const std::string revision = one.filename().string();
        const auto name = names.find(revision);
        as.version = name == names.end() ? revision.substr(0, kShownRevision)
            : name->second == "main"     ? std::string()
                                         : name->second;
        takeBelow(one, as, kDepthInSnapshot, finding);
    }
    if (shown.empty()) {
        const std::string unfinished = unfinishedClause(as.unfinished);
        if (!unfinished.empty()) {
            as.path = repository;
            as.problem = unfinished;
            finding.take(as);
        } else if (!snapshots.problem.empty() && pathExists(repository / "snapshots")) {
            finding.note(repository / "snapshots", snapshots.problem);
        }
    }
}

} // namespace pissarro::core::inline catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/catalog/model_place.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::core::inline catalog {

// A file as the disk tells of it, without it being opened.
struct FileStamp {
    std::string name;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t writtenNs = 0;
};

// What may be a model: a place and its files, none of which was opened.
struct FoundModel {
    std::filesystem::path path; // what opens it; of one that nothing opens, what tells of it
    std::string author; // "HuggingFaceTB"; empty: not known
    std::string name; // "SmolLM2-135M-Instruct"
    std::string version; // a tag, a branch, or which file of several; empty: there is one
    std::string storedAs; // as its manifest says; empty: it says nothing
    std::vector<FileStamp> files; // all that are its own
    std::filesystem::path unfinished; // where parts of its download wait, if there are any
    std::string problem; // why it cannot be opened, a clause; empty: its headers tell
    bool isCertain = true; // false: what is there may be no model at all
};

// What a folder holds of that, in the order of names.
struct FolderContent {
    std::vector<FileStamp> files; // those with an ending of models
    std::vector<std::filesystem::path> folders;
    std::vector<std::string> brokenLinks; // of such files
    std::vector<std::string> unfinished; // names of downloads
    std::string problem; // why it cannot be read, a clause
};

// One walk through places.
class Finding {
public:
    using Take = std::function<void(FoundModel)>;
    using Note = std::function<void(std::string)>; // one line: what was passed over, and why

    Finding(const JobContext& job, Take take, Note note)
        : m_job(job)
        , m_take(std::move(take))
        , m_note(std::move(note))
    {
    }

    // Every model of the place. Throws: Cancelled.
    void findIn(const ModelPlace& place);

    // For the files of this folder that know one kind of place each:
    FolderContent contentOf(const std::filesystem::path& folder);
    void take(FoundModel found);
    // `clause`: "cannot be read". Names that are not UTF-8 are escaped.
    void note(const std::filesystem::path& path, std::string_view clause) const;
    const JobContext& job() const { return m_job; }
    // What a folder holds as models: itself, where a config.json is in it, and each GGUF file in it.
    void takeFolder(const std::filesystem::path& folder, const FolderContent& content,
                    const FoundModel& as);

private:
    using Id = std::pair<std::uint64_t, std::uint64_t>; // of a folder: device, inode
    void walk(const std::filesystem::path& folder, std::vector<Id>& above, const ModelPlace& place);
    void takeOpened(const std::filesystem::path& path);
    FoundModel namedBelow(const std::filesystem::path& folder, const ModelPlace& place) const;

    const JobContext& m_job;
    Take m_take;
    Note m_note;
    std::set<Id> m_seen; // folders
    bool m_isFull = false; // more folders than anybody's models lie in
};

// The two stores whose files are known by other names. `as`: nothing but what the place says of them.
void findInHubRepository(const std::filesystem::path& repository, Finding& finding);
void findInOllamaStore(const std::filesystem::path& store, Finding& finding);

FileStamp stampOf(const std::filesystem::path& file); // inode 0: nothing is there
// "is not finished: 1.2 GB of it are in blobs"; empty: nothing waits there.
std::string unfinishedClause(const std::filesystem::path& folder);

} // namespace pissarro::core::inline catalog

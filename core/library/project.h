// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace pissarro::core::inline library {

// What a person says of a run.
struct RunMark {
    std::string name; // shown in place of the folder's; empty: the folder's
    std::string notes;
    std::vector<std::string> tags; // each once, in their order
    std::string colour; // "#3b82f6"; empty: that of its method
    bool pinned = false;
    bool archived = false;

    bool operator==(const RunMark&) const = default;
};

// Says of `mark` what `after` says otherwise than `before`; the rest stays, as somebody else may have said it meanwhile. Of tags
// those that came are added and those that went are taken away.
void applyChange(RunMark& mark, const RunMark& before, const RunMark& after);
void addTag(RunMark& mark, const std::string& tag); // once
void removeTag(RunMark& mark, const std::string& tag);

// "#3b82f6", as a mark has it. Throws: Error{InvalidArgument} for anything but # and six digits of base 16; empty stays empty.
std::string colourOf(const std::string& text);

// The marks of the runs below a folder, in FOLDER/pissarro-project.json beside them: nothing is written inside of a run. Paths are told
// from FOLDER, so that it may be moved with its runs.
//
// Windows and command lines may change it side by side: each change reads what is there, changes its run and moves a new file
// into place. What a newer version has written stays.
// Throws: every member Error{Io}, Error{Format} naming the file; one that is none is never written over.
// Threads: any.
class Project {
public:
    explicit Project(std::filesystem::path folder);

    const std::filesystem::path& file() const { return m_file; }
    // By run folder, absolute and without links where it is there; runs of which nothing is said are not in it.
    std::map<std::filesystem::path, RunMark> marks() const;
    RunMark markOf(const std::filesystem::path& run) const;

    // `change` gets what is said now. Returns what was said before: for undo.
    RunMark change(const std::filesystem::path& run, const std::function<void(RunMark&)>& change);
    void forget(const std::filesystem::path& run); // its folder was deleted
    void moved(const std::filesystem::path& from,
               const std::filesystem::path& to); // renamed on disk

private:
    std::string keyOf(const std::filesystem::path& run) const;

    std::filesystem::path m_folder; // absolute
    std::filesystem::path m_file;
};

constexpr const char* kProjectFile = "pissarro-project.json";

} // namespace pissarro::core::inline library

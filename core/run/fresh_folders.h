// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

namespace pissarro::core::inline run {

// Run folders that were not there, or were empty, before a call: what it made in them is taken back when it comes to nothing.
class FreshFolders {
public:
    void note(const std::filesystem::path& folder); // before anything is made there

    // Empties those folders, and removes those that were not there; `runs` too, or only what has no run.json.
    void takeBack(bool runs) noexcept;

private:
    struct Folder {
        std::filesystem::path path;
        bool wasThere;
    };
    std::vector<Folder> m_folders; // as they were noted: a folder comes after the one it is in
};

} // namespace pissarro::core::inline run

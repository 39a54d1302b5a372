// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/atomic_file.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline file {

// The one rule for every place that a person names to be written (DESIGN §7, «Outputs»):
// a file, or a folder that is not empty, is refused when it is there, and nothing is touched.

// What a person agreed to.
enum class Overwrite {
    Never,
    Ours, // --force: what this program wrote, told by its marks, and wholly
    ThisFile, // a dialog asked about this very file; a folder as with Ours
};

// What a job reads, and what it may replace.
struct OutputRule {
    // Files and folders: model, data, adapter, rank map, run. Empty paths and ones that are not there do not count.
    std::vector<std::filesystem::path> inputs;
    Overwrite overwrite = Overwrite::Never;

    OutputRule with(std::vector<std::filesystem::path> more) const; // these inputs too
};

// Whether `file` may be written, before the work and (by the writers below) again after it. Returns what the writer may
// do with what is there; something that appears in between is refused then.
//
// Something that is there is never replaced when it is an input, lies in one or holds one: told by the files themselves,
// not by their names, so that links, hard links, relative names, mounts and case make no difference.
// Throws: Error{Io}: the folder is not there, the name is taken by no regular file;
//         Error{InvalidArgument} naming the place, why not, and what to do
ExistingFile checkOutputFile(const std::filesystem::path& file, const OutputRule& rule);

// The same for a folder: it may be missing (its parents too) or empty. With Ours, all in it must be listed by its
// marker and no program may be at work in it; /, the home folder, the current one and those above them are never replaced.
ExistingFolder checkOutputFolder(const std::filesystem::path& folder, const OutputRule& rule);

// The part of both that no consent lifts: `place` is no input, lies in none and holds none.
// Throws: Error{InvalidArgument}
void requireNoInput(const std::filesystem::path& place, const OutputRule& rule);

void writeOutputFile(const std::filesystem::path& file, std::string_view text,
                     const OutputRule& rule);
void writeOutputFolder(const std::filesystem::path& folder,
                       const std::function<void(const std::filesystem::path&)>& fill,
                       const OutputRule& rule);

// Empties a folder for which checkOutputFolder() returned Replace; its marker goes last. `held`: the name of a lock in it
// that the caller holds, which stays with the marker, so that no other program takes the folder in between.
// Throws: Error{InvalidArgument} naming what has come into it since; Error{Io}
void emptyOurFolder(const std::filesystem::path& folder, const std::string& held = {});

} // namespace pissarro::core::inline file

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

namespace pissarro::core::inline file {

// What lies in a person's trash, as their file manager shows it (freedesktop.org's trash specification 1.0).
struct Trashed {
    std::filesystem::path original; // absolute: where it was
    std::filesystem::path file; // where it is
    std::filesystem::path info; // its .trashinfo
};

// Moves a file or a folder with all that is in it into the trash of its disk; nothing is copied. A link is moved itself.
// Throws: Error{Io} naming the path: it is not there, its disk has no trash and allows none. Nothing is changed then.
Trashed moveToTrash(const std::filesystem::path& path);

// Puts it back. Throws: Error{Io} naming the original: something is there again, or it is in the trash no more.
void restoreFromTrash(const Trashed& trashed);

// What lies in the trash that was at `original`, the newest of several; nullopt: nothing. Only what the trash itself names is
// looked at, the trash of the disk that `original` was on.
std::optional<Trashed> newestInTrash(const std::filesystem::path& original);

} // namespace pissarro::core::inline file

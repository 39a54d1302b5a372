// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace pissarro::core::inline file {

// Held by one of all that change FILE, in this and other programs; it is FILE.lock, which stays. Waits for the others. Where
// it cannot be made, nothing is locked: on a disk that is full or read-only the write tells.
class FileLock {
public:
    explicit FileLock(const std::filesystem::path& file);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int m_descriptor;
};

} // namespace pissarro::core::inline file

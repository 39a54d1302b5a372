// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

namespace pissarro::core::inline file {

// Held by one of all that change FILE, in this and other programs; it is FILE.lock, which stays. Waits for the others. Where
// it cannot be made, nothing is locked: on a disk that is full or read-only the write tells.
class FileLock {
public:
    explicit FileLock(const std::filesystem::path& file);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    // The lock where nobody holds it, without waiting; null: somebody does.
    static std::unique_ptr<FileLock> ifFree(const std::filesystem::path& file);
    // Whether a program of this machine holds it, this one included. It ends with that program. An ifFree() at the same
    // moment may come to nothing: whoever asks both does so under another lock.
    static bool isHeld(const std::filesystem::path& file);

private:
    explicit FileLock(int descriptor)
        : m_descriptor(descriptor)
    {
    }

    int m_descriptor;
};

} // namespace pissarro::core::inline file

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace pissarro::core::inline file {

// Whether somebody else holds a lock (flock) on the open file, which is closed. Below 0, of what could not be opened: nobody.
bool isLockedElsewhere(int descriptor);

// Held by one of all that change FILE, in this and other programs; it is FILE.lock, which stays. Waits for the others:
// for what they change in an instant; what is held for the length of a job is waited for by whenFree(). Where it cannot be
// made, or is no regular file, nothing is locked: on a disk that is full or read-only the write tells.
class FileLock {
public:
    explicit FileLock(const std::filesystem::path& file);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    // The lock as soon as nobody holds it; `waiting` is reported until then. Throws: Cancelled.
    static std::unique_ptr<FileLock> whenFree(const std::filesystem::path& file,
                                              const JobContext& job, std::string_view waiting);
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

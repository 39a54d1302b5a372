// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

namespace pissarro::core::inline file {

// Files in folders that came from elsewhere: what stands under a file's name may be a FIFO, where opening waits for ever, a
// device, which never ends, or a link that leads out of the folder.

// open(2) that never waits; flags: O_RDONLY, O_RDWR | O_CREAT …; O_NOFOLLOW for what this program itself writes there.
// Returns a descriptor of a regular file, or -1 with errno: ELOOP for a link with O_NOFOLLOW, EINVAL for what is no file.
int openRegular(const std::filesystem::path& path, int flags, mode_t mode = 0644);

// Whether something stands there, a link to nothing and what may not be looked at left out.
bool pathExists(const std::filesystem::path& path);

// Cuts off what follows `bytes` of a file of ours that grows by lines, a torn one; a link is none. Throws: Error{Io} naming it.
void cutFileTo(const std::filesystem::path& file, std::uint64_t bytes);

// Bytes of a file that others write on, as they stand now.
class RegularFile {
public:
    // Nothing: it is not there, cannot be read, or is no regular file.
    static std::optional<RegularFile> open(const std::filesystem::path& path);
    RegularFile(RegularFile&& other) noexcept;
    RegularFile& operator=(RegularFile&&) = delete;
    RegularFile(const RegularFile&) = delete;
    RegularFile& operator=(const RegularFile&) = delete;
    ~RegularFile();

    std::uint64_t size() const; // 0: it cannot be told
    std::uint64_t inode() const;
    // From `begin` on, fewer than `bytes` at the end of the file.
    std::string read(std::uint64_t begin, std::uint64_t bytes) const;
    std::string tail(std::uint64_t bytes) const; // the last ones
    // Bytes up to the end of the last whole line; 0: there is none. Reads from the end on. Throws: Cancelled.
    std::uint64_t wholeLines(const JobContext& job) const;

private:
    explicit RegularFile(int descriptor)
        : m_descriptor(descriptor)
    {
    }

    int m_descriptor;
};

} // namespace pissarro::core::inline file

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/regular_file.h"

#include "core/base/error.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pissarro::core::inline file {

int openRegular(const std::filesystem::path& path, int flags, mode_t mode)
{
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, mode);
    struct stat status { };
    if (descriptor >= 0 && (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))) {
        ::close(descriptor);
        errno = EINVAL;
        return -1;
    }
    return descriptor;
}

bool pathExists(const std::filesystem::path& path)
{
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

void cutFileTo(const std::filesystem::path& file, std::uint64_t bytes)
{
    const int descriptor = openRegular(file, O_WRONLY | O_NOFOLLOW);
    const bool isCut = descriptor >= 0 && ::ftruncate(descriptor, static_cast<off_t>(bytes)) == 0
        && ::fsync(descriptor) == 0;
    const int problem = errno;
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    if (!isCut) {
        throw Error(ErrorKind::Io,
                    shownPath(file)
                        + ": its torn last line cannot be cut off: " + systemErrorText(problem));
    }
}

std::optional<RegularFile> RegularFile::open(const std::filesystem::path& path)
{
    const int descriptor = openRegular(path, O_RDONLY);
    return descriptor < 0 ? std::nullopt : std::optional(RegularFile(descriptor));
}

RegularFile::RegularFile(RegularFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

RegularFile::~RegularFile()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

std::uint64_t RegularFile::size() const
{
    struct stat status { };
    return ::fstat(m_descriptor, &status) == 0
        ? static_cast<std::uint64_t>(std::max<off_t>(0, status.st_size))
        : 0;
}

std::uint64_t RegularFile::inode() const
{
    struct stat status { };
    return ::fstat(m_descriptor, &status) == 0 ? status.st_ino : 0;
}

std::string RegularFile::read(std::uint64_t begin, std::uint64_t bytes) const
{
    const std::uint64_t there = size();
    std::string text(begin < there ? std::min(bytes, there - begin) : 0, '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const ssize_t got = ::pread(m_descriptor, text.data() + have, text.size() - have,
                                    static_cast<off_t>(begin + have));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return text;
}

std::string RegularFile::tail(std::uint64_t bytes) const
{
    const std::uint64_t there = size();
    return read(there - std::min(there, bytes), bytes);
}

std::uint64_t RegularFile::wholeLines(const JobContext& job) const
{
    constexpr std::uint64_t kPiece = 1U << 20U;
    for (std::uint64_t end = size(); end > 0;) {
        job.throwIfCancelled();
        const std::uint64_t begin = end - std::min(end, kPiece);
        if (const auto last = read(begin, end - begin).rfind('\n'); last != std::string::npos) {
            return begin + last + 1;
        }
        end = begin;
    }
    return 0;
}

} // namespace pissarro::core::inline file

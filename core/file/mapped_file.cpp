// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/mapped_file.h"

#include "core/base/error.h"
#include "core/file/intact.h"
#include "core/text/message_text.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pissarro::core::inline file {

namespace {

// Closes on every way out; the mapping outlives the descriptor.
struct Descriptor {
    int value = -1;
    ~Descriptor()
    {
        if (value >= 0) {
            ::close(value);
        }
    }
};

std::int64_t nanoseconds(const struct timespec& time)
{
    return time.tv_sec * std::int64_t {1'000'000'000} + time.tv_nsec;
}

} // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    const Descriptor file {::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.value < 0) {
        throw Error(ErrorKind::Io,
                    "cannot be opened: " + systemErrorText(errno) + "; check the path")
            .within(shownPath(path));
    }
    struct stat status { };
    if (::fstat(file.value, &status) != 0) {
        throw Error(ErrorKind::Io, "cannot be read: " + systemErrorText(errno))
            .within(shownPath(path));
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorKind::Io, "is not a regular file; give the path of a file")
            .within(shownPath(path));
    }
    std::shared_ptr<MappedFile> mapped(new MappedFile);
    mapped->m_path = path;
    mapped->m_modifiedNs = nanoseconds(status.st_mtim);
    mapped->m_changedNs = nanoseconds(status.st_ctim);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > 0) { // an empty file cannot be mapped
        void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.value, 0);
        if (data == MAP_FAILED) {
            const int why = errno; // address space that is used up is no fault of the file
            throw Error(why == ENOMEM ? ErrorKind::OutOfMemory : ErrorKind::Io,
                        "cannot be mapped: " + systemErrorText(why))
                .within(shownPath(path));
        }
        mapped->m_data = static_cast<const std::byte*>(data);
        mapped->m_size = size;
        watchMapping(*mapped);
    }
    return mapped;
}

MappedFile::~MappedFile()
{
    if (m_data != nullptr) {
        forgetMapping(*this);
        ::munmap(const_cast<std::byte*>(m_data), m_size);
    }
}

void MappedFile::prefetch(const std::byte* data, std::size_t sizeBytes) const
{
    advise(data, sizeBytes, MADV_WILLNEED);
}

void MappedFile::release(const std::byte* data, std::size_t sizeBytes) const
{
    advise(data, sizeBytes, MADV_DONTNEED);
}

void MappedFile::advise(const std::byte* data, std::size_t sizeBytes, int advice) const
{
    if (m_data == nullptr || data < m_data || data > m_data + m_size || sizeBytes == 0) {
        return;
    }
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto offset = static_cast<std::size_t>(data - m_data);
    const std::size_t begin = offset / page * page;
    const std::size_t end = sizeBytes > m_size - offset ? m_size : offset + sizeBytes;
    // Only a hint: pages at the edges come back from the page cache when a neighbour is read.
    ::madvise(const_cast<std::byte*>(m_data) + begin, end - begin, advice);
}

} // namespace pissarro::core::inline file

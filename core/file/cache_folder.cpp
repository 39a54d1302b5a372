// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/cache_folder.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <vector>

namespace pissarro::core {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kDefaultLimit = 4096ULL << 20;

struct Entry {
    fs::file_time_type used;
    std::uint64_t bytes;
    fs::path path;
};

std::vector<Entry> entriesIn(const fs::path& directory)
{
    std::vector<Entry> entries;
    std::error_code failed;
    fs::recursive_directory_iterator file(directory, failed);
    for (; !failed && file != fs::recursive_directory_iterator(); file.increment(failed)) {
        std::error_code gone; // another program evicts too
        if (file->path().extension() == ".safetensors" && file->is_regular_file(gone)) {
            const auto used = file->last_write_time(gone);
            const std::uint64_t bytes = gone ? 0 : file->file_size(gone);
            if (!gone) {
                entries.push_back({used, bytes, file->path()});
            }
        }
    }
    return entries;
}

} // namespace

fs::path cacheRoot()
{
    if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg == '/') {
        return fs::path(xdg) / "pissarro";
    }
    const char* home = std::getenv("HOME");
    return fs::path(home != nullptr ? home : "/tmp") / ".cache" / "pissarro";
}

std::uint64_t cacheLimitBytes()
{
    const char* text = std::getenv("PISSARRO_CACHE_MB");
    if (text == nullptr) {
        return kDefaultLimit;
    }
    std::uint64_t megabytes = 0;
    const char* end = text + std::strlen(text);
    const auto read = std::from_chars(text, end, megabytes);
    return read.ec == std::errc() && read.ptr == end && megabytes <= (1ULL << 40) ? megabytes << 20
                                                                                  : kDefaultLimit;
}

void touchCacheFile(const fs::path& file)
{
    std::error_code ignored;
    fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
}

std::uint64_t cacheBytes(const fs::path& directory)
{
    std::uint64_t total = 0;
    for (const Entry& entry : entriesIn(directory)) {
        total += entry.bytes;
    }
    return total;
}

void evictFrom(const fs::path& directory, std::uint64_t limitBytes)
{
    std::vector<Entry> entries = entriesIn(directory);
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.used < b.used; });
    std::uint64_t total = 0;
    for (const Entry& entry : entries) {
        total += entry.bytes;
    }
    std::error_code failed;
    for (const Entry& entry : entries) {
        if (total <= limitBytes) {
            return;
        }
        fs::remove(entry.path, failed);
        total -= entry.bytes;
    }
}

CacheFileLock::CacheFileLock(const fs::path& file)
{
    fs::path lock = file;
    lock += ".lock";
    m_descriptor = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    while (m_descriptor >= 0 && ::flock(m_descriptor, LOCK_EX) != 0 && errno == EINTR) { }
}

CacheFileLock::~CacheFileLock()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

} // namespace pissarro::core

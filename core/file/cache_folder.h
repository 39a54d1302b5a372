// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace pissarro::core {

// Where results that can be computed again are kept between runs: spectra/ and factors/ below one root, bounded together.
// Any file may be deleted at any time. Threads: any number of users, in this and other programs.

std::filesystem::path cacheRoot(); // $XDG_CACHE_HOME/pissarro, else ~/.cache/pissarro

std::uint64_t cacheLimitBytes(); // $PISSARRO_CACHE_MB, else 4,096 MB; 0: nothing is kept or read

// Says that a file of a cache was of use now: what was used longest ago goes first.
void touchCacheFile(const std::filesystem::path& file);

// Bytes of the .safetensors files in `directory` and below; 0 where there is none.
std::uint64_t cacheBytes(const std::filesystem::path& directory);

// Removes the .safetensors files in `directory` and below that were used longest ago, until the others fit.
void evictFrom(const std::filesystem::path& directory, std::uint64_t limitBytes);

// Keeps other programs from writing `file` while this lives; they wait. A lock beside it, "FILE.lock", which ends with the
// process. Where none can be made, nothing is held: a cache may lose an entry, never a reader its file.
class CacheFileLock {
public:
    explicit CacheFileLock(const std::filesystem::path& file);
    ~CacheFileLock();
    CacheFileLock(const CacheFileLock&) = delete;
    CacheFileLock& operator=(const CacheFileLock&) = delete;

private:
    int m_descriptor = -1;
};

} // namespace pissarro::core

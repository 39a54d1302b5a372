// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pissarro::core::inline file {

std::filesystem::path cacheRoot(); // $XDG_CACHE_HOME/pissarro, else ~/.cache/pissarro
std::uint64_t cacheLimitBytes(); // $PISSARRO_CACHE_MB, else 4,096 MB

// Bytes of the .safetensors files in `directory` and below; 0 where there is none.
std::uint64_t cacheBytes(const std::filesystem::path& directory);
// Removes those of them that were used longest ago, until the others fit.
void evictFrom(const std::filesystem::path& directory, std::uint64_t limitBytes);

// What an entry is known by: all that its bits depend on, part by part (core/file/fingerprint.h tells them apart).
using CacheKey = std::vector<std::string>;

// Results that can be computed again, kept between runs: a folder of .safetensors files below cacheRoot() for each kind, all
// kinds bounded together by cacheLimitBytes() (0: nothing is kept or read). When there are too many, those go that
// were used longest ago. Any file may be deleted at any time.
// Threads: any number of users, in this and other programs.
class Cache {
public:
    // `kind` names the folder: "spectra". `version`: of what is in its files. A file of another version, older or newer, has
    // another name: it is never opened, and goes in its time.
    Cache(const std::string& kind, int version);
    // A folder of its own, bounded alone.
    Cache(std::filesystem::path directory, int version, std::uint64_t limitBytes);

    bool isOn() const { return m_limitBytes > 0; }

    // Where an entry is, or would be. Another file wherever a part of the key is another.
    std::filesystem::path fileOf(const CacheKey& key) const;
    // Says that an entry was of use now.
    void touch(const std::filesystem::path& file) const;

    using Write = std::function<void(const std::filesystem::path& file)>;
    // Has an entry written, by `write` (as a whole: it moves it into place), where the cache is on. Of an entry that cannot
    // be written nothing is told: a full disk only leaves it out. Programs side by side write the same.
    void keep(const std::filesystem::path& file, const Write& write) const;
    // The same for an entry that grows: `write` takes over what the file holds, and no other program writes it meanwhile.
    // Returns whether it was written.
    bool extend(const std::filesystem::path& file, const Write& write) const;

private:
    std::filesystem::path m_directory;
    std::filesystem::path m_bounded; // the folder that the limit is for
    int m_version;
    std::uint64_t m_limitBytes;
};

} // namespace pissarro::core::inline file

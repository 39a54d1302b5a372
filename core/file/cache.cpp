// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/cache.h"

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/file/file_lock.h"
#include "core/file/fingerprint.h"
#include "core/file/user_folder_p.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <string_view>
#include <vector>

namespace pissarro::core::inline file {

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

std::uint64_t sumOf(const std::vector<Entry>& entries)
{
    return std::accumulate(entries.begin(), entries.end(), std::uint64_t {0},
                           [](std::uint64_t sum, const Entry& one) { return sum + one.bytes; });
}

// Whether it could be written.
bool attempt(const std::function<void()>& write)
{
    try {
        write();
        return true;
    } catch (const Error&) {
    } catch (const fs::filesystem_error&) {
    }
    return false;
}

} // namespace

fs::path cacheRoot()
{
    return userFolder("XDG_CACHE_HOME", ".cache").value_or("/tmp/.cache") / "pissarro";
}

std::uint64_t cacheLimitBytes()
{
    const char* text = std::getenv("PISSARRO_CACHE_MB");
    if (text == nullptr) {
        return kDefaultLimit;
    }
    const auto megabytes = numberIn<std::uint64_t>(text);
    return megabytes && *megabytes <= (1ULL << 40) ? *megabytes << 20 : kDefaultLimit;
}

std::uint64_t cacheBytes(const fs::path& directory)
{
    return sumOf(entriesIn(directory));
}

void evictFrom(const fs::path& directory, std::uint64_t limitBytes)
{
    std::vector<Entry> entries = entriesIn(directory);
    std::uint64_t total = sumOf(entries);
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.used < b.used; });
    for (const Entry& entry : entries) {
        if (total <= limitBytes) {
            return;
        }
        std::error_code failed;
        fs::remove(entry.path, failed);
        total -= entry.bytes;
    }
}

Cache::Cache(const std::string& kind, int version)
    : Cache(cacheRoot() / kind, version, cacheLimitBytes())
{
    m_bounded = cacheRoot(); // together with the other kinds
}

Cache::Cache(fs::path directory, int version, std::uint64_t limitBytes)
    : m_directory(std::move(directory))
    , m_bounded(m_directory)
    , m_version(version)
    , m_limitBytes(limitBytes)
{
}

fs::path Cache::fileOf(const CacheKey& key) const
{
    Fingerprint print;
    print.add(std::int64_t {m_version});
    for (const std::string& part : key) {
        print.add(std::string_view(part));
    }
    return m_directory / (print.text() + ".safetensors");
}

void Cache::touch(const fs::path& file) const
{
    std::error_code ignored;
    fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
}

void Cache::keep(const fs::path& file, const Write& write) const
{
    if (isOn()) {
        attempt([&] {
            fs::create_directories(file.parent_path());
            removeLeftovers(file.parent_path()); // of programs that were killed as they wrote
            write(file);
            evictFrom(m_bounded, m_limitBytes);
        });
    }
}

bool Cache::extend(const fs::path& file, const Write& write) const
{
    return isOn() && attempt([&] {
               fs::create_directories(file.parent_path());
               removeLeftovers(file.parent_path());
               const FileLock lock(file);
               write(file);
               evictFrom(m_bounded, m_limitBytes);
           });
}

} // namespace pissarro::core::inline file

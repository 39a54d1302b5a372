// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/spectrum_cache.h"

#include "core/base/error.h"
#include "core/file/cache_folder.h"
#include "core/linalg/cache_files.h"

#include <cstdio>
#include <set>

namespace pissarro::core {

namespace {

std::string hexHash(std::string_view text)
{
    std::uint64_t hash = 1469598103934665603ULL; // FNV-1a
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    char out[17];
    std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(hash));
    return out;
}

} // namespace

SpectrumCache::SpectrumCache(const ModelFiles& files)
    : m_files(files)
    , m_path(cacheRoot() / "spectra" / (hexHash(files.path().string()) + ".safetensors"))
    , m_limitBytes(cacheLimitBytes())
{
    if (m_limitBytes > 0) {
        m_entries = readSpectrumEntries(m_path);
        touchCacheFile(m_path);
    }
}

std::optional<Spectrum> SpectrumCache::find(const LinearModule& module) const
{
    const auto entry = m_entries.find(m_files.identityOf(module.name + ".weight"));
    if (entry == m_entries.end()
        || static_cast<std::int64_t>(entry->second.values.size()) != module.smallerSide()) {
        return std::nullopt;
    }
    Spectrum spectrum = entry->second;
    spectrum.rows = module.rows;
    spectrum.cols = module.cols;
    return spectrum;
}

void SpectrumCache::add(const LinearModule& module, const Spectrum& spectrum)
{
    m_entries.insert_or_assign(m_files.identityOf(module.name + ".weight"), spectrum);
    m_changed = true;
}

void SpectrumCache::save()
{
    if (!m_changed || m_limitBytes == 0) {
        return;
    }
    try {
        std::filesystem::create_directories(m_path.parent_path());
        const CacheFileLock lock(m_path);
        takeFromOthers();
        writeSpectrumEntries(m_path, m_entries);
        m_changed = false;
        evictFrom(cacheRoot(), m_limitBytes);
    } catch (const Error&) {
    } catch (const std::filesystem::filesystem_error&) {
    }
}

// What another program has written since: it stays, as long as it is of the model as it is today.
void SpectrumCache::takeFromOthers()
{
    std::set<std::string> current;
    for (const TensorView& weight : m_files.weights()) {
        current.insert(m_files.identityOf(weight.name));
    }
    m_entries.merge(readSpectrumEntries(m_path)); // our own are kept where both have one
    std::erase_if(m_entries, [&](const auto& entry) { return !current.contains(entry.first); });
}

} // namespace pissarro::core

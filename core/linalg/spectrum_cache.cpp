// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/spectrum_cache.h"

#include "core/base/error.h"
#include "core/io/cache_folder.h"
#include "core/io/safetensors.h"

#include <cstdio>
#include <cstring>
#include <set>

namespace pissarro::core {

namespace {

constexpr const char* kVersion = "1";

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

using Entries = std::map<std::string, Spectrum>;

// Nothing where there is no file, or one that is corrupt: it is rebuilt as spectra are computed again.
Entries readEntries(const std::filesystem::path& path)
{
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return {};
    }
    Entries entries;
    try {
        const auto file = SafetensorsFile::open(path);
        const auto version = file.metadata().find("version");
        if (version == file.metadata().end() || version->second != kVersion) {
            return {};
        }
        for (const TensorView& view : file.tensors()) {
            if (view.dtype != DType::F64 || view.shape.size() != 1 || view.shape[0] < 2) {
                continue;
            }
            Spectrum spectrum;
            spectrum.values.resize(static_cast<std::size_t>(view.shape[0] - 1));
            std::memcpy(spectrum.values.data(), view.data, spectrum.values.size() * sizeof(double));
            std::memcpy(&spectrum.squaredNorm, view.data + spectrum.values.size() * sizeof(double),
                        sizeof(double));
            entries.emplace(view.name, std::move(spectrum));
        }
    } catch (const Error&) {
        return {};
    }
    return entries;
}

void writeEntries(const std::filesystem::path& path, const Entries& entries)
{
    std::vector<TensorSpec> specs;
    for (const auto& [name, spectrum] : entries) {
        specs.push_back(
            {name, DType::F64, {static_cast<std::int64_t>(spectrum.values.size()) + 1}});
    }
    SafetensorsWriter writer(path, std::move(specs), {{"version", kVersion}});
    for (const auto& [name, spectrum] : entries) {
        std::vector<double> values = spectrum.values;
        values.push_back(spectrum.squaredNorm);
        writer.append(values.data(), values.size() * sizeof(double));
    }
    writer.commit();
}

} // namespace

SpectrumCache::SpectrumCache(const ModelFiles& files)
    : m_files(files)
    , m_path(cacheRoot() / "spectra" / (hexHash(files.path().string()) + ".safetensors"))
    , m_limitBytes(cacheLimitBytes())
{
    if (m_limitBytes > 0) {
        m_entries = readEntries(m_path);
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
        writeEntries(m_path, m_entries);
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
    m_entries.merge(readEntries(m_path)); // our own are kept where both have one
    std::erase_if(m_entries, [&](const auto& entry) { return !current.contains(entry.first); });
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/spectrum_cache.h"

#include <set>

namespace pissarro::core::inline analysis {

SpectrumCache::SpectrumCache(const ModelFiles& files)
    : m_files(files)
    , m_path(m_cache.fileOf({files.path().string()}))
{
    if (m_cache.isOn()) {
        m_entries = readSpectrumEntries(m_path);
        m_cache.touch(m_path);
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
    const auto write = [this](const std::filesystem::path& path) {
        takeFromOthers();
        writeSpectrumEntries(path, m_entries);
    };
    if (m_changed && m_cache.extend(m_path, write)) {
        m_changed = false;
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

} // namespace pissarro::core::inline analysis

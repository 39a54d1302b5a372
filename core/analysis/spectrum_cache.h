// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/cache.h"
#include "core/linalg/cache_files.h"
#include "core/linalg/spectrum.h"
#include "core/model/model_files.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace pissarro::core::inline analysis {

// Exact spectra of one model on disk (core/file/cache.h): one safetensors file a model, a float64
// tensor [K + 1] a matrix (its values, then ||W||_F^2), named by ModelFiles::identityOf(). A matrix whose file changed
// has another name and is never found by mistake.
//
// A cache that cannot be read counts as empty; one that cannot be written is left out. Neither is an error.
// Threads: one user at a time of an object; any number of objects, in this and other programs, on one file.
class SpectrumCache {
public:
    explicit SpectrumCache(const ModelFiles& files);

    std::optional<Spectrum> find(const LinearModule& module) const;
    void add(const LinearModule& module, const Spectrum& spectrum);
    // Writes beside and renames, if something was added, together with what other programs have written of this model
    // meanwhile; a full disk is silently given up.
    void save();

private:
    void takeFromOthers(); // requires: called by m_cache.extend()

    const ModelFiles& m_files;
    Cache m_cache {"spectra", kCacheFileVersion};
    std::filesystem::path m_path;
    std::map<std::string, Spectrum> m_entries; // by identity
    bool m_changed = false;
};

} // namespace pissarro::core::inline analysis

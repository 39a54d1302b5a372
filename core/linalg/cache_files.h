// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/mapped_file.h"
#include "core/format/tensor_view.h"
#include "core/linalg/spectrum.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pissarro::core::inline linalg {

// The files of the two caches (core/analysis/spectrum_cache.h, factor_cache_tensors.h), which anybody may have put there: what
// is read out of one is what this program can have written, or nothing.

constexpr int kCacheFileVersion = 1; // of both; each file says it too

using SpectrumEntries =
    std::map<std::string, Spectrum>; // by ModelFiles::identityOf(); rows and cols are left at 0

// Only spectra that a matrix can have: values that fall, are finite and add up to the norm. Nothing where there is no file,
// or one that is corrupt: it is rebuilt as spectra are computed again. Never throws.
SpectrumEntries readSpectrumEntries(const std::filesystem::path& path);
// Throws: Error{Io}.
void writeSpectrumEntries(const std::filesystem::path& path, const SpectrumEntries& entries);

// A file of factors, mapped: `values` [K] float64, `vectors` [K, C] float32.
struct FactorFile {
    std::shared_ptr<const MappedFile> file;
    TensorView values;
    TensorView vectors;
};

// Of a matrix with `smaller` on its smaller side, when the file is whole and has at least `needed` vectors. Never throws.
// Requires: whoever copies the bytes asks requireIntact() then.
std::optional<FactorFile> openFactorFile(const std::filesystem::path& path, std::int64_t smaller,
                                         std::int64_t needed);
// What a file of such values and vectors says about them.
std::map<std::string, std::string> factorMetadata(const void* values, std::size_t valuesBytes,
                                                  const void* vectors, std::size_t vectorsBytes);

} // namespace pissarro::core::inline linalg

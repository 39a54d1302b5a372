// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/cache_files.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/fingerprint.h"
#include "core/file/intact.h"
#include "core/file/regular_file.h"
#include "core/format/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace pissarro::core::inline linalg {

namespace {

namespace fs = std::filesystem;

std::string versionText()
{
    return fmt::format("{}", kCacheFileVersion);
}

bool says(const SafetensorsFile& file, const char* key, const std::string& value)
{
    const auto found = file.metadata().find(key);
    return found != file.metadata().end() && found->second == value;
}

// What no matrix has: values out of order, no number, or far from the norm that was summed over the matrix itself.
bool isSpectrum(const Spectrum& spectrum)
{
    constexpr double kTolerance = 1e-6;
    double sum = 0.0;
    for (const double value : spectrum.values) {
        if (!std::isfinite(value) || value < 0.0) {
            return false;
        }
        sum += value * value;
    }
    return std::is_sorted(spectrum.values.rbegin(), spectrum.values.rend())
        && std::isfinite(spectrum.squaredNorm)
        && std::abs(sum - spectrum.squaredNorm) <= kTolerance * spectrum.squaredNorm;
}

} // namespace

SpectrumEntries readSpectrumEntries(const fs::path& path)
{
    if (!pathExists(path)) {
        return {};
    }
    try {
        SpectrumEntries entries;
        const auto file = SafetensorsFile::open(path);
        if (!says(file, "version", versionText())) {
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
            if (isSpectrum(spectrum)) {
                entries.emplace(view.name, std::move(spectrum));
            }
        }
        requireIntact(file.file()->bytes().data());
        return entries;
    } catch (const Error&) {
        return {};
    }
}

void writeSpectrumEntries(const fs::path& path, const SpectrumEntries& entries)
{
    std::vector<TensorSpec> specs;
    for (const auto& [name, spectrum] : entries) {
        specs.push_back(
            {name, DType::F64, {static_cast<std::int64_t>(spectrum.values.size()) + 1}});
    }
    SafetensorsWriter writer(path, std::move(specs), {{"version", versionText()}});
    for (const auto& [name, spectrum] : entries) {
        std::vector<double> values = spectrum.values;
        values.push_back(spectrum.squaredNorm);
        writer.append(values.data(), values.size() * sizeof(double));
    }
    writer.commit();
}

std::optional<FactorFile> openFactorFile(const fs::path& path, std::int64_t smaller,
                                         std::int64_t needed)
{
    if (!pathExists(path)) {
        return std::nullopt;
    }
    try {
        const auto file = SafetensorsFile::open(path);
        FactorFile factors {file.file(), file.at("singular_values"), file.at("vectors")};
        const auto& [mapped, values, vectors] = factors;
        const bool shaped = values.dtype == DType::F64 && vectors.dtype == DType::F32
            && values.shape == std::vector {smaller} && vectors.shape.size() == 2
            && vectors.shape[0] == smaller && vectors.shape[1] >= needed
            && vectors.shape[1] <= smaller;
        if (!shaped) {
            return std::nullopt;
        }
        // A power cut may have torn it.
        for (const auto& [key, value] :
             factorMetadata(values.data, values.sizeBytes, vectors.data, vectors.sizeBytes)) {
            if (!says(file, key.c_str(), value)) {
                return std::nullopt;
            }
        }
        requireIntact(values.data);
        return factors;
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::map<std::string, std::string> factorMetadata(const void* values, std::size_t valuesBytes,
                                                  const void* vectors, std::size_t vectorsBytes)
{
    return {{"version", versionText()},
            {"values_hash", fingerprintOf(values, valuesBytes)},
            {"vectors_hash", fingerprintOf(vectors, vectorsBytes)}};
}

} // namespace pissarro::core::inline linalg

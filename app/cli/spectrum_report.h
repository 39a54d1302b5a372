// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/spectrum_sweep.h"
#include "core/file/output.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pissarro::cli {

// What `spectrum` found, in the forms it can be written: JSON, CSV, safetensors, a table.
// Matrices with a problem are in the JSON and the table alone.
class SpectrumReport {
public:
    // `rank` is that of energy_at_rank, cut to a matrix's smaller side.
    SpectrumReport(std::vector<core::ModuleSpectrum> spectra, std::int64_t rank)
        : m_spectra(std::move(spectra))
        , m_rank(rank)
    {
    }

    // Throws: UsageError unless the name ends in .json, .csv or .safetensors.
    static void requireKnownEnding(const std::filesystem::path& file);
    // By the ending of the name and the rule for outputs; the file appears whole or not at all.
    // Throws: Error{Io}; Error{InvalidArgument} when it may not be replaced.
    void write(const std::filesystem::path& file, const core::OutputRule& rule) const;

    nlohmann::ordered_json toJson(bool withValues) const;
    std::string toCsv() const; // a line per singular value
    std::string toText() const;

private:
    nlohmann::ordered_json moduleToJson(const core::ModuleSpectrum& module, bool withValues) const;
    // `<module path>` [K], F64
    void writeSafetensors(const std::filesystem::path& file, core::ExistingFile existing) const;
    std::int64_t rankIn(const core::Spectrum& spectrum) const;

    std::vector<core::ModuleSpectrum> m_spectra;
    std::int64_t m_rank;
};

} // namespace pissarro::cli

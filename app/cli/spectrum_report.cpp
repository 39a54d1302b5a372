// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/spectrum_report.h"

#include "app/cli/console.h"
#include "app/cli/exit_code.h"
#include "core/analysis/rank_map.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/format/safetensors.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::array kAdvisedEnergies {0.5, 0.9, 0.95, 0.99};

// The ranks that a person might choose: enough of the energy, or the knee of the curve.
ordered_json rankAdvice(const core::Spectrum& spectrum)
{
    ordered_json energies = ordered_json::object();
    for (const double energy : kAdvisedEnergies) {
        energies[exactNumber(energy)] = core::rankForEnergy(spectrum, energy);
    }
    const double threshold = core::optimalHardThreshold(spectrum, 0.0);
    const auto above = std::count_if(spectrum.values.begin(), spectrum.values.end(),
                                     [threshold](double value) { return value > threshold; });
    return {
        {"knee", core::kneeRank(spectrum)}, {"threshold", above}, {"rank_for_energy", energies}};
}

// JSON knows no infinity: a singular matrix's condition number is null.
ordered_json finiteOrNull(double value)
{
    return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

} // namespace

std::int64_t SpectrumReport::rankIn(const core::Spectrum& spectrum) const
{
    return std::min(m_rank, static_cast<std::int64_t>(spectrum.values.size()));
}

void SpectrumReport::requireKnownEnding(const std::filesystem::path& file)
{
    const std::string ending = file.extension().string();
    if (ending != ".json" && ending != ".csv" && ending != ".safetensors") {
        throw UsageError(
            fmt::format("-o {}: unknown kind of file (expected a name ending in .json, "
                        ".csv or .safetensors)",
                        file.string()));
    }
}

void SpectrumReport::write(const std::filesystem::path& file, const core::OutputRule& rule) const
{
    requireKnownEnding(file);
    const std::string ending = file.extension().string();
    if (ending == ".safetensors") {
        writeSafetensors(file, core::checkOutputFile(file, rule));
    } else {
        core::writeOutputFile(
            file, ending == ".csv" ? core::markedCsv(toCsv()) : dumped(toJson(true)) + "\n", rule);
    }
}

ordered_json SpectrumReport::moduleToJson(const core::ModuleSpectrum& module, bool withValues) const
{
    const core::Spectrum& spectrum = module.spectrum;
    const bool good = module.problem.empty();
    ordered_json object;
    object["name"] = module.module;
    object["rows"] = spectrum.rows;
    object["cols"] = spectrum.cols;
    if (withValues) {
        object["singular_values"] = spectrum.values;
    }
    object["energy_at_rank"] =
        good ? ordered_json(core::keptEnergy(spectrum, rankIn(spectrum))) : ordered_json();
    object["stable_rank"] = good ? ordered_json(core::stableRank(spectrum)) : ordered_json();
    object["residual_norm"] =
        good ? ordered_json(core::residualNorm(spectrum, rankIn(spectrum))) : ordered_json();
    // These need every value: of the leading ones alone they would be wrong, not approximate.
    const bool whole = good && spectrum.isComplete();
    const auto ifWhole = [&](auto&& measure) {
        return whole ? finiteOrNull(measure()) : ordered_json();
    };
    object["effective_rank"] = ifWhole([&] { return core::effectiveRank(spectrum); });
    object["nuclear_share"] =
        ifWhole([&] { return core::nuclearShare(spectrum, rankIn(spectrum)); });
    object["condition_number"] = ifWhole([&] { return core::conditionNumber(spectrum); });
    const core::DecayFit decay = whole ? core::decayFit(spectrum) : core::DecayFit();
    object["decay_exponent"] = ifWhole([&] { return decay.exponent; });
    object["decay_r_squared"] = ifWhole([&] { return decay.rSquared; });
    if (good && !spectrum.isComplete()) {
        object["error"] = spectrum.error; // a value of W lies within this of each one found
    }
    object["rank_advice"] = whole ? rankAdvice(spectrum) : ordered_json();
    if (!good) {
        object["problem"] = module.problem;
    }
    return object;
}

ordered_json SpectrumReport::toJson(bool withValues) const
{
    ordered_json document;
    document["rank"] = m_rank;
    document["modules"] = ordered_json::array();
    for (const core::ModuleSpectrum& module : m_spectra) {
        document["modules"].push_back(moduleToJson(module, withValues));
    }
    return core::markedJson(document);
}

std::string SpectrumReport::toCsv() const
{
    std::string text = "module,index,singular_value,cumulative_energy\n";
    for (const core::ModuleSpectrum& module : m_spectra) {
        const std::vector<double> energy = core::cumulativeEnergy(module.spectrum);
        const std::string name = core::csvCell(module.module);
        for (std::size_t i = 0; i < module.spectrum.values.size(); ++i) {
            text += fmt::format("{},{},{},{}\n", name, i + 1,
                                exactNumber(module.spectrum.values[i]), exactNumber(energy[i + 1]));
        }
    }
    return text;
}

void SpectrumReport::writeSafetensors(const std::filesystem::path& file,
                                      core::ExistingFile existing) const
{
    std::vector<core::TensorSpec> specs;
    for (const core::ModuleSpectrum& module : m_spectra) {
        if (module.problem.empty()) {
            specs.push_back({module.module,
                             core::DType::F64,
                             {static_cast<std::int64_t>(module.spectrum.values.size())}});
        }
    }
    core::SafetensorsWriter writer(file, std::move(specs), {}, existing);
    for (const core::ModuleSpectrum& module : m_spectra) {
        if (module.problem.empty()) {
            writer.append(module.spectrum.values.data(),
                          module.spectrum.values.size() * sizeof(double));
        }
    }
    writer.commit();
}

std::string SpectrumReport::toText() const
{
    std::size_t nameWidth = 6;
    for (const core::ModuleSpectrum& module : m_spectra) {
        nameWidth = std::max(nameWidth, core::terminalLine(module.module).size());
    }
    const auto row = [nameWidth](const std::string& of, const std::array<std::string, 6>& cells) {
        std::string name = core::terminalLine(of);
        name.resize(nameWidth, ' ');
        for (const std::string& cell : cells) {
            name += padded(cell, 13);
        }
        return name + "\n";
    };
    std::string text = row("module",
                           {"shape", "largest", fmt::format("kept at {}", m_rank), "stable rank",
                            "eff. rank", "90 % at rank"});
    for (const core::ModuleSpectrum& module : m_spectra) {
        const core::Spectrum& spectrum = module.spectrum;
        const std::string shape = fmt::format("{}x{}", spectrum.rows, spectrum.cols);
        if (!module.problem.empty() || spectrum.values.empty()) {
            text += row(module.module, {shape, "-", "-", "-", "-", "-"});
            continue;
        }
        const bool whole = spectrum.isComplete();
        text +=
            row(module.module,
                {shape, core::fixedText(spectrum.values.front(), 3),
                 core::fixedText(100.0 * core::keptEnergy(spectrum, rankIn(spectrum)), 1) + " %",
                 core::fixedText(core::stableRank(spectrum), 1),
                 whole ? core::fixedText(core::effectiveRank(spectrum), 1) : "-",
                 whole ? fmt::format("{}", core::rankForEnergy(spectrum, 0.9)) : "-"});
    }
    return text;
}

} // namespace pissarro::cli

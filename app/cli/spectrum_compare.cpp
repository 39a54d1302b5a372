// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/spectrum_compare.h"

#include "core/analysis/update_spectrum.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/format/safetensors.h"
#include "core/session/open_model.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

void requireEnding(const std::string& file, std::initializer_list<const char*> endings,
                   const core::OutputRule& rule)
{
    std::string names;
    for (const char* ending : endings) {
        if (std::filesystem::path(file).extension() == ending) {
            core::checkOutputFile(file, rule);
            return;
        }
        names += (names.empty() ? "" : ", ") + std::string(ending);
    }
    throw UsageError(fmt::format(
        "-o {}: unknown kind of file (expected a name ending in one of {})", file, names));
}

ordered_json toJson(const core::UpdateSpectrum& one, bool withValues)
{
    ordered_json object {{"name", one.module},
                         {"rows", one.base.rows},
                         {"cols", one.base.cols},
                         {"relative_norm", one.relativeNorm},
                         {"delta_effective_rank", core::effectiveRank(one.delta)},
                         {"delta_stable_rank", core::stableRank(one.delta)}};
    if (withValues) {
        object["base_singular_values"] = one.base.values;
        object["tuned_singular_values"] = one.tuned.values;
        object["delta_singular_values"] = one.delta.values;
    }
    object["output_cosines"] = one.outputCosines;
    object["input_cosines"] = one.inputCosines;
    return object;
}

std::string toCsv(const std::vector<core::UpdateSpectrum>& results)
{
    std::string text = "module,index,base,tuned,delta,output_cosine,input_cosine\n";
    const auto cell = [](const std::vector<double>& values, std::size_t i) {
        return i < values.size() ? exactNumber(values[i]) : std::string();
    };
    for (const core::UpdateSpectrum& one : results) {
        for (std::size_t i = 0; i < one.base.values.size(); ++i) {
            text += fmt::format("{},{}", core::csvCell(one.module), i + 1);
            for (const auto* values : {&one.base.values, &one.tuned.values, &one.delta.values,
                                       &one.outputCosines, &one.inputCosines}) {
                text += "," + cell(*values, i);
            }
            text += "\n";
        }
    }
    return text;
}

void writeSafetensors(const std::string& file, const std::vector<core::UpdateSpectrum>& results,
                      core::ExistingFile existing)
{
    std::vector<core::TensorSpec> specs;
    for (const core::UpdateSpectrum& one : results) {
        const auto count = static_cast<std::int64_t>(one.base.values.size());
        for (const char* name : {"base", "tuned", "delta"}) {
            specs.push_back({one.module + "." + name, core::DType::F64, {count}});
        }
    }
    core::SafetensorsWriter writer(file, std::move(specs), {}, existing);
    for (const core::UpdateSpectrum& one : results) {
        for (const auto* values : {&one.base.values, &one.tuned.values, &one.delta.values}) {
            writer.append(values->data(), values->size() * sizeof(double));
        }
    }
    writer.commit();
}

std::string toText(const std::vector<core::UpdateSpectrum>& results)
{
    std::size_t width = 6;
    for (const core::UpdateSpectrum& one : results) {
        width = std::max(width, core::terminalLine(one.module).size());
    }
    std::string text =
        std::string(width, ' ') + "    change   largest  eff. rank  output cos  input cos\n";
    for (const core::UpdateSpectrum& one : results) {
        std::string name = core::terminalLine(one.module);
        name.resize(width, ' ');
        const auto first = [](const std::vector<double>& values) {
            return values.empty() ? std::string("-") : core::fixedText(values.front(), 3);
        };
        text += name + padded(core::fixedText(100.0 * one.relativeNorm, 2) + " %", 10)
            + padded(core::fixedText(one.delta.values.front(), 4), 10)
            + padded(core::fixedText(core::effectiveRank(one.delta), 1), 11)
            + padded(first(one.outputCosines), 12) + padded(first(one.inputCosines), 11) + "\n";
    }
    return text;
}

ordered_json toJson(const core::MeterRow& row)
{
    ordered_json object {{"method", row.exact ? "exact" : "fast"}, {"rank", row.rank}};
    if (!row.exact) {
        object["niter"] = row.niter;
        object["oversampling"] = row.oversampling;
    }
    object["seconds"] = row.seconds;
    object["projected_seconds"] = row.projectedSeconds;
    object["subspace_error"] = row.subspaceError;
    object["reconstruction_error"] = row.reconstructionError;
    object["init_error"] = row.initError;
    return object;
}

} // namespace

ExitCode spectrumAgainst(const std::shared_ptr<const core::ModelFiles>& files,
                         const std::vector<core::LinearModule>& modules,
                         const AgainstOptions& options, Session& session)
{
    const std::string& file = options.output.path;
    const std::filesystem::path tuned = core::tunedFormOf(options.tuned, *files);
    const core::OutputRule rule =
        options.output.rule({files->path(), core::resolveModel(options.tuned)});
    if (!file.empty()) {
        requireEnding(file, {".json", ".csv", ".safetensors"}, rule);
    }
    std::vector<core::UpdateSpectrum> results;
    core::compareWithTuned(
        files, tuned, modules, {options.rank},
        [&](core::UpdateSpectrum one) { results.push_back(std::move(one)); }, session.job());
    const auto placeOf = [&](const core::UpdateSpectrum& one) {
        return std::find_if(modules.begin(), modules.end(), [&](const core::LinearModule& module) {
            return module.name == one.module;
        });
    };
    std::sort(results.begin(), results.end(),
              [&](const core::UpdateSpectrum& a, const core::UpdateSpectrum& b) {
                  return placeOf(a) < placeOf(b);
              });
    const auto document = [&](bool withValues) {
        ordered_json array = ordered_json::array();
        for (const core::UpdateSpectrum& one : results) {
            array.push_back(toJson(one, withValues));
        }
        return core::markedJson(
            {{"base", files->path().string()}, {"tuned", options.tuned}, {"modules", array}});
    };
    if (!file.empty()) {
        const std::string ending = std::filesystem::path(file).extension();
        if (ending == ".safetensors") {
            writeSafetensors(file, results, core::checkOutputFile(file, rule));
        } else {
            core::writeOutputFile(file,
                                  ending == ".csv" ? core::markedCsv(toCsv(results))
                                                   : dumped(document(true)) + "\n",
                                  rule);
        }
        session.console.message("wrote " + file);
    }
    if (options.json) {
        session.console.json(document(file.empty()));
    } else {
        session.console.result(toText(results));
    }
    return ExitCode::Done;
}

ExitCode spectrumMeter(const core::ModelFiles& files,
                       const std::vector<core::LinearModule>& modules, const MeterRequest& request,
                       Session& session)
{
    const std::string& file = request.output.path;
    const core::OutputRule rule = request.output.rule({files.path()});
    if (!file.empty()) {
        requireEnding(file, {".json", ".csv", ".md"}, rule);
    }
    const std::vector<core::MeterRow> rows =
        core::measureFastSvd(files, modules, request.how, session.job());
    ordered_json array = ordered_json::array();
    for (const core::MeterRow& row : rows) {
        array.push_back(toJson(row));
    }
    const ordered_json document = core::markedJson({{"matrices", modules.size()}, {"rows", array}});
    const std::string ending = std::filesystem::path(file).extension();
    if (!file.empty()) {
        core::writeOutputFile(file,
                              ending == ".json" ? dumped(document) + "\n"
                                  : ending == ".csv"
                                  ? core::markedCsv(core::meterToCsv(rows))
                                  : core::markedMarkdown(core::meterToMarkdown(rows)),
                              rule);
        session.console.message("wrote " + file);
    }
    if (request.json) {
        session.console.json(document);
    } else {
        session.console.result(core::meterToMarkdown(rows));
    }
    return ExitCode::Done;
}

} // namespace pissarro::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/analysis/rank_by_quant_error.h"
#include "core/analysis/rank_map.h"
#include "core/analysis/rank_map_json.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/model/model_files.h"
#include "core/session/open_model.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

namespace pissarro::cli {

namespace {

constexpr double kDefaultEnergy = 0.9;
constexpr double kDefaultQuantError = 0.8;
constexpr std::int64_t kBytesOfParameter = 4; // adapters are float32

struct Options {
    std::string model;
    std::vector<std::string> modules;
    std::string by = "energy";
    std::string value;
    std::string method {
        core::firstWhere(core::iterates)->name}; // of quant-error alone, as iters is
    int iters = 1;
    double scale = 1.0;
    core::RankBounds bounds;
    Output output;
    bool json = false;
};

// "0.9", "4.9e6", with a unit of `units` behind: the number times what the unit stands for.
std::optional<double> parseValue(std::string_view text,
                                 std::initializer_list<std::pair<std::string_view, double>> units)
{
    double value = 0.0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc()) {
        return std::nullopt;
    }
    std::string_view rest(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty()) {
        return value;
    }
    for (const auto& [unit, factor] : units) {
        if (rest == unit) {
            return value * factor;
        }
    }
    return std::nullopt;
}

double shareOf(const Options& options, double standard, const char* expected)
{
    const auto share = options.value.empty() ? standard : parseValue(options.value, {{"%", 0.01}});
    if (!share || !(*share > 0.0 && *share <= 1.0)) {
        throw UsageError(fmt::format("--value {}: {}", options.value, expected));
    }
    return *share;
}

double energyOf(const Options& options)
{
    return shareOf(options, kDefaultEnergy,
                   "an energy target is above 0 and at most 1 (0.9 or 90%)");
}

double quantErrorOf(const Options& options)
{
    return shareOf(options, kDefaultQuantError,
                   "a quantization-error target is a share of QLoRA's error, above 0 and at most "
                   "1 (0.8 or 80%)");
}

double noiseOf(const Options& options)
{
    const auto noise = options.value.empty() ? 0.0 : parseValue(options.value, {});
    if (!noise || !(*noise >= 0.0) || !std::isfinite(*noise)) {
        throw UsageError(
            fmt::format("--value {}: the noise is the standard deviation of a weight's "
                        "error (0: estimated)",
                        options.value));
    }
    return *noise;
}

std::int64_t budgetOf(const Options& options)
{
    constexpr double kMost = 1e15;
    const double perByte = 1.0 / kBytesOfParameter;
    const auto parameters = parseValue(
        options.value,
        {{"M", 1e6}, {"KB", 1e3 * perByte}, {"MB", 1e6 * perByte}, {"GB", 1e9 * perByte}});
    if (!parameters || !(*parameters >= 1.0 && *parameters <= kMost)) {
        throw UsageError(
            fmt::format("--value {}: a budget is a number of parameters (5000000, 5e6, "
                        "5M) or a size in float32 (10MB)",
                        options.value));
    }
    return static_cast<std::int64_t>(*parameters);
}

core::RankMap adviseBySpectra(const std::vector<core::RankCandidate>& candidates,
                              const Options& options)
{
    if (options.by == "knee") {
        return core::ranksByKnee(candidates, options.bounds);
    }
    if (options.by == "threshold") {
        return core::ranksByThreshold(candidates, noiseOf(options), options.bounds);
    }
    if (options.by == "budget") {
        return core::ranksByBudget(candidates, budgetOf(options), options.bounds);
    }
    return core::ranksByEnergy(candidates, energyOf(options), options.bounds);
}

std::string toText(const std::vector<core::LinearModule>& modules, const core::RankMap& map)
{
    std::size_t width = 0;
    for (const core::LinearModule& module : modules) {
        width = std::max(width, module.name.size());
    }
    std::string text;
    for (const core::LinearModule& module : modules) {
        std::string name = module.name;
        name.resize(width + 2, ' ');
        text += fmt::format("{}{}\n", name, map.ranks.at(module.name));
    }
    return fmt::format(
        "{}\n{} parameters, {}\n{}\n{}\n", text, core::groupedText(map.parameters),
        core::bytesText(static_cast<std::uint64_t>(map.parameters * kBytesOfParameter)), map.reason,
        map.reference);
}

void checkUsage(const Options& options, Session& session)
{
    if (options.by == "budget" && options.value.empty()) {
        throw UsageError(
            "--by budget needs --value: a number of parameters (5e6) or a size (10MB)");
    }
    if (options.by == "knee" && !options.value.empty()) {
        session.console.warning("--value has no meaning for knee");
    }
    if (options.bounds.lowest > options.bounds.highest) {
        throw UsageError("--min-rank is above --max-rank");
    }
    if (options.by == "energy") { // before the spectra are computed
        energyOf(options);
    } else if (options.by == "budget") {
        budgetOf(options);
    } else if (options.by == "threshold") {
        noiseOf(options);
    } else if (options.by == "quant-error") {
        quantErrorOf(options);
    }
    for (const char* flag : {"--method", "--iters"}) {
        if (options.by != "quant-error" && session.given(flag)) {
            session.console.warning(fmt::format("{} has no meaning for {}", flag, options.by));
        }
    }
}

core::RankMap adviseRanks(const std::shared_ptr<const core::ModelFiles>& files,
                          const std::vector<core::LinearModule>& modules, const Options& options,
                          Session& session)
{
    if (options.by == "quant-error") {
        core::QuantErrorTarget target;
        target.share = quantErrorOf(options);
        target.method = core::methodNamed(options.method);
        target.iters = options.iters;
        target.bounds = options.bounds;
        return core::ranksByQuantError(*files, modules, target, session.job());
    }
    std::unordered_map<std::string, core::ModuleSpectrum> found;
    core::sweepSpectra(
        files, modules, {}, core::SweepPriority(),
        [&](core::ModuleSpectrum result) { found[result.module] = std::move(result); },
        session.job());
    std::vector<core::RankCandidate> candidates;
    for (const core::LinearModule& module : modules) {
        const core::ModuleSpectrum& one = found.at(module.name);
        if (!one.problem.empty()) {
            throw core::Error(
                core::ErrorKind::Format,
                fmt::format("{}: {} {}", files->path().string(), module.name, one.problem));
        }
        candidates.push_back({module, &one.spectrum});
    }
    return adviseBySpectra(candidates, options);
}

ExitCode advise(const Options& options, Session& session)
{
    checkUsage(options, session);
    const core::OutputRule rule = options.output.fileRule(options.model);
    const auto files = core::ModelFiles::open(core::weightsOf(options.model));
    const auto modules = core::selectModules(*files, splitPatterns(options.modules));
    const core::RankMap map = adviseRanks(files, modules, options, session);
    const nlohmann::ordered_json document = core::markedJson(core::rankMapJson(map, options.scale));
    if (!options.output.path.empty()) {
        core::writeOutputFile(options.output.path, document.dump(2) + "\n", rule);
        session.console.message("wrote " + options.output.path);
    }
    if (options.json) {
        session.console.json(document);
    } else {
        session.console.result(toText(modules, map));
    }
    return ExitCode::Done;
}

} // namespace

void addAdvise(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("advise", "A rank for each matrix, with the reason for it",
                  "pissarro-cli advise model.gguf --by budget --value 10MB -o ranks.json",
                  [options](Session& session) { return advise(*options, session); });
    addModel(verb, options->model);
    verb.add_option("--by", options->by,
                    "energy kept, knee of the curve, threshold against noise, a budget for all, or "
                    "what four bits leave")
        ->check(CLI::IsMember({"energy", "knee", "threshold", "budget", "quant-error"}))
        ->capture_default_str();
    verb.add_option("--value", options->value,
                    "energy: share kept (0.9); budget: parameters or size (5e6, 10MB); threshold: "
                    "standard deviation of the noise (estimated); quant-error: share of QLoRA's "
                    "nuclear error that may be left (0.8)");
    verb.add_option("--method", options->method, "quant-error: whose error")
        ->check(CLI::IsMember(methodNames(core::iterates)))
        ->capture_default_str();
    verb.add_option("--iters", options->iters,
                    "quant-error: iterations (T); 1 saves time, the verb quant-error takes 5")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    addTexts(verb, "--modules", options->modules,
             "modules by pattern, may be repeated; default: every linear matrix of the layers");
    verb.add_option("--min-rank", options->bounds.lowest, "of every matrix")
        ->check(aboveZero())
        ->capture_default_str();
    verb.add_option("--max-rank", options->bounds.highest, "of every matrix")
        ->check(aboveZero())
        ->capture_default_str();
    addReal(verb, "--scale", options->scale, "alpha / rank in alpha_pattern")->check(aboveZero());
    addOutput(verb, options->output, "JSON file to write, for --rank-map of init and train");
    addJson(verb, options->json);
}

} // namespace pissarro::cli

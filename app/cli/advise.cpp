// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/analysis/rank_map_json.h"
#include "core/analysis/rank_rule.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/model/model_files.h"
#include "core/session/open_model.h"
#include "core/text/escaped_text.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pissarro::cli {

namespace {

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
                                 const std::vector<std::pair<std::string_view, double>>& units)
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

// The units that a value of a rule may have, and what each stands for.
std::vector<std::pair<std::string_view, double>> unitsOf(core::RankValue value)
{
    constexpr double kPerByte = 1.0 / kBytesOfParameter;
    switch (value) {
    case core::RankValue::Share:
        return {{"%", 0.01}};
    case core::RankValue::Parameters:
        return {{"M", 1e6}, {"KB", 1e3 * kPerByte}, {"MB", 1e6 * kPerByte}, {"GB", 1e9 * kPerByte}};
    case core::RankValue::None:
    case core::RankValue::Noise:
        return {};
    }
    return {};
}

double valueOf(const core::RankRuleInfo& rule, const Options& options)
{
    if (rule.value == core::RankValue::None) {
        return 0.0;
    }
    const auto value =
        options.value.empty() ? rule.standard : parseValue(options.value, unitsOf(rule.value));
    if (!value || !core::isRankValue(rule, *value)) {
        throw UsageError(fmt::format("--value {}: {}", options.value, rule.expected));
    }
    return *value;
}

std::string toText(const std::vector<core::LinearModule>& modules, const core::RankMap& map)
{
    std::size_t width = 0;
    for (const core::LinearModule& module : modules) {
        width = std::max(width, core::terminalLine(module.name).size());
    }
    std::string text;
    for (const core::LinearModule& module : modules) {
        std::string name = core::terminalLine(module.name);
        name.resize(width + 2, ' ');
        text += fmt::format("{}{}\n", name, map.ranks.at(module.name));
    }
    return fmt::format(
        "{}\n{} parameters, {}\n{}\n{}\n", text, core::groupedText(map.parameters),
        core::bytesText(static_cast<std::uint64_t>(map.parameters * kBytesOfParameter)),
        core::terminalLine(map.reason), core::terminalLine(map.reference));
}

void checkUsage(const Options& options, Session& session)
{
    const core::RankRuleInfo& rule = *core::rankRuleNamed(options.by);
    if (rule.value != core::RankValue::None && !rule.standard && options.value.empty()) {
        throw UsageError(fmt::format("--by {} needs --value: {}", rule.name, rule.means));
    }
    if (rule.value == core::RankValue::None && !options.value.empty()) {
        session.console.warning(fmt::format("--value has no meaning for {}", rule.name));
    }
    if (options.bounds.lowest > options.bounds.highest) {
        throw UsageError("--min-rank is above --max-rank");
    }
    valueOf(rule, options); // before the spectra are computed
    for (const char* flag : {"--method", "--iters"}) {
        if (rule.byWork == nullptr && session.given(flag)) {
            session.console.warning(fmt::format("{} has no meaning for {}", flag, options.by));
        }
    }
}

core::RankMap adviseRanks(const std::shared_ptr<const core::ModelFiles>& files,
                          const std::vector<core::LinearModule>& modules, const Options& options,
                          Session& session)
{
    const core::RankRuleInfo& rule = *core::rankRuleNamed(options.by);
    const double value = valueOf(rule, options);
    if (rule.byWork != nullptr) {
        return rule.byWork(
            {*files, modules, core::methodNamed(options.method), options.iters, session.job()},
            value, options.bounds);
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
    return rule.bySpectra(candidates, value, options.bounds);
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
    std::vector<std::string> rules;
    std::string goesBy;
    std::string values;
    for (const core::RankRule rule : core::allRankRules()) {
        rules.emplace_back(rule->name);
        goesBy += fmt::format("{}{}", goesBy.empty() ? "" : ", or ", rule->by);
        if (rule->value != core::RankValue::None) {
            values += fmt::format("{}{}: {}", values.empty() ? "" : "; ", rule->name, rule->means);
        }
    }
    verb.add_option("--by", options->by, goesBy)
        ->check(CLI::IsMember(rules))
        ->capture_default_str();
    verb.add_option("--value", options->value, values);
    verb.add_option("--method", options->method, "quant-error: whose error")
        ->check(CLI::IsMember(methodNames(core::iterates)))
        ->capture_default_str();
    addWhole(verb, "--iters", options->iters, {1, 1000},
             "quant-error: iterations (T); 1 saves time, the verb quant-error takes 5");
    addTexts(verb, "--modules", options->modules,
             "modules by pattern, may be repeated; default: every linear matrix of the layers");
    addWhole(verb, "--min-rank", options->bounds.lowest, {1}, "of every matrix");
    addWhole(verb, "--max-rank", options->bounds.highest, {1}, "of every matrix");
    addReal(verb, "--scale", options->scale, "alpha / rank in alpha_pattern")->check(aboveZero());
    addOutput(verb, options->output, "JSON file to write, for --rank-map of init and train");
    addJson(verb, options->json);
}

} // namespace pissarro::cli

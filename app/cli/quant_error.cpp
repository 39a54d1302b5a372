// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/quant_error.h"

#include "app/cli/field_options.h"
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/model/rank_pattern.h"
#include "core/session/open_model.h"
#include "core/settings/fields.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string model;
    std::vector<std::string> modules;
    core::QuantErrorOptions how;
    Output output;
    bool json = false;
};

// The paper's columns; other types follow by name.
constexpr std::array<std::pair<const char*, const char*>, 7> kColumns {{{"q_proj", "Q"},
                                                                        {"k_proj", "K"},
                                                                        {"v_proj", "V"},
                                                                        {"o_proj", "O"},
                                                                        {"gate_proj", "Gate"},
                                                                        {"up_proj", "Up"},
                                                                        {"down_proj", "Down"}}};

constexpr std::size_t kNameWidth = 10; // of the table

ordered_json toJson(const core::QuantError& error)
{
    return {{"nuclear", error.nuclear},
            {"frobenius", error.frobenius},
            {"spectral", error.spectral},
            {"max", error.largest}};
}

ordered_json toJson(const core::QuantReductions::ByMethod& reductions)
{
    ordered_json object = ordered_json::object();
    for (const auto& [method, reduction] : reductions) {
        object[std::string(method->name)] = reduction;
    }
    return object;
}

// How often each leaves less than every other; of the last the others tell.
std::vector<std::pair<core::Method, std::int64_t>> aheadOf(const core::QuantReductions& reductions)
{
    std::vector<std::pair<core::Method, std::int64_t>> ahead(reductions.ahead.begin(),
                                                             reductions.ahead.end());
    ahead.pop_back();
    return ahead;
}

ordered_json toJson(const core::ModuleQuantError& one)
{
    ordered_json object {{"name", one.module},
                         {"rows", one.rows},
                         {"cols", one.cols},
                         {"nuclear_norm", one.nuclearNorm},
                         {std::string(core::yardstick()->name), toJson(one.qlora)}};
    core::QuantReductions::ByMethod reductions;
    for (const auto& [method, errors] : one.errors) {
        object[std::string(method->name)] = toJson(errors.back());
        reductions[method] = core::errorReduction(errors.back(), one.qlora);
    }
    object["reduction"] = toJson(reductions);
    for (const auto& [name, error] : one.others) {
        object[name] = toJson(error);
    }
    ordered_json& each = object["nuclear_by_iteration"];
    for (const auto& [method, errors] : one.errors) {
        ordered_json& nuclear = each[std::string(method->name)] = ordered_json::array();
        for (const core::QuantError& error : errors) {
            nuclear.push_back(error.nuclear);
        }
    }
    return object;
}

ordered_json toJson(const Options& options, const std::vector<core::ModuleQuantError>& errors)
{
    ordered_json document {{"rank", options.how.rank},
                           {"iters", options.how.iters},
                           {"type", core::quantTypeName(options.how.quant.type)},
                           {"double_quant", options.how.quant.doubleQuant},
                           {"modules", ordered_json::array()}};
    for (const core::ModuleQuantError& one : errors) {
        document["modules"].push_back(toJson(one));
    }
    const core::QuantReductions reductions = core::reductionsOf(errors);
    document["by_type"] = ordered_json::object();
    for (const auto& [type, each] : reductions.byType) {
        document["by_type"][type] = toJson(each);
    }
    document["average"] = toJson(reductions.average);
    for (const auto& [method, matrices] : aheadOf(reductions)) {
        document[std::string(method->name) + "_ahead"] = matrices;
    }
    return document;
}

std::string left(std::string text)
{
    text.resize(std::max<std::size_t>(kNameWidth, text.size() + 1), ' ');
    return text;
}

std::string rivalsOf(core::Method method)
{
    std::vector<core::Method> rivals = core::measuredMethods();
    std::erase(rivals, method);
    return core::titlesOf(rivals);
}

std::string toText(const Options& options, const std::vector<core::ModuleQuantError>& errors)
{
    const core::QuantReductions reductions = core::reductionsOf(errors);
    std::string head = left("");
    std::map<core::Method, std::string> rows;
    for (const auto& [method, reduction] : reductions.average) {
        rows[method] = left(std::string(method->title));
    }
    const auto column = [&](const std::string& title, const core::QuantReductions::ByMethod& each) {
        const std::size_t width = std::max<std::size_t>(8, title.size() + 2);
        head += padded(title, width);
        for (const auto& [method, reduction] : each) {
            rows[method] += padded(core::fixedText(reduction, 2), width);
        }
    };
    auto rest = reductions.byType;
    for (const auto& [type, title] : kColumns) {
        if (const auto found = rest.find(type); found != rest.end()) {
            column(title, found->second);
            rest.erase(found);
        }
    }
    for (const auto& [type, each] : rest) {
        column(core::terminalLine(type), each);
    }
    column("AVG", reductions.average);
    std::string text =
        fmt::format("Nuclear error of {} matrices below that of {}(W) alone ({}), in "
                    "percent; r = {}, T = {}\n{}\n",
                    reductions.matrices, core::quantTypeName(options.how.quant.type),
                    core::yardstick()->title, options.how.rank, options.how.iters, head);
    for (const auto& [method, row] : rows) {
        text += row + "\n";
    }
    for (const auto& [method, matrices] : aheadOf(reductions)) {
        text += fmt::format("{} leaves less than {} on {} of {} matrices\n", method->title,
                            rivalsOf(method), matrices, reductions.matrices);
    }
    return text;
}

ExitCode quantError(const Options& options, Session& session)
{
    core::QuantErrorOptions how = options.how;
    const core::OutputRule rule = options.output.fileRule(options.model);
    const auto files = core::ModelFiles::open(core::weightsOf(options.model));
    const auto modules = core::selectModules(*files, splitPatterns(options.modules));
    core::checkRanks(modules, how.rank, {});
    std::vector<core::ModuleQuantError> errors(modules.size());
    const auto place = [&](const std::string& name) {
        return std::find_if(modules.begin(), modules.end(),
                            [&](const core::LinearModule& one) { return one.name == name; })
            - modules.begin();
    };
    core::measureQuantErrors(
        *files, modules, how,
        [&](core::ModuleQuantError one) {
            const auto at = static_cast<std::size_t>(place(one.module));
            errors[at] = std::move(one);
        },
        session.job());
    const ordered_json document = core::markedJson(toJson(options, errors));
    if (!options.output.path.empty()) {
        core::writeOutputFile(options.output.path, dumped(document) + "\n", rule);
    }
    if (options.json) {
        session.console.json(document);
    } else {
        session.console.result(toText(options, errors));
    }
    return ExitCode::Done;
}

} // namespace

void addQuantError(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("quant-error",
                  "What four bits leave of each matrix: " + core::titlesOf(core::comparedMethods()),
                  "pissarro-cli quant-error model.gguf --rank 16 --iters 5 -o errors.json",
                  [options](Session& session) { return quantError(*options, session); });
    core::QuantErrorOptions& how = options->how;
    addModel(verb, options->model);
    addTexts(verb, "--modules", options->modules,
             "modules by pattern, may be repeated; default: every linear matrix of the layers");
    addWhole(verb, "--rank", how.rank, {1}, "of the adapters");
    addWhole(verb, "--iters", how.iters, {1, 1000},
             "alternating iterations of " + core::titlesOf(core::measuredMethods()) + " (T)");
    addFields(verb, core::quantFields(), how.quant);
    verb.add_flag("--other-types", how.otherTypes, "errors of fp4 and int8 beside");
    addFields(verb, core::svdFields(), how.svd);
    addSpecField(verb, "threads", how.threads);
    addOutput(verb, options->output, "JSON file to write");
    addJson(verb, options->json);
}

} // namespace pissarro::cli

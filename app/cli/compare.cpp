// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/analysis/rank_map_json.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/compare/comparison.h"
#include "core/compare/report_file.h"
#include "core/compare/update_table.h"
#include "core/file/output_marker.h"
#include "core/text/escaped_text.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

struct Options {
    std::vector<std::string> runs;
    std::vector<std::string> evaluations;
    std::vector<std::string> quantErrors;
    std::vector<std::string> modules;
    Output output; // .html, .md, .pdf or .json
    Output rankMap;
    std::string rankMapOf; // a run's name; empty: the first that has one
    std::string title;
    bool withoutUpdate = false;
    bool json = false;
    core::CompareOptions how;
};

// Wrong usage where there is no such form, before anything is read.
void requireForm(const std::string& file)
{
    if (!file.empty() && core::reportFormOf(file) == nullptr) {
        throw UsageError(fmt::format("-o {}: unknown kind of file (expected a name ending in {})",
                                     file, core::reportEndings()));
    }
}

// The report and the map, however their names are written, are two files.
void requireTwoPlaces(const Options& options)
{
    const std::filesystem::path report = options.output.path;
    const std::filesystem::path map = options.rankMap.path;
    std::error_code failed;
    if (!report.empty() && !map.empty()
        && (std::filesystem::equivalent(report, map, failed)
            || std::filesystem::weakly_canonical(std::filesystem::absolute(report), failed)
                == std::filesystem::weakly_canonical(std::filesystem::absolute(map), failed))) {
        throw UsageError("-o and --rank-map name one file, " + report.string()
                         + "; give each its own");
    }
}

core::ReportRequest requestOf(const Options& options)
{
    core::ReportRequest request {{options.runs.begin(), options.runs.end()},
                                 options.how,
                                 options.title,
                                 options.output.path};
    request.how.withUpdate = !options.withoutUpdate;
    request.how.evaluations.assign(options.evaluations.begin(), options.evaluations.end());
    request.how.quantErrors.assign(options.quantErrors.begin(), options.quantErrors.end());
    request.how.update.modules = splitPatterns(options.modules);
    return request;
}

// The run whose map is written, by its place.
std::size_t mapPlace(const core::RunComparison& found, const Options& options)
{
    for (std::size_t i = 0; i < found.runs.size(); ++i) {
        if (found.findings[i].ranks
            && (options.rankMapOf.empty() || options.rankMapOf == found.runs[i].name)) {
            return i;
        }
    }
    throw core::Error(
        core::ErrorKind::InvalidArgument,
        options.rankMapOf.empty()
            ? "no run here has ranks to make smaller (expected one with adapters that "
              "keeps a state)"
            : core::shownText(options.rankMapOf)
                + " has no ranks to make smaller; name another run");
}

void writeRankMap(const core::RunComparison& found, const Options& options,
                  const core::OutputRule& rule, Session& session)
{
    const std::size_t place = mapPlace(found, options);
    const core::RunSpec& spec = found.runs[place].run->spec;
    const core::RankMap& map = *found.findings[place].ranks;
    const auto document =
        core::markedJson(core::rankMapJson(map, spec.alpha / static_cast<double>(spec.rank)));
    core::writeOutputFile(options.rankMap.path, document.dump(2) + "\n", rule);
    session.console.message("wrote " + options.rankMap.path + ", ranks of " + found.runs[place].name
                            + ": " + map.reason);
}

std::string rowsText(const std::vector<core::DifferenceRow>& rows)
{
    std::string text;
    for (const core::DifferenceRow& row : rows) {
        std::string line = "  " + row.key + ":";
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            line += (i == 0 ? " " : " | ") + (row.values[i].empty() ? "-" : row.values[i]);
        }
        text += core::terminalLine(line) + "\n";
    }
    return text;
}

std::string lossText(double loss)
{
    return std::isnan(loss) ? "-" : core::fixedText(loss, 4);
}

std::string updateText(const core::ComparedRun& run, const core::RunFindings& findings)
{
    if (!findings.update) {
        return {};
    }
    const core::StateUpdate& state = findings.update->usual();
    const double change = core::meanOf(state, core::UpdateMeasure::RelativeNorm);
    std::string text = "  " + core::terminalLine(run.name + ", " + state.title) + ": norm "
        + core::fixedText(core::meanOf(state, core::UpdateMeasure::Norm), 4)
        + (std::isnan(change) ? std::string()
                              : " (" + core::fixedText(100.0 * change, 2) + " % of W)")
        + ", effective rank "
        + core::fixedText(core::meanOf(state, core::UpdateMeasure::EffectiveRank), 1) + "\n";
    return text
        + (findings.ranks ? "    " + core::terminalLine(findings.ranks->reason) + "\n" : "");
}

std::string toText(const core::RunComparison& found)
{
    std::string text;
    for (const core::ComparedRun& one : found.runs) {
        text += core::terminalLine(one.name + ": " + one.title()) + ", loss at the end "
            + lossText(core::endLoss(one)) + ", held-out " + lossText(core::heldOutLoss(one))
            + "\n";
    }
    if (!found.differences.settings.empty()) {
        text += "\nWhat differs:\n" + rowsText(found.differences.settings);
    }
    if (!found.differences.inputs.empty()) {
        text += "\nWhat differs in what was read:\n" + rowsText(found.differences.inputs);
    }
    std::string updates;
    for (std::size_t i = 0; i < found.runs.size(); ++i) {
        updates += updateText(found.runs[i], found.findings[i]);
    }
    text += updates.empty() ? "" : "\nWhere the update went, means over the matrices:\n" + updates;
    const std::string basis = core::terminalLine(found.claims.basis());
    return text + "\n" + core::terminalLine(found.claims.sentence()) + "\n"
        + (basis.empty() ? "" : basis + "\n");
}

ExitCode compare(Options options, Session& session)
{
    options.rankMap.force = options.output.force;
    requireTwoPlaces(options);
    requireForm(options.output.path);
    const core::ReportRequest request = requestOf(options);
    const core::OutputRule mapRule = core::reportRule(request, options.rankMap.rule({}));
    if (!options.rankMap.path.empty()) {
        core::checkOutputFile(options.rankMap.path, mapRule);
    }
    if (options.withoutUpdate && !options.rankMap.path.empty()) {
        throw UsageError("--rank-map is made of where the update went; leave out --no-update");
    }
    const core::RunComparison found =
        core::writeReport(request, options.output.rule({}), session.job());
    for (const std::string& note : found.notes) {
        session.console.warning(note);
    }
    if (!request.output.empty()) {
        session.console.message("wrote " + options.output.path);
    }
    if (!options.rankMap.path.empty()) {
        writeRankMap(found, options, core::withBases(mapRule, found), session);
    }
    if (options.json) {
        session.console.json(core::comparisonJson(found));
    } else {
        session.console.result(toText(found));
    }
    return ExitCode::Done;
}

} // namespace

void addCompare(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "compare", "Runs side by side: what differs, where the update went, what may be said",
        "pissarro-cli compare runs/pissa runs/lora -o report.html",
        [options](Session& session) { return compare(*options, session); });
    verb.add_option("RUN", options->runs,
                    "run directories, folders of runs (twins, a sweep), or logs of other programs")
        ->required();
    addTexts(verb, "--eval", options->evaluations,
             "folder that eval wrote, whose scores belong to the runs; may be repeated");
    addTexts(verb, "--quant-error", options->quantErrors,
             "JSON that quant-error wrote, for the report; may be repeated");
    addTexts(verb, "--modules", options->modules,
             "matrices by pattern, may be repeated; default: all that trained");
    addWhole(verb, "--directions", options->how.update.directions, {1, 4096},
             "leading directions of an update that are compared with others");
    verb.add_flag("--no-update", options->withoutUpdate, "do not look where the update went");
    addOutput(verb, options->output, "report to write: .html, .md, .pdf or .json");
    addOutput(verb, options->rankMap,
              "smaller map of ranks to write, for --rank-map of train and init", "--rank-map");
    verb.add_option("--rank-map-of", options->rankMapOf, "whose; default: the first run's");
    addReal(verb, "--share", options->how.share,
            "share of an update's energy that the proposed ranks keep")
        ->check(aboveZero());
    verb.add_option("--paper", options->how.experiment,
                    "experiment of the paper to lay beside: see pissarro-cli paper");
    verb.add_option("--title", options->title, "of the report; default: methods, model and data");
    addJson(verb, options->json);
}

} // namespace pissarro::cli

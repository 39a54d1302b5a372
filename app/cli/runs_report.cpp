// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/runs_report.h"

#include "app/cli/console.h"
#include "core/base/fmt.h"
#include "core/history/metric_names.h"
#include "core/run/run_place.h"
#include "core/run/spec_settings.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"
#include "core/text/shell_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kNothing = "-";

ordered_json number(double value)
{
    return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

ordered_json valueJson(const core::FieldValue& value)
{
    return std::visit(
        [&value](const auto& held) -> ordered_json {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, double>) {
                return number(held);
            } else if constexpr (
                std::is_constructible_v<
                    ordered_json,
                    const Held&> && (std::is_arithmetic_v<Held> || std::is_same_v<Held, std::string> || std::is_same_v<Held, std::vector<std::string>>)) {
                return held;
            } else {
                return core::fieldText(value);
            }
        },
        value);
}

// Before its first step, and of what cannot be read, there is none.
double lastLossOf(const ShownRun& run)
{
    if (!run.history) {
        return run.listed->isKnown() ? run.listed->run.end.loss : kNone;
    }
    const core::MetricSeries* const loss = run.history->find(core::metric::kLoss);
    return loss == nullptr ? kNone : loss->values.back();
}

std::string nameOf(const ShownRun& run)
{
    return run.mark.name.empty() ? run.listed->run.directory.filename().string() : run.mark.name;
}

std::string stateOf(const ShownRun& run)
{
    const core::ListedRun& listed = *run.listed;
    if (!run.problem.empty() || !listed.problem.empty()) {
        return "unreadable";
    }
    return listed.isOthers ? "of another program"
                           : std::string(core::runStateName(listed.run.state));
}

// What orders a start anew that failed before it was a run; empty: it is none.
std::string orderOf(const core::ListedRun& run)
{
    if (!run.start) {
        return {};
    }
    const auto& folder = run.run.directory;
    std::string line = fmt::format("pissarro-cli train {}",
                                   core::shellQuoted((folder / core::kSpecFile).string()));
    for (const auto& [twin, rate] : *run.start) {
        const std::string_view name = core::methodName(twin);
        line += fmt::format(" --twin {0} --twin-lr {0}={1}", name,
                            rate ? core::numberText(*rate) : std::string("find"));
    }
    return line + fmt::format(" -o {}", core::shellQuoted(folder.string()));
}

std::string progressOf(const ShownRun& run)
{
    const std::int64_t step = run.history ? run.history->step : run.listed->run.step;
    const std::int64_t steps = run.history ? run.history->steps : run.listed->run.steps;
    if (step == 0 && steps == 0) {
        return std::string(kNothing);
    }
    return steps == 0 ? core::groupedText(step)
                      : fmt::format("{}/{}", core::groupedText(step), core::groupedText(steps));
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::string columnText(const core::RunColumn& column, const ShownRun& run)
{
    if (!run.listed->isKnown() && !core::isToldOfAll(column)) {
        return std::string(kNothing);
    }
    const core::FieldValue value = column.value(run.listed->run, run.mark);
    const auto* const real = std::get_if<double>(&value);
    const std::string text = real != nullptr && !std::isfinite(*real)
        ? std::string()
        : core::settingText(column.key, value);
    return text.empty() ? std::string(kNothing) : text;
}

using Line = std::vector<std::string>;

Line lineOf(const ShownRun& run, const ShownColumns& columns)
{
    const double loss = lastLossOf(run);
    Line line {run.mark.pinned ? "*" : "",
               nameOf(run),
               run.listed->isKnown() ? std::string(core::methodTitle(run.listed->run.spec.method))
                                     : std::string(kNothing),
               stateOf(run),
               progressOf(run),
               std::isfinite(loss) ? core::roundedText(loss, 4) : std::string(kNothing)};
    for (const core::RunColumn* column : columns) {
        line.push_back(columnText(*column, run));
    }
    const std::string archived = run.mark.archived ? "archived" : "";
    const std::string tags = joined(run.mark.tags);
    line.push_back(archived + (archived.empty() || tags.empty() ? "" : ", ") + tags);
    return line;
}

// Numbers and steps stand at the right of their column.
bool isAtRight(std::size_t column)
{
    return column == 4 || column == 5;
}

// Names, messages and values come from files: each stays in its cell.
std::string table(std::vector<Line> lines)
{
    for (Line& line : lines) {
        std::transform(line.begin(), line.end(), line.begin(), core::terminalLine);
    }
    std::vector<std::size_t> widths(lines.front().size());
    for (const Line& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], line[i].size());
        }
    }
    std::string text;
    for (const Line& line : lines) {
        std::string row;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string blanks(widths[i] - line[i].size(), ' ');
            row += (i == 0 ? "" : "  ") + (isAtRight(i) ? blanks + line[i] : line[i] + blanks);
        }
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + "\n";
    }
    return text;
}

ordered_json runJson(const ShownRun& run, const ShownColumns& columns, core::RunGrouping by)
{
    const core::ListedRun& listed = *run.listed;
    ordered_json object {{"path", listed.run.directory.string()},
                         {"name", nameOf(run)},
                         {"state", stateOf(run)},
                         {"step", run.history ? run.history->step : listed.run.step},
                         {"steps", run.history ? run.history->steps : listed.run.steps},
                         {"last_loss", number(lastLossOf(run))}};
    if (listed.isKnown()) {
        object["message"] = listed.run.message;
        object["started"] = listed.run.startedAt;
        object["method"] = core::methodName(listed.run.spec.method);
        object["model"] = listed.run.spec.model;
        object["data"] = listed.run.spec.data;
        object["rank"] = listed.run.spec.rank;
        object["learning_rate"] = listed.run.spec.learningRate;
        object["seed"] = listed.run.spec.seed;
        object["best_eval_loss"] = number(listed.run.bestEvalLoss);
        object["tokens_per_s"] = number(listed.run.end.tokensPerS);
    }
    if (listed.start) {
        object["start_again"] = orderOf(listed);
    }
    object["trainer"] = run.history ? run.history->title : listed.isOthers ? "" : "Pissarro";
    object["problem"] = listed.problem.empty() ? run.problem : listed.problem;
    object["sweep"] = listed.sweep.string();
    if (by != core::RunGrouping::None) {
        object["group"] = core::groupOf(listed, by).title;
    }
    object["tags"] = run.mark.tags;
    object["notes"] = run.mark.notes;
    object["colour"] = run.mark.colour;
    object["pinned"] = run.mark.pinned;
    object["archived"] = run.mark.archived;
    for (const core::RunColumn* column : columns) {
        const bool isTold = listed.isKnown() || core::isToldOfAll(*column);
        object[column->key] =
            isTold ? valueJson(column->value(listed.run, run.mark)) : ordered_json();
    }
    return object;
}

} // namespace

ordered_json runsJson(const std::vector<ShownRun>& runs, const ShownColumns& columns,
                      core::RunGrouping by)
{
    ordered_json list = ordered_json::array();
    for (const ShownRun& run : runs) {
        list.push_back(runJson(run, columns, by));
    }
    return {{"runs", std::move(list)}};
}

std::string runsText(const std::vector<ShownRun>& runs, const ShownColumns& columns,
                     core::RunGrouping by)
{
    if (runs.empty()) {
        return "no runs\n";
    }
    Line head {"", "name", "method", "state", "step", "loss"};
    for (const core::RunColumn* column : columns) {
        head.push_back(column->key);
    }
    head.emplace_back("tags");
    std::string text;
    for (std::size_t i = 0; i < runs.size();) {
        const core::RunGroup group = core::groupOf(*runs[i].listed, by);
        std::vector<Line> lines {head};
        for (; i < runs.size() && core::groupOf(*runs[i].listed, by) == group; ++i) {
            lines.push_back(lineOf(runs[i], columns));
        }
        if (by != core::RunGrouping::None) {
            text += (text.empty() ? "" : "\n")
                + (group.title.empty() ? std::string("of other programs")
                                       : core::terminalLine(group.title))
                + "\n";
        }
        text += table(std::move(lines));
    }
    for (const ShownRun& run : runs) {
        const std::string& problem =
            run.listed->problem.empty() ? run.problem : run.listed->problem;
        const bool failed =
            run.listed->run.state == core::RunState::Failed && run.listed->isKnown();
        if (!problem.empty() || failed) {
            const std::string why = problem.empty() ? core::runStateText(run.listed->run) : problem;
            text += core::terminalLine(nameOf(run) + ": " + why) + "\n";
            text += run.listed->start
                ? core::terminalLine("  start it again with: " + orderOf(*run.listed)) + "\n"
                : std::string();
        }
    }
    return text;
}

} // namespace pissarro::cli

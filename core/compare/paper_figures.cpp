// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/compare/paper_figures_p.h"
#include "core/compare/run_report_p.h"
#include "core/file/output_marker.h"
#include "core/text/ascii.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline compare {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view kPlusMinus = "±";

std::string_view trimmed(std::string_view text)
{
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    return text;
}

std::vector<std::string_view> cellsOf(std::string_view line)
{
    std::vector<std::string_view> cells;
    for (;;) {
        const std::size_t bar = line.find('|');
        cells.push_back(trimmed(line.substr(0, bar)));
        if (bar == std::string_view::npos) {
            return cells;
        }
        line.remove_prefix(bar + 1);
    }
}

double numberOf(std::string_view text)
{
    double value = std::nan("");
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Of the runs of that method and rank: an evaluation of that task, or the loss at the end.
void addRuns(std::vector<double>& found, const RunComparison& comparison, const PaperFigure& figure)
{
    const std::string column = lowered(figure.column);
    for (const ComparedRun& one : comparison.runs) {
        const bool isMeant = one.run && methodName(one.run->spec.method) == figure.method
            && (figure.rank == 0 || figure.rank == one.run->spec.rank);
        if (!isMeant) {
            continue;
        }
        for (const Scoreboard& evaluation : comparison.evaluations) {
            const ScoredModel* model = evaluation.findRun(one.name, one.path);
            if (model != nullptr && column == evaluation.task && !evaluation.isPerplexity) {
                found.push_back(100.0 * model->score);
            }
        }
        if (column == "final loss") {
            found.push_back(endLoss(one));
        }
    }
}

// Of files of quant-error of that rank and T; "q_proj" is the paper's Q.
void addQuantErrors(std::vector<double>& found, const RunComparison& comparison,
                    const PaperFigure& figure)
{
    const std::string column = lowered(figure.column);
    for (const MeasuredQuantErrors& one : comparison.quantErrors) {
        if (one.rank != figure.rank || one.iters != figure.iters) {
            continue;
        }
        std::map<std::string, double> methods;
        if (column == "avg") {
            methods = one.average;
        } else if (const auto type = one.byType.find(column + "_proj"); type != one.byType.end()) {
            methods = type->second;
        }
        if (const auto value = methods.find(figure.method); value != methods.end()) {
            found.push_back(value->second);
        }
    }
}

// What one has measured oneself, the mean of several.
double ownFigure(const RunComparison& comparison, const PaperFigure& figure)
{
    std::vector<double> found;
    addRuns(found, comparison, figure);
    addQuantErrors(found, comparison, figure);
    return summaryOf(found).mean;
}

std::string printed(const PaperFigure& figure)
{
    return figureText(figure.value)
        + (std::isnan(figure.deviation) ? "" : " ± " + figureText(figure.deviation));
}

ordered_json specJsonOf(const PaperExperiment& experiment, const std::string& model,
                        const std::string& data)
{
    RunSpec spec = experiment.spec;
    spec.model = model;
    spec.data = data;
    return markedJson(ordered_json::parse(specToJson(spec)));
}

} // namespace

std::vector<PaperFigure> paperFigures(std::string_view columns,
                                      const std::vector<std::string_view>& lines)
{
    constexpr std::size_t kBefore = 3; // row, method, rank
    const auto names = cellsOf(columns);
    std::vector<PaperFigure> figures;
    for (const std::string_view line : lines) {
        const auto cells = cellsOf(line);
        if (cells.size() != names.size() + kBefore) {
            throw Error(ErrorKind::Internal,
                        "a row of the paper without a cell: " + std::string(line));
        }
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string_view cell = cells[i + kBefore];
            const std::size_t sign = cell.find(kPlusMinus);
            PaperFigure figure {std::string(cells[0]), std::string(names[i]),
                                numberOf(cell.substr(0, sign))};
            if (sign != std::string_view::npos) {
                figure.deviation = numberOf(cell.substr(sign + kPlusMinus.size()));
            }
            figure.method = cells[1];
            figure.rank = static_cast<std::int64_t>(numberOf(cells[2]));
            if (const std::size_t space = cells[2].find(' '); space != std::string_view::npos) {
                figure.iters = static_cast<std::int64_t>(numberOf(cells[2].substr(space + 1)));
            }
            if (!std::isnan(figure.value)) {
                figures.push_back(std::move(figure));
            }
        }
    }
    return figures;
}

const PaperExperiment& paperExperiment(std::string_view key)
{
    const auto& all = paperExperiments();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const PaperExperiment& one) { return one.key == key; });
    if (found == all.end()) {
        std::vector<std::string_view> keys;
        for (const PaperExperiment& one : all) {
            keys.push_back(one.key);
        }
        throw Error(ErrorKind::InvalidArgument,
                    "the paper has no experiment " + shownText(key) + " (expected " + listText(keys)
                        + ")");
    }
    return *found;
}

std::string paperSpecJson(const PaperExperiment& experiment, const std::string& model,
                          const std::string& data)
{
    return specJsonOf(experiment, model, data).dump(2) + "\n";
}

std::string paperSweepJson(const PaperExperiment& experiment, const std::string& model,
                           const std::string& data)
{
    ordered_json base = specJsonOf(experiment, model, data);
    base.erase(kMarkKey);
    ordered_json axes = ordered_json::object();
    for (const PaperAxis& axis : experiment.axes) {
        axes[axis.key] = ordered_json::parse(axis.valuesJson);
    }
    return markedJson({{"base", base}, {"axes", axes}, {"pair_alpha_with_rank", true}}).dump(2)
        + "\n";
}

Section paperSection(const RunComparison& comparison)
{
    const PaperExperiment& experiment = *comparison.experiment;
    Section section {"Beside the paper: " + experiment.title, {}};
    section.blocks.emplace_back(Paragraph {experiment.about});
    section.blocks.emplace_back(Paragraph {
        "There: " + experiment.model + ", " + experiment.data
            + ". Figures of another "
              "model, of other data or fewer rows are not comparable; they stand here for "
              "the order and the distance of the methods.",
        false, true});
    Table table {
        "Figures", experiment.unit, {{"Row"}, {"Column"}, {"Paper", true}, {"Here", true}}};
    for (const PaperFigure& figure : experiment.figures) {
        table.rows.push_back({{figure.row},
                              {figure.column},
                              {printed(figure)},
                              {figureText(ownFigure(comparison, figure))}});
    }
    if (!table.rows.empty()) {
        section.blocks.emplace_back(std::move(table));
    }
    for (const std::string& note : experiment.notes) {
        section.blocks.emplace_back(Paragraph {note, false, true});
    }
    return section;
}

} // namespace pissarro::core::inline compare

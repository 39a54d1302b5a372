// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/compare/run_report_p.h"
#include "core/history/metric_names.h"
#include "core/run/run_state.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::core::inline compare {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kMostBytes = 1e18; // that a memory may have; a log of others says what it likes
constexpr std::size_t kLongestValue =
    60; // of a setting in a table: a map of ranks has thousands of characters

double lastOf(const ComparedRun& run, std::string_view metric)
{
    const MetricSeries* series = run.history.find(metric);
    return series == nullptr || series->values.empty() ? kNone : series->values.back();
}

double largestOf(const ComparedRun& run, std::string_view metric)
{
    const MetricSeries* series = run.history.find(metric);
    return series == nullptr || series->values.empty()
        ? kNone
        : *std::max_element(series->values.begin(), series->values.end());
}

std::string memoryText(double bytes)
{
    return bytes > 0.0 && bytes < kMostBytes ? bytesText(static_cast<std::uint64_t>(bytes)) : "–";
}

std::string timeText(double seconds)
{
    if (!std::isfinite(seconds)) {
        return "–";
    }
    return seconds < 120.0 ? figureText(seconds, 3) + " s"
        : seconds < 7200.0 ? figureText(seconds / 60.0, 3) + " min"
                           : figureText(seconds / 3600.0, 3) + " h";
}

std::string shortened(const std::string& text)
{
    return text.size() <= kLongestValue
        ? text
        : text.substr(0, wholeCharacters(text.substr(0, kLongestValue))) + "…";
}

std::string valueText(const std::string& value, bool isFigure)
{
    const auto number = isFigure ? numberIn<double>(value) : std::nullopt;
    return value.empty() ? "–" : number ? figureText(*number) : shortened(value);
}

// Few runs stand beside one another, many over one another: a column has to hold its words. `areFigures`: measured, not set.
Table rowsTable(Table table, const std::vector<DifferenceRow>& rows,
                const RunComparison& comparison, const std::vector<RunLook>& looks,
                bool areFigures = false)
{
    std::vector<std::size_t> ours;
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        if (comparison.runs[i].run) {
            ours.push_back(i);
        }
    }
    if (ours.size() > kFewRuns) {
        table.columns.push_back({"Run"});
        for (const DifferenceRow& row : rows) {
            table.columns.push_back({row.label, true});
        }
        for (std::size_t i = 0; i < ours.size(); ++i) {
            std::vector<Cell> cells {{looks[ours[i]].name, false, looks[ours[i]].paint}};
            for (const DifferenceRow& row : rows) {
                cells.push_back({valueText(row.values[i], areFigures)});
            }
            table.rows.push_back(std::move(cells));
        }
        return table;
    }
    table.columns.push_back({""});
    for (const std::size_t i : ours) {
        table.columns.push_back({looks[i].name, true});
    }
    for (const DifferenceRow& row : rows) {
        std::vector<Cell> cells {{row.label}};
        for (const std::string& value : row.values) {
            cells.push_back({valueText(value, areFigures)});
        }
        table.rows.push_back(std::move(cells));
    }
    return table;
}

// The place of the lowest value; none: no value, or runs.size() where all are NaN.
std::size_t lowestPlace(const std::vector<double>& values)
{
    std::size_t best = values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isnan(values[i]) && (best == values.size() || values[i] < values[best])) {
            best = i;
        }
    }
    return best;
}

} // namespace

Figures figuresOf(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Figures figures;
    std::vector<double> losses;
    std::vector<double> held;
    for (const ComparedRun& one : comparison.runs) {
        losses.push_back(endLoss(one));
        held.push_back(heldOutLoss(one));
    }
    const auto lowest = [&](const char* label, const std::vector<double>& values) {
        const std::size_t best = lowestPlace(values);
        if (best < values.size()) {
            figures.all.push_back(
                {label, figureText(values[best]), looks[best].name, looks[best].paint});
        }
    };
    lowest("Lowest loss at the end", losses);
    lowest("Lowest held-out loss", held);
    for (const Scoreboard& evaluation : comparison.evaluations) {
        if (const ScoredModel* best = evaluation.best()) {
            figures.all.push_back(
                {(evaluation.isPerplexity ? "Lowest " : "Best of ") + evaluation.task,
                 evaluation.text(*best), best->name});
        }
    }
    const ComparedRun& first = comparison.runs.front();
    if (first.run && first.run->modelParameters > 0) {
        const auto trained = static_cast<double>(first.run->trainableParameters);
        const bool inAll = std::all_of(
            comparison.runs.begin(), comparison.runs.end(), [&](const ComparedRun& one) {
                return one.run && one.run->trainableParameters == first.run->trainableParameters;
            });
        figures.all.push_back(
            {"Trained parameters", figureText(trained),
             percentText(trained / static_cast<double>(first.run->modelParameters))
                 + " of the model" + (inAll ? "" : ", " + looks.front().name)});
    }
    figures.all.push_back({"Runs", fmt::format("{}", comparison.runs.size()),
                           figureText(lastOf(first, metric::kTokens)) + " tokens in the first"});
    return figures;
}

Table runsTable(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Table table {"Runs",
                 "",
                 {{"Run"},
                  {"Seed", true},
                  {"State"},
                  {"Steps", true},
                  {"Step-0 loss", true},
                  {"Loss at the end", true},
                  {"Held-out loss", true},
                  {"Time", true},
                  {"Memory", true}},
                 {}};
    std::vector<double> starts;
    std::vector<double> losses;
    std::vector<double> held;
    for (const ComparedRun& one : comparison.runs) {
        starts.push_back(one.run && one.run->stepZero ? one.run->stepZero->adaptedLoss : kNone);
        losses.push_back(endLoss(one));
        held.push_back(heldOutLoss(one));
    }
    const std::vector<std::string> startTexts = columnTexts(starts);
    const std::vector<std::string> lossTexts = columnTexts(losses);
    const std::vector<std::string> heldTexts = columnTexts(held);
    const std::size_t bestLoss = lowestPlace(losses);
    const std::size_t bestHeld = lowestPlace(held);
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const ComparedRun& one = comparison.runs[i];
        table.rows.push_back(
            {{looks[i].name, false, looks[i].paint},
             {one.run ? fmt::format("{}", one.run->spec.seed) : "–"},
             {one.run ? std::string(runStateName(one.run->state)) : one.history.title},
             {fmt::format("{}", one.history.step)},
             {startTexts[i]},
             {lossTexts[i], i == bestLoss && losses.size() > 1},
             {heldTexts[i], i == bestHeld && held.size() > 1},
             {timeText(lastOf(one, metric::kElapsed))},
             {memoryText(largestOf(one, metric::kMemory))}});
    }
    table.note =
        "Loss at the end: mean of the last twentieth of the steps. Bold: the lowest, which "
        "alone says nothing of how sure that is.";
    return table;
}

Section setupSection(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Section section {"What was asked", {}};
    const RunDifferences& differences = comparison.differences;
    const auto first = std::find_if(comparison.runs.begin(), comparison.runs.end(),
                                    [](const ComparedRun& one) { return one.run.has_value(); });
    if (first != comparison.runs.end()) {
        const RunSummary& run = *first->run;
        section.blocks.emplace_back(Paragraph {
            fmt::format("Model {}, data {}, {} steps of {} × {} rows, on {} with {}.",
                        run.spec.model, run.spec.batches.empty() ? run.spec.data : run.spec.batches,
                        run.steps, run.spec.batchSize, run.spec.gradAccum, run.device,
                        run.operations.empty() ? "operations that are not told" : run.operations)});
    }
    if (differences.settings.empty()) {
        section.blocks.emplace_back(Paragraph {comparison.runs.size() > 1
                                                   ? "The settings of all runs are the same."
                                                   : "One run: there is nothing to tell it from."});
    } else {
        section.blocks.emplace_back(
            rowsTable({"What differs", "settings that are not alike in all runs"},
                      differences.settings, comparison, looks));
    }
    if (!differences.inputs.empty()) {
        section.blocks.emplace_back(
            rowsTable({"What differs in what was read", "fingerprints of contents"},
                      differences.inputs, comparison, looks));
    }
    if (!differences.stepZero.empty()) {
        section.blocks.emplace_back(rowsTable({"Step 0", "on one batch, before anything trained"},
                                              differences.stepZero, comparison, looks, true));
    } else {
        section.blocks.emplace_back(Paragraph {"No run has figures of step 0.", false, true});
    }
    return section;
}

Section claimsSection(const RunComparison& comparison)
{
    Section section {"What the sentence stands on", {}};
    const RunClaims& claims = comparison.claims;
    section.blocks.emplace_back(
        Paragraph {"Compared by " + claims.measure + ". " + readable(claims.basis())});
    Table table {"Claims",
                 "judged together",
                 {{"Rates"}, {"Evidence"}, {"Verdict"}, {"p", true}, {"p by Holm", true}},
                 {}};
    const auto add = [&table](const Conclusion& conclusion, const RateClaim& one,
                              const char* which) {
        const Claim& claim = one.claim;
        table.rows.push_back({{which + rateText(one.rateA)
                               + (one.rateA == one.rateB ? "" : " and " + rateText(one.rateB))
                               + (conclusion.setting.empty() ? "" : "; " + conclusion.setting)},
                              {readable(one.evidence.text())},
                              {std::string(nameIn(EnumNames<Verdict>::all, claim.verdict))},
                              {claim.p ? figureText(*claim.p, 3) : "–"},
                              {figureText(claim.adjustedP, 3)}});
    };
    for (const Conclusion& conclusion : claims.conclusions) {
        if (conclusion.atBestRates) {
            add(conclusion, *conclusion.atBestRates, "best of each: ");
        }
        for (const RateClaim& one : conclusion.atSameRates) {
            add(conclusion, one, "same: ");
        }
    }
    if (!table.rows.empty()) {
        table.note =
            "Every p is two-sided; Holm's correction over all claims of this table. «Shows» "
            "wants a corrected p below 0.05 and five seeds a side, or a test over questions; "
            "«suggests» an uncorrected one below 0.05.";
        section.blocks.emplace_back(std::move(table));
    }
    return section;
}

} // namespace pissarro::core::inline compare

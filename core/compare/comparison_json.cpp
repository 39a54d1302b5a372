// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/rank_map_json.h"
#include "core/compare/comparison.h"
#include "core/compare/update_table.h"
#include "core/file/output_marker.h"
#include "core/run/run_state.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline compare {

namespace {

using nlohmann::ordered_json;

// JSON has no NaN: null.
ordered_json number(double value)
{
    return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json runJson(const ComparedRun& one)
{
    ordered_json run {
        {"name", one.name}, {"directory", one.path.string()}, {"wrote", one.history.title}};
    if (one.run) {
        const RunSummary& summary = *one.run;
        run["method"] = methodName(summary.spec.method);
        run["rank"] = summary.spec.rank;
        run["learning_rate"] = summary.spec.learningRate;
        run["seed"] = summary.spec.seed;
        run["state"] = runStateName(summary.state);
        run["trainable_parameters"] = summary.trainableParameters;
    }
    run["step"] = one.history.step;
    run["end_loss"] = number(endLoss(one));
    run["best_eval_loss"] = number(heldOutLoss(one));
    return run;
}

ordered_json rowsJson(const std::vector<DifferenceRow>& rows)
{
    ordered_json array = ordered_json::array();
    for (const DifferenceRow& row : rows) {
        array.push_back({{"key", row.key}, {"values", row.values}});
    }
    return array;
}

ordered_json updateJson(const std::string& run, const ModuleUpdate& one)
{
    ordered_json object {{"run", run}, {"module", one.module.name}};
    for (const auto& [measure, name] : EnumNames<UpdateMeasure>::all) {
        object[std::string(name)] = number(measured(one, measure));
    }
    object["rank"] = one.rank;
    std::size_t count = one.delta.values.size();
    while (count > 0 && one.delta.values[count - 1] == 0.0) {
        --count;
    }
    object["singular_values"] = std::vector<double>(
        one.delta.values.begin(), one.delta.values.begin() + static_cast<std::ptrdiff_t>(count));
    object["start_output_cosines"] = one.toStart.output;
    object["start_input_cosines"] = one.toStart.input;
    object["base_output_cosines"] = one.toBase.output;
    object["base_input_cosines"] = one.toBase.input;
    return object;
}

ordered_json checkpointsJson(const std::string& run, const RunUpdate& update)
{
    const UpdateTable steps = updateTable(update, UpdateMeasure::Norm);
    ordered_json object {{"run", run}, {"steps", steps.steps}, {"modules", steps.modules}};
    for (const auto& [measure, name] : EnumNames<UpdateMeasure>::all) {
        const UpdateTable table = updateTable(update, measure);
        ordered_json rows = ordered_json::array();
        for (std::size_t i = 0; i < table.modules.size(); ++i) {
            ordered_json row = ordered_json::array();
            for (std::size_t j = 0; j < table.steps.size(); ++j) {
                row.push_back(number(table.at(i, j)));
            }
            rows.push_back(std::move(row));
        }
        object[std::string(name)] = std::move(rows);
    }
    return object;
}

void addClaims(ordered_json& array, const Conclusion& conclusion)
{
    const auto add = [&](const RateClaim& one) {
        const Claim& claim = one.claim;
        array.push_back({{"text", one.evidence.text()},
                         {"verdict", nameIn(EnumNames<Verdict>::all, claim.verdict)},
                         {"p", claim.p ? number(*claim.p) : ordered_json(nullptr)},
                         {"p_holm", number(claim.adjustedP)},
                         {"seeds", claim.seeds},
                         {"questions", claim.questions},
                         {"first", conclusion.first},
                         {"second", conclusion.second},
                         {"setting", conclusion.setting},
                         {"rates", {one.rateA, one.rateB}},
                         {"picked_afterwards", claim.pickedAfterwards}});
    };
    if (conclusion.atBestRates) {
        add(*conclusion.atBestRates);
    }
    for (const RateClaim& one : conclusion.atSameRates) {
        add(one);
    }
}

} // namespace

ordered_json comparisonJson(const RunComparison& comparison)
{
    ordered_json runs = ordered_json::array();
    ordered_json update = ordered_json::array();
    ordered_json checkpoints = ordered_json::array();
    ordered_json maps = ordered_json::array();
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const ComparedRun& one = comparison.runs[i];
        const RunFindings& findings = comparison.findings[i];
        runs.push_back(runJson(one));
        if (findings.update) {
            for (const ModuleUpdate& module : findings.update->usual().modules) {
                update.push_back(updateJson(one.name, module));
            }
            checkpoints.push_back(checkpointsJson(one.name, *findings.update));
        }
        if (findings.ranks) {
            const RunSpec& spec = one.run->spec;
            ordered_json map =
                rankMapJson(*findings.ranks, spec.alpha / static_cast<double>(spec.rank));
            map["run"] = one.name;
            maps.push_back(std::move(map));
        }
    }
    ordered_json claims = ordered_json::array();
    for (const Conclusion& conclusion : comparison.claims.conclusions) {
        addClaims(claims, conclusion);
    }
    std::vector<std::string> notes = comparison.notes;
    notes.insert(notes.end(), comparison.claims.notes.begin(), comparison.claims.notes.end());
    return markedJson({{"runs", runs},
                       {"differences", rowsJson(comparison.differences.settings)},
                       {"inputs", rowsJson(comparison.differences.inputs)},
                       {"step_zero", rowsJson(comparison.differences.stepZero)},
                       {"update", update},
                       {"checkpoints", checkpoints},
                       {"rank_maps", maps},
                       {"measure", comparison.claims.measure},
                       {"claims", claims},
                       {"sentence", comparison.claims.sentence()},
                       {"basis", comparison.claims.basis()},
                       {"notes", notes}});
}

} // namespace pissarro::core::inline compare

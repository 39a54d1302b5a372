// SPDX-License-Identifier: GPL-3.0-or-later
// The results of a sweep as JSON and as a table for other programs.
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/sweep/sweep_results.h"
#include "core/text/number_text.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace pissarro::core::inline sweep {

namespace {

using nlohmann::ordered_json;

ordered_json number(double value)
{
    return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

std::string_view outcomeName(Outcome outcome)
{
    switch (outcome) {
    case Outcome::NothingToCompare:
        return "nothing to compare";
    case Outcome::NoDifference:
        return "no difference";
    case Outcome::FirstAhead:
        return "first ahead";
    case Outcome::SecondAhead:
        return "second ahead";
    case Outcome::DependsOnRate:
        return "depends on the rate";
    }
    return {};
}

ordered_json toJson(const SampleSummary& summary)
{
    ordered_json object {{"seeds", summary.count}, {"mean", number(summary.mean)}};
    object["standard_error"] =
        summary.standardError ? number(*summary.standardError) : ordered_json();
    object["interval"] = summary.interval
        ? ordered_json::array({number(summary.interval->low), number(summary.interval->high)})
        : ordered_json();
    return object;
}

ordered_json toJson(const std::vector<Series>& all)
{
    ordered_json list = ordered_json::array();
    for (const Series& series : all) {
        ordered_json points = ordered_json::array();
        for (const SeriesPoint& point : series.points) {
            ordered_json entry {{"value", point.value},
                                {"learning_rate", point.rate},
                                {"parameters", point.parameters}};
            entry.update(toJson(point.score));
            points.push_back(std::move(entry));
        }
        list.push_back(
            {{"method", series.method}, {"setting", series.setting}, {"points", points}});
    }
    return list;
}

ordered_json toJson(const RateClaim& claim)
{
    ordered_json object {{"rate_a", claim.rateA},
                         {"rate_b", claim.rateB},
                         {"a", toJson(claim.a)},
                         {"b", toJson(claim.b)},
                         {"text", claim.evidence.text()}};
    object["verdict"] = nameIn(EnumNames<Verdict>::all, claim.claim.verdict);
    object["p"] = claim.claim.p ? number(*claim.claim.p) : ordered_json();
    object["p_holm"] = number(claim.claim.adjustedP);
    object["seeds"] = claim.claim.seeds;
    object["questions"] = claim.claim.questions;
    object["picked_afterwards"] = claim.claim.pickedAfterwards;
    return object;
}

ordered_json toJson(const Conclusion& conclusion)
{
    ordered_json object {{"first", conclusion.first},
                         {"second", conclusion.second},
                         {"setting", conclusion.setting},
                         {"outcome", outcomeName(conclusion.outcome)},
                         {"verdict", nameIn(EnumNames<Verdict>::all, conclusion.verdict)}};
    object["best_rates"] =
        conclusion.atBestRates ? toJson(*conclusion.atBestRates) : ordered_json();
    object["same_rate"] = ordered_json::array();
    for (const RateClaim& claim : conclusion.atSameRates) {
        object["same_rate"].push_back(toJson(claim));
    }
    object["sentences"] = ordered_json::array();
    for (const Said& sentence : conclusion.sentences) {
        object["sentences"].push_back(sentence.text());
    }
    return object;
}

ordered_json toJson(const SweepRow& row)
{
    ordered_json object {{"name", row.name},       {"state", sweepRunStateName(row.state)},
                         {"message", row.message}, {"method", methodName(row.method)},
                         {"rank", row.rank},       {"learning_rate", row.learningRate},
                         {"seed", row.seed}};
    object["varied"] = ordered_json::object();
    for (const SpecSetting& setting : row.varied) {
        object["varied"][setting.key] = setting.value;
    }
    object["step"] = row.step;
    object["steps"] = row.steps;
    object["trainable_parameters"] = row.trainableParameters;
    object["train_loss"] = number(row.trainLoss);
    object["choosing"] = number(row.score.choosing);
    object["score"] = number(row.score.reported);
    object["score_step"] = row.score.step;
    object["seconds"] = row.seconds;
    object["tokens_per_s"] = number(row.tokensPerS);
    object["memory_bytes"] = row.memoryBytes;
    return object;
}

// A field of a CSV table, in quotes where it has to be.
std::string cell(const std::string& text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

std::string cell(double value)
{
    return std::isfinite(value) ? numberText(value) : std::string();
}

// Keys that a sweep varies beside the columns that every table has.
std::vector<std::string> moreKeys(const SweepResults& results)
{
    std::vector<std::string> keys;
    std::set<std::string> seen {"method", "rank", "learning_rate", "seed"};
    for (const SweepRow& row : results.rows) {
        for (const SpecSetting& setting : row.varied) {
            if (seen.insert(setting.key).second) {
                keys.push_back(setting.key);
            }
        }
    }
    return keys;
}

std::string varied(const SweepRow& row, const std::string& key)
{
    for (const SpecSetting& setting : row.varied) {
        if (setting.key == key) {
            return setting.value;
        }
    }
    return {};
}

} // namespace

ordered_json resultsToJson(const SweepResults& results)
{
    ordered_json object {{"score", results.measure}};
    object["runs"] = ordered_json::array();
    for (const SweepRow& row : results.rows) {
        object["runs"].push_back(toJson(row));
    }
    object["ablations"] = ordered_json::object();
    for (const auto& [key, series] : results.ablations) {
        object["ablations"][key] = toJson(series);
    }
    object["rate_sensitivity"] = toJson(results.rateSensitivity);
    object["conclusions"] = ordered_json::array();
    for (const Conclusion& conclusion : results.conclusions) {
        object["conclusions"].push_back(toJson(conclusion));
    }
    object["notes"] = ordered_json::array();
    for (const Said& note : results.notes) {
        object["notes"].push_back(note.text());
    }
    return object;
}

std::string resultsToCsv(const SweepResults& results)
{
    const std::vector<std::string> keys = moreKeys(results);
    std::string text = "run,state,method,rank,learning_rate,seed";
    for (const std::string& key : keys) {
        text += "," + key;
    }
    text += ",step,steps,trainable_parameters,train_loss,choosing,score,score_step,seconds,"
            "tokens_per_s,memory_bytes,message\n";
    for (const SweepRow& row : results.rows) {
        text += fmt::format("{},{},{},{},{},{}", cell(row.name), sweepRunStateName(row.state),
                            methodName(row.method), row.rank, cell(row.learningRate), row.seed);
        for (const std::string& key : keys) {
            text += "," + cell(varied(row, key));
        }
        text += fmt::format(",{},{},{},{},{},{},{},{},{},{},{}\n", row.step, row.steps,
                            row.trainableParameters, cell(row.trainLoss), cell(row.score.choosing),
                            cell(row.score.reported), row.score.step, cell(row.seconds),
                            cell(row.tokensPerS), row.memoryBytes, cell(row.message));
    }
    return markedCsv(text);
}

} // namespace pissarro::core::inline sweep

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_spec.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/run/run_inputs.h"
#include "core/run/spec_values.h"
#include "core/sweep/sweep_evaluation.h"
#include "core/sweep/sweep_plan.h"
#include "core/text/json_fields.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>

namespace pissarro::core::inline sweep {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t kMostSteps = 1'000'000'000;

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

std::string kindOf(const ordered_json& value)
{
    return shownValue(json(value));
}

// Keys that nobody reads are a slip of the pen: a sweep that ignores them takes hours and says nothing.
void refuseUnknown(const ordered_json& object, std::initializer_list<std::string_view> known)
{
    for (const auto& [key, value] : object.items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            refuse("unknown key " + shownText(key) + " (expected "
                   + listText({known.begin(), known.end()}) + "); remove or correct it");
        }
    }
}

const SpecField& fieldNamed(const std::string& key)
{
    const auto& fields = specFields();
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const SpecField& field) { return field.key == key; });
    if (found == fields.end()) {
        refuse("a run has no setting " + shownText(key)
               + " (expected a key of run.json such as method, rank, learning_rate)");
    }
    return *found;
}

// A path is taken as the file has it; from another folder it must mean the same.
FieldValue absoluteValue(const SpecField& field, const FieldValue& value)
{
    RunSpec probe;
    field.set(probe, value);
    makePathsAbsolute(probe);
    return field.get(probe);
}

SweepAxis readAxis(const std::string& key, const ordered_json& values)
{
    const SpecField& field = fieldNamed(key);
    SweepAxis axis {key, {}};
    // A list of texts is one value of `targets`; its axis is a list of such lists.
    const bool holdsLists = std::holds_alternative<std::vector<std::string>>(field.get(RunSpec()));
    const bool isList =
        values.is_array() && (!holdsLists || values.empty() || values.front().is_array());
    const auto take = [&](const ordered_json& value) {
        FieldValue taken = absoluteValue(field, valueFromJson(field, value));
        const bool isThere =
            std::any_of(axis.values.begin(), axis.values.end(),
                        [&](const FieldValue& one) { return sameValue(one, taken); });
        if (isThere) {
            refuse(key + " has " + shownText(fieldText(taken)) + " twice; name each value once");
        }
        axis.values.push_back(std::move(taken));
    };
    if (!isList) {
        take(values);
        return axis;
    }
    if (values.size() > kMostRuns) {
        refuse(fmt::format("{} has {} values (expected at most {}); name fewer", key, values.size(),
                           kMostRuns));
    }
    for (const ordered_json& value : values) {
        take(value);
    }
    if (axis.values.empty()) {
        refuse(key
               + " is an empty list (expected one value at least); remove it to use the base's");
    }
    return axis;
}

// In the order of the table.
std::vector<SweepAxis> readAxes(const ordered_json& object)
{
    if (!object.is_object()) {
        refuse("is " + kindOf(object) + " (expected an object with a list of values for each key)");
    }
    std::vector<SweepAxis> axes;
    for (const auto& [key, values] : object.items()) {
        axes.push_back(readAxis(key, values));
    }
    std::vector<SweepAxis> ordered;
    for (const SpecField& field : specFields()) {
        for (SweepAxis& axis : axes) {
            if (axis.key == field.key) {
                ordered.push_back(std::move(axis));
            }
        }
    }
    return ordered;
}

std::vector<SweepTwin> readTwins(const ordered_json& object)
{
    if (!object.is_object()) {
        refuse("is " + kindOf(object) + " (expected an object of methods, each with its settings)");
    }
    std::vector<SweepTwin> twins;
    for (const auto& [name, own] : object.items()) {
        twins.push_back({methodNamed(name), readAxes(own)});
        for (const SweepAxis& axis : twins.back().own) {
            if (axis.key == "method") {
                refuse(name + " is a method already (expected its other settings)");
            }
        }
    }
    return twins;
}

std::vector<std::vector<SweepAxis>> readRuns(const ordered_json& list)
{
    if (!list.is_array()) {
        refuse("is " + kindOf(list) + " (expected a list of objects, the settings of a run each)");
    }
    std::vector<std::vector<SweepAxis>> runs;
    for (const ordered_json& settings : list) {
        runs.push_back(readAxes(settings));
        for (const SweepAxis& axis : runs.back()) {
            if (axis.values.size() != 1) {
                refuse(axis.key + " has several values (expected one: a run has one of each)");
            }
        }
    }
    return runs;
}

StopRule readStop(const ordered_json& value)
{
    const json object = value;
    if (!object.is_object()) {
        refuse("is " + shownValue(object) + " (expected an object with a rule)");
    }
    refuseUnknown(value, {"rule", "metric", "first", "keep_one_of", "every", "within"});
    const JsonFields fields(object);
    StopRule stop;
    stop.kind = parseIn(EnumNames<StopKind>::all, "rule", fields.text("rule").value_or("none"),
                        ErrorKind::Format);
    stop.metric = parseIn(EnumNames<StopMetric>::all, "metric",
                          fields.text("metric").value_or("loss"), ErrorKind::Format);
    if (stop.kind == StopKind::None) {
        return StopRule();
    }
    stop.first = fields.required("first", kMostSteps);
    if (stop.kind == StopKind::Halving) {
        stop.keepOneOf = fields.whole("keep_one_of", 2, 1'000).value_or(stop.keepOneOf);
    } else {
        stop.every = fields.required("every", kMostSteps);
    }
    if (const ordered_json* const within = jsonField(value, "within")) {
        const auto keys = jsonAs<std::vector<std::string>>(*within);
        if (!keys) {
            refuse("within is " + kindOf(*within) + " (expected a list of keys of run.json)");
        }
        stop.within = *keys;
        for (const std::string& key : stop.within) {
            fieldNamed(key);
        }
    }
    return stop;
}

RunSpec readBase(const ordered_json& object)
{
    if (!object.is_object()) {
        refuse("is " + kindOf(object) + " (expected an object, a run's spec)");
    }
    RunSpec base = specFromJson(object.dump());
    makePathsAbsolute(base);
    return base;
}

// What `read` makes of the value of a key; its complaint names the key. Where there is none, what there was.
template <class Value, class Read>
void takeKey(const ordered_json& object, const char* key, Value& value, Read read)
{
    if (const ordered_json* const found = jsonField(object, key)) {
        try {
            value = read(*found);
        } catch (const Error& error) {
            throw Error(error.kind(), std::string(key) + ": " + error.what());
        }
    }
}

ordered_json toJson(const std::vector<SweepAxis>& axes)
{
    ordered_json object = ordered_json::object();
    for (const SweepAxis& axis : axes) {
        const SpecField& field = specField(axis.key);
        ordered_json values = ordered_json::array();
        for (const FieldValue& value : axis.values) {
            values.push_back(valueToJson(field, value));
        }
        object[axis.key] = std::move(values);
    }
    return object;
}

ordered_json toJson(const StopRule& stop)
{
    ordered_json object {{"rule", nameIn(EnumNames<StopKind>::all, stop.kind)}};
    if (stop.kind == StopKind::None) {
        return object;
    }
    object["metric"] = nameIn(EnumNames<StopMetric>::all, stop.metric);
    object["first"] = stop.first;
    if (stop.kind == StopKind::Halving) {
        object["keep_one_of"] = stop.keepOneOf;
    } else {
        object["every"] = stop.every;
    }
    object["within"] = stop.within;
    return object;
}

// alpha cannot follow the rank and have values of its own.
void requireOneAlpha(const SweepSpec& spec)
{
    const auto names = [](const std::vector<SweepAxis>& axes) {
        return std::any_of(axes.begin(), axes.end(),
                           [](const SweepAxis& axis) { return axis.key == "alpha"; });
    };
    const bool twins = std::any_of(spec.twins.begin(), spec.twins.end(),
                                   [&](const SweepTwin& twin) { return names(twin.own); });
    if (spec.pairAlphaWithRank
        && (names(spec.axes) || twins || std::any_of(spec.runs.begin(), spec.runs.end(), names))) {
        refuse("pair_alpha_with_rank is true and alpha has values of its own (expected one of the "
               "two); remove one");
    }
}

} // namespace

SweepSpec sweepFromJson(std::string_view text)
{
    const ordered_json object = parseOwnJson(text);
    if (!object.is_object()) {
        refuse("is " + kindOf(object)
               + " (expected an object with base, axes and the like); see pissarro-cli sweep "
                 "--help");
    }
    refuseUnknown(object,
                  {"base", "axes", "twins", "runs", "pair_alpha_with_rank", "stop", "eval",
                   "workers", kMarkKey});
    const json plain = object;
    const JsonFields fields(plain);
    if (fields.find("base") == nullptr) {
        refuse("base is missing (expected an object, a run's spec)");
    }
    SweepSpec spec;
    takeKey(object, "base", spec.base, readBase);
    takeKey(object, "axes", spec.axes, readAxes);
    takeKey(object, "twins", spec.twins, readTwins);
    takeKey(object, "runs", spec.runs, readRuns);
    takeKey(object, "stop", spec.stop, readStop);
    takeKey(object, "eval", spec.evaluation, [&](const ordered_json& asked) {
        return asked.is_null() ? std::nullopt
                               : std::optional(sweepEvaluationFrom(asked, spec.base));
    });
    spec.workers = static_cast<int>(fields.whole("workers", 1, kMostWorkers).value_or(1));
    spec.pairAlphaWithRank = fields.flag("pair_alpha_with_rank", false);
    if (spec.pairAlphaWithRank && jsonField(object.at("base"), "alpha") == nullptr) {
        spec.base.alpha = static_cast<double>(spec.base.rank);
    }
    requireOneAlpha(spec);
    return spec;
}

ordered_json sweepToJson(const SweepSpec& spec)
{
    ordered_json object = ordered_json::object();
    object["base"] = parseOrderedJson(specToJson(spec.base));
    object["axes"] = toJson(spec.axes);
    object["twins"] = ordered_json::object();
    for (const SweepTwin& twin : spec.twins) {
        object["twins"][std::string(methodName(twin.method))] = toJson(twin.own);
    }
    object["runs"] = ordered_json::array();
    for (const std::vector<SweepAxis>& run : spec.runs) {
        object["runs"].push_back(toJson(run));
    }
    object["pair_alpha_with_rank"] = spec.pairAlphaWithRank;
    object["stop"] = toJson(spec.stop);
    object["eval"] =
        spec.evaluation ? sweepEvaluationJson(*spec.evaluation) : ordered_json(nullptr);
    return object;
}

std::string sweepDifference(const SweepSpec& there, const SweepSpec& asked)
{
    const std::vector<SpecDifference> base = specDifferences({there.base, asked.base});
    if (!base.empty()) {
        return fmt::format("base: {} is {} there, {} asked", base.front().key,
                           shownText(base.front().values[0]), shownText(base.front().values[1]));
    }
    const ordered_json a = sweepToJson(there);
    const ordered_json b = sweepToJson(asked);
    for (const auto& [key, value] : a.items()) {
        if (value != b.at(key)) {
            return fmt::format("{}: {} there, {} asked", key, shownText(value.dump()),
                               shownText(b.at(key).dump()));
        }
    }
    return {};
}

} // namespace pissarro::core::inline sweep

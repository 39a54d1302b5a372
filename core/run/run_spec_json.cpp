// SPDX-License-Identifier: GPL-3.0-or-later
// RunSpec to and from JSON, by the table of its fields.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/run/run_spec.h"
#include "core/run/spec_fields.h"
#include "core/run/spec_settings.h"
#include "core/run/spec_values.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/ordered_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline run {

namespace {

using nlohmann::ordered_json; // of a rank map the first key counts

constexpr const char* kRunKey =
    "run"; // what a run directory adds to the spec: state, device and so on

[[noreturn]] void refuse(const std::string& key, const std::string& expected,
                         const ordered_json& found)
{
    std::string text = found.is_structured()
        ? std::string(found.type_name())
        : found.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
    if (text.size() > 60) {
        text = text.substr(0, 57) + "...";
    }
    throw Error(ErrorKind::InvalidArgument, key + " must be " + expected + ", found " + text);
}

template <class Value>
constexpr const char* kKind = "a number"; // double
template <>
constexpr const char* kKind<bool> = "true or false";
template <>
constexpr const char* kKind<std::int64_t> = "a whole number";
template <>
constexpr const char* kKind<std::uint64_t> = "a whole number from 0 on";
template <>
constexpr const char* kKind<std::string> = "a text";
template <>
constexpr const char* kKind<std::vector<std::string>> = "a list of texts";

// Puts `value` into `held`, which keeps its kind.
template <class Value>
void read(const std::string& key, const ordered_json& value, Value& held)
{
    std::optional<Value> taken = jsonAs<Value>(value);
    if (!taken) {
        refuse(key, kKind<Value>, value);
    }
    if constexpr (std::is_same_v<Value, std::string>) {
        textWithoutNul(key, *taken);
    } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
        std::for_each(taken->begin(), taken->end(),
                      [&](const std::string& one) { textWithoutNul(key, one); });
    }
    held = std::move(*taken);
}

template <class Value>
void read(const std::string& key, const ordered_json& value, PatternValues<Value>& held)
{
    if (!value.is_object()) {
        refuse(key, "an object of numbers by module", value);
    }
    held.clear();
    for (const auto& [module, number] : value.items()) {
        read(key, number, held[module]);
    }
}

void read(const SpecField& field, const ordered_json& value, RunSpec& spec)
{
    FieldValue given = field.get(spec);
    std::visit([&](auto& held) { read(field.key, value, held); }, given);
    if (field.set(spec, given)) {
        return;
    }
    if (field.choices.empty()) {
        refuse(field.key, std::string(field.expected), value);
    }
    throw Error(ErrorKind::InvalidArgument,
                choiceProblem(field, field.key, std::get<std::string>(given)));
}

// The known keys that begin like `key`; empty: none does.
std::string nearest(const std::string& key)
{
    std::string names;
    for (const SpecField& known : specFields()) {
        if (key.size() >= 2 && known.key.starts_with(key.substr(0, 2))) {
            names += (names.empty() ? "" : ", ") + known.key;
        }
    }
    return names;
}

// Throws: Error{InvalidArgument} naming what `object` holds beside the known keys.
void refuseUnknown(const ordered_json& object)
{
    constexpr std::size_t kMostNamed = 3;
    std::string unknown;
    std::string near;
    std::size_t named = 0;
    for (auto one = object.begin(); one != object.end() && named < kMostNamed; ++one) {
        unknown += (named++ == 0 ? "" : ", ") + shownText(one.key());
        near = near.empty() ? nearest(one.key()) : near;
    }
    const bool several = object.size() > 1;
    throw Error(ErrorKind::InvalidArgument,
                (several ? "unknown keys " : "unknown key ") + unknown
                    + (object.size() > named ? ", …" : "") + " (expected keys such as "
                    + (near.empty() ? "model, data, method" : near) + "); remove or correct "
                    + (several ? "them" : "it"));
}

// Parses an object whose keys are all different, at every depth.
ordered_json parseObject(std::string_view text, const JobContext& job)
{
    constexpr std::size_t kDeepest = 64;
    OrderedDocument parsed;
    try {
        parsed = parseOrdered(text, kDeepest, job);
    } catch (const ordered_json::parse_error& error) {
        throw Error(ErrorKind::Format,
                    fmt::format("is not JSON ({}); expected an object like the run.json of a run",
                                error.byte > text.size()
                                    ? fmt::format("it ends too early, after byte {}", text.size())
                                    : fmt::format("fault at byte {}", error.byte)));
    } catch (const ordered_json::exception&) { // a number like 1e999
        throw Error(ErrorKind::Format,
                    "holds a number that no double can hold; expected finite numbers");
    }
    if (parsed.tooDeep) {
        throw Error(ErrorKind::Format,
                    fmt::format("is JSON nested deeper than {} levels; expected an object like the "
                                "run.json of a run",
                                kDeepest));
    }
    if (!parsed.value.is_object()) {
        throw Error(ErrorKind::Format,
                    std::string("holds a JSON ") + parsed.value.type_name()
                        + " (expected an object with the keys of a run)");
    }
    refuseRepeated(parsed);
    return std::move(parsed.value);
}

} // namespace

ordered_json valueToJson(const SpecField& field, const FieldValue& value)
{
    return std::visit(
        [&](const auto& held) -> ordered_json {
            using Held = std::remove_cvref_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, double>) {
                if (!std::isfinite(held)) {
                    throw Error(ErrorKind::InvalidArgument,
                                field.key + " must be a finite number to be saved");
                }
                return held;
            } else if constexpr (
                std::is_same_v<
                    Held,
                    PatternValues<double>> || std::is_same_v<Held, PatternValues<std::int64_t>>) {
                // its keys differ: none is looked for
                return ordered_json::object_t(held.begin(), held.end());
            } else {
                return held;
            }
        },
        value);
}

FieldValue valueFromJson(const SpecField& field, const ordered_json& value)
{
    RunSpec probe;
    read(field, value, probe);
    FieldValue taken = field.get(probe);
    if (const std::string problem = rangeProblem(field, taken); !problem.empty()) {
        throw Error(ErrorKind::InvalidArgument, field.key + " " + problem);
    }
    return taken;
}

std::string specToJson(const RunSpec& spec)
{
    ordered_json object = ordered_json::object();
    for (const SpecField& field : specFields()) {
        object[field.key] = valueToJson(field, field.get(spec));
    }
    return object.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

RunSpec specFromJson(std::string_view text, const JobContext& job)
{
    RunSpec spec;
    ordered_json object = parseObject(text, job);
    for (const SpecField& field : specFields()) {
        const auto found = object.find(field.key);
        if (found != object.end()) {
            read(field, *found, spec);
            object.erase(found);
        }
    }
    object.erase(kRunKey);
    object.erase(kMarkKey); // of a spec that the window saved
    if (!object.empty()) {
        refuseUnknown(object);
    }
    for (const SpecProblem& problem : checkSpec(spec)) {
        const bool mayComeLater =
            problem.key == "model" || problem.key == "data"; // from flags or the form
        if (!mayComeLater) {
            throw Error(ErrorKind::InvalidArgument, problem.key + " " + problem.message);
        }
    }
    return spec;
}

bool isRate(std::string_view key)
{
    return key == "learning_rate";
}

std::string settingText(std::string_view key, const FieldValue& value)
{
    const double* const number = std::get_if<double>(&value);
    return number != nullptr && isRate(key) ? rateText(*number) : fieldText(value);
}

std::vector<SpecSetting> settingsOf(const RunSpec& spec)
{
    const RunSpec standard;
    std::vector<SpecSetting> settings;
    for (const SpecField& field : specFields()) {
        const FieldValue value = field.get(spec);
        settings.push_back(
            {field.key, settingText(field.key, value), sameValue(value, field.get(standard))});
    }
    return settings;
}

std::vector<SpecDifference> specDifferences(const std::vector<RunSpec>& specs)
{
    std::vector<SpecDifference> differences;
    if (specs.size() < 2) {
        return differences;
    }
    for (const SpecField& field : specFields()) {
        SpecDifference difference {field.key, {}};
        const FieldValue first = field.get(specs.front());
        bool equal = true;
        for (const RunSpec& spec : specs) {
            const FieldValue value = field.get(spec);
            equal = equal && sameValue(value, first);
            difference.values.push_back(settingText(field.key, value));
        }
        if (!equal) {
            differences.push_back(std::move(difference));
        }
    }
    return differences;
}

} // namespace pissarro::core::inline run

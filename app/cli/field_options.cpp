// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/field_options.h"

#include "core/base/fmt.h"
#include "core/text/number_text.h"

#include <memory>
#include <string>
#include <type_traits>

namespace pissarro::cli {

namespace {

// A number, or the name of one. Throws: CLI::ValidationError.
double namedNumber(const core::FieldInfo& field, const std::string& text)
{
    std::string known;
    for (const auto& [value, name] : field.names) {
        if (text == name) {
            return value;
        }
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    const auto value = core::numberIn<double>(text);
    if (!value || !core::rangeProblem(field, *value).empty()) { // NaN: out of every range
        throw CLI::ValidationError(field.flag,
                                   fmt::format("must be {} or a number from {} to {}, found \"{}\"",
                                               known, core::numberText(field.limits->lowest),
                                               core::numberText(field.limits->highest), text));
    }
    return *value;
}

std::string nameOf(const core::FieldInfo& field, double value)
{
    for (const auto& [known, name] : field.names) {
        if (known == value) {
            return std::string(name);
        }
    }
    return core::numberText(value);
}

CLI::Option* addText(CLI::App& verb, const core::FieldInfo& field, const TakeValue& take)
{
    return verb.add_option_function<std::string>(
        field.flag, [take](const std::string& text) { take(text); }, field.help);
}

CLI::Option* addReal(CLI::App& verb, const core::FieldInfo& field, double standard,
                     const TakeValue& take)
{
    if (field.names.empty()) {
        return cli::addReal(
            verb, field.flag, standard, [take](double value) { take(value); }, field.help);
    }
    return verb
        .add_option_function<std::string>(
            field.flag, [field, take](const std::string& text) { take(namedNumber(field, text)); },
            field.help)
        ->default_str(nameOf(field, standard));
}

// What is a whole number, but not in the field's range, is told of by who asks for the range.
template <class Whole>
CLI::Option* addWholeField(CLI::App& verb, const core::FieldInfo& field, Whole standard,
                           const TakeValue& take)
{
    return verb
        .add_option_function<std::string>(
            field.flag,
            [field, take](const std::string& text) {
                WholeRange<Whole> range;
                if (field.limits && !core::numberIn<Whole>(text)) {
                    range = {static_cast<Whole>(field.limits->lowest),
                             static_cast<Whole>(field.limits->highest)};
                }
                take(wholeNumber<Whole>(field.flag, text, range));
            },
            field.help)
        ->type_name(std::is_unsigned_v<Whole> ? "UINT" : "INT")
        ->default_str(fmt::format("{}", standard));
}

CLI::Option* addChoice(CLI::App& verb, const core::FieldInfo& field, const std::string& standard,
                       const TakeValue& take)
{
    return addText(verb, field, take)
        ->check(CLI::IsMember(std::vector<std::string>(field.choices.begin(), field.choices.end())))
        ->default_str(standard);
}

} // namespace

void refuseValue(const core::FieldInfo& field, const core::FieldValue& value)
{
    throw CLI::ValidationError(
        field.flag, fmt::format("must be {}, found {}", field.expected, core::fieldText(value)));
}

CLI::Option* addField(CLI::App& verb, const core::FieldInfo& field,
                      const core::FieldValue& standard, TakeValue take)
{
    return std::visit(
        [&](const auto& held) -> CLI::Option* {
            using Held = std::remove_cvref_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, bool>) {
                return verb.add_flag_callback(
                    field.flag, [take] { take(true); }, field.help);
            } else if constexpr (std::is_same_v<Held, double>) {
                return addReal(verb, field, held, take);
            } else if constexpr (std::is_integral_v<Held>) {
                return addWholeField(verb, field, held, take);
            } else if constexpr (std::is_same_v<Held, std::string>) {
                return field.choices.empty() ? addText(verb, field, take)
                                             : addChoice(verb, field, held, take);
            } else if constexpr (std::is_same_v<Held, std::vector<std::string>>) {
                return addTexts(
                    verb, field.flag, [take](const std::string& text) { take(text); }, field.help);
            } else { // a rank map: the file that holds it
                return addText(verb, field, take);
            }
        },
        standard);
}

void requireInRange(const core::FieldInfo& field, const core::FieldValue& value)
{
    if (const std::string problem = core::rangeProblem(field, value); !problem.empty()) {
        throw CLI::ValidationError(field.flag, problem);
    }
}

void tellRange(CLI::Option& option, const core::FieldInfo& field)
{
    std::string values;
    for (const std::int64_t value : field.only) {
        values += fmt::format("{}{}", values.empty() ? "" : ",", value);
    }
    if (!values.empty()) {
        option.type_name(fmt::format("{{{}}}", values));
    } else if (field.limits && field.names.empty()) {
        option.type_name(fmt::format("{} in [{} - {}]", option.get_type_name(),
                                     core::numberText(field.limits->lowest),
                                     core::numberText(field.limits->highest)));
    }
}

} // namespace pissarro::cli

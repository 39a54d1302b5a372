// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/settings/field.h"

#include "core/base/fmt.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline settings {

namespace {

std::string wholeProblem(const FieldInfo& field, const std::string& found, double value)
{
    const auto whole = [](double limit) { return static_cast<std::int64_t>(limit); };
    if (!field.limits || (value >= field.limits->lowest && value <= field.limits->highest)) {
        return {};
    }
    return fmt::format("must be a whole number from {} to {}, found {}",
                       whole(field.limits->lowest), whole(field.limits->highest), found);
}

std::string realProblem(const FieldInfo& field, double value)
{
    if (!field.limits) {
        return {};
    }
    const auto& [lowest, highest, open] = *field.limits;
    const bool inside = (open ? value > lowest : value >= lowest) && value <= highest; // NaN: false
    return inside
        ? std::string()
        : fmt::format("must be {} {} and at most {}, found {}", open ? "above" : "at least",
                      numberText(lowest), numberText(highest), numberText(value));
}

std::string onlyProblem(const FieldInfo& field, std::int64_t value)
{
    if (field.only.empty()
        || std::find(field.only.begin(), field.only.end(), value) != field.only.end()) {
        return {};
    }
    std::string known;
    for (std::size_t i = 0; i < field.only.size(); ++i) {
        known += i == 0 ? "" : i + 1 == field.only.size() ? " or " : ", ";
        known += fmt::format("{}", field.only[i]);
    }
    return fmt::format("must be {}, found {}", known, value);
}

} // namespace

bool sameValue(const FieldValue& a, const FieldValue& b)
{
    const auto* one = std::get_if<double>(&a);
    const auto* other = std::get_if<double>(&b);
    return a == b || (one != nullptr && other != nullptr && std::isnan(*one) && std::isnan(*other));
}

std::string rangeProblem(const FieldInfo& field, const FieldValue& value)
{
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        const std::string problem = onlyProblem(field, *whole);
        return problem.empty() ? wholeProblem(field, fieldText(value), static_cast<double>(*whole))
                               : problem;
    }
    if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
        return wholeProblem(field, fieldText(value), static_cast<double>(*natural));
    }
    if (const auto* real = std::get_if<double>(&value)) {
        return realProblem(field, *real);
    }
    return {};
}

std::string choiceProblem(const FieldInfo& field, const std::string& name, const std::string& found)
{
    std::string known;
    for (const std::string_view choice : field.choices) {
        known += (known.empty() ? "" : ", ") + std::string(choice);
    }
    return fmt::format("{} must be one of {}, found {}", name, known, shownText(found));
}

std::string fieldText(const FieldValue& value, std::string_view comma)
{
    return std::visit(
        [comma](const auto& held) -> std::string {
            using Held = std::remove_cvref_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, bool>) {
                return held ? "true" : "false";
            } else if constexpr (std::is_same_v<Held, double>) {
                return numberText(held);
            } else if constexpr (std::is_integral_v<Held>) {
                return fmt::format("{}", held);
            } else if constexpr (std::is_same_v<Held, std::string>) {
                return held;
            } else if constexpr (std::is_same_v<Held, std::vector<std::string>>) {
                std::string text;
                for (const std::string& one : held) {
                    text += (text.empty() ? std::string_view() : comma);
                    text += one;
                }
                return text;
            } else { // a rank map
                return held.empty() ? "none" : fmt::format("{} modules", held.size());
            }
        },
        value);
}

} // namespace pissarro::core::inline settings

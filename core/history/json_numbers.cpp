// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history/json_numbers.h"

#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/number_text.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace pissarro::core::inline history {

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr std::array<std::pair<std::string_view, double>, 3> kSpecials {{
    {"NaN", std::numeric_limits<double>::quiet_NaN()},
    {"Infinity", kInfinite},
    {"-Infinity", -kInfinite},
}};

// The special number that stands at `at`; empty: none.
std::string_view specialAt(std::string_view text, std::size_t at)
{
    for (const auto& special : kSpecials) {
        if (text.substr(at).starts_with(special.first)) {
            return special.first;
        }
    }
    return {};
}

// The text with quotes around special numbers outside of strings.
std::string quoted(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 64);
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view special = inString ? std::string_view() : specialAt(text, i);
        if (!special.empty()) {
            out.append(1, '"').append(special).append(1, '"');
            i += special.size() - 1;
            continue;
        }
        out.push_back(text[i]);
        if (inString && text[i] == '\\' && i + 1 < text.size()) {
            out.push_back(text[++i]);
        } else if (text[i] == '"') {
            inString = !inString;
        }
    }
    return out;
}

} // namespace

nlohmann::json parsePythonJson(std::string_view text, const JobContext& job)
{
    const bool isPlain = text.find("NaN") == std::string_view::npos
        && text.find("Infinity") == std::string_view::npos;
    return parseJson(isPlain ? text : std::string_view(quoted(text)), job);
}

std::optional<double> figureOf(const nlohmann::json& value)
{
    if (const auto number = jsonAs<double>(value)) {
        return number;
    }
    const std::string* const text = jsonText(value);
    if (text == nullptr) {
        return std::nullopt;
    }
    for (const auto& [name, special] : kSpecials) {
        if (*text == name) {
            return special;
        }
    }
    const auto number = numberIn<double>(*text);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<double> secondsOf(std::string_view text)
{
    double days = 0.0;
    if (const std::size_t word = text.find(" day"); word != std::string_view::npos) {
        const std::size_t comma = text.find(", ", word);
        const auto count = numberIn<std::int64_t>(text.substr(0, word));
        if (comma == std::string_view::npos || !count) {
            return std::nullopt;
        }
        days = static_cast<double>(*count);
        text.remove_prefix(comma + 2);
    }
    const std::size_t first = text.find(':');
    const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos) {
        return std::nullopt;
    }
    const auto hours = numberIn<std::int64_t>(text.substr(0, first));
    const auto minutes = numberIn<std::int64_t>(text.substr(first + 1, second - first - 1));
    const auto seconds = numberIn<double>(text.substr(second + 1));
    if (!hours || !minutes || !seconds || !std::isfinite(*seconds)) {
        return std::nullopt;
    }
    return ((days * 24.0 + static_cast<double>(*hours)) * 60.0 + static_cast<double>(*minutes))
        * 60.0
        + *seconds;
}

} // namespace pissarro::core::inline history

// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody's own questions (own_questions.h): what was expected is a text or a number.
#include "core/base/error.h"
#include "core/tasks/python_text_p.h"
#include "core/tasks/questions_p.h"
#include "core/tasks/task.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/number_text.h"
#include "core/text/regex.h"
#include "core/text/said.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

constexpr std::string_view kDigits = "0123456789";

Score scoreExact(std::string_view output, const std::string& gold)
{
    const std::string answer(strippedText(output));
    return {answer, answer == strippedText(gold)};
}

Score scoreContains(std::string_view output, const std::string& gold)
{
    const std::string_view wanted = strippedText(gold);
    const bool isThere = output.find(wanted) != std::string_view::npos;
    return {isThere ? std::optional<std::string>(wanted) : std::nullopt, isThere};
}

// The last number of a text, without commas; empty: there is none.
std::string lastNumber(std::string_view text)
{
    std::string last;
    for (std::size_t at = text.find_first_of(kDigits); at < text.size();
         at = text.find_first_of(kDigits, at)) {
        std::size_t end = std::min(text.find_first_not_of("0123456789.,", at), text.size());
        end = text.find_last_of(kDigits, end - 1) + 1;
        // ".5" and "-5"; of "3-5" the hyphen is none, as a number stands before it
        const bool hasPoint = at > 0 && text[at - 1] == '.';
        const std::size_t first = at - (hasPoint ? 1 : 0);
        const bool isNegative = first > 0 && text[first - 1] == '-'
            && (first == 1 || kDigits.find(text[first - 2]) == std::string_view::npos);
        last = std::string(isNegative ? "-" : "") + std::string(text.substr(first, end - first));
        at = end;
    }
    std::erase(last, ',');
    return last;
}

Score scoreNumber(std::string_view output, const std::string& gold)
{
    const auto wanted = numberIn<double>(lastNumber(gold));
    if (!wanted) {
        throw Error(ErrorKind::Format,
                    "its \"gold\" has no number (expected one by the rule number)");
    }
    const std::string number = lastNumber(output);
    return {number.empty() ? std::nullopt : std::optional(number),
            numberIn<double>(number) == wanted};
}

Score scoreRegex(std::string_view output, const std::string& gold)
{
    Score score;
    Regex::python(gold).forEachMatch(output, [&](std::size_t begin, std::size_t end) {
        if (!score.extracted) {
            score = {std::string(output.substr(begin, end - begin)), true};
        }
    });
    return score;
}

bool isLetter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The last capital letter that stands alone: "B", "(B)", "The answer is B.".
std::optional<std::string> lastLetter(std::string_view text)
{
    const auto isJoined = [&](std::size_t at) { // to a word or a number; above ASCII everything is
        const char c = at < text.size() ? text[at] : ' ';
        return isLetter(c) || kDigits.find(c) != std::string_view::npos || c == '_' || c == '\''
            || static_cast<unsigned char>(c) > 0x7F;
    };
    for (std::size_t at = text.size(); at-- > 0;) {
        const bool isCapital = text[at] >= 'A' && text[at] <= 'Z';
        if (isCapital && !isJoined(at + 1) && (at == 0 || !isJoined(at - 1))) {
            return std::string(1, text[at]);
        }
    }
    return std::nullopt;
}

Score scoreChoice(std::string_view output, const std::string& gold)
{
    const auto wanted = lastLetter(gold);
    if (!wanted) {
        throw Error(ErrorKind::Format,
                    "its \"gold\" names no choice (expected a capital letter by the rule choice)");
    }
    const auto answer = lastLetter(output);
    return {answer, answer == wanted};
}

std::string goldOf(const nlohmann::json& value)
{
    const std::string text =
        jsonAs<double>(value) ? value.dump() : jsonAs<std::string>(value).value_or(std::string());
    if (strippedText(text).empty()) {
        throw Error(ErrorKind::Format,
                    "is " + shownValue(value)
                        + " (expected a text that is not empty, or a number)");
    }
    return text;
}

TaskQuestion questionOf(const nlohmann::json& row)
{
    return {textAt(row, {"prompt"}), goldAt(row, {"expected"}, goldOf)};
}

} // namespace

extern const Task kOwn {
    .name = "own",
    .title = PISSARRO_SAID("pissarro::core", "Own task"),
    .rules =
        {
            {"exact", "the same text but for space around it", scoreExact},
            {"contains", "the text is somewhere in it", scoreContains},
            {"number", "the last number has the same value", scoreNumber},
            {"regex", "the expression, of Python's re, matches somewhere", scoreRegex},
            {"choice", "the last capital letter that stands alone is the same", scoreChoice},
        },
    .gold = goldOf,
    .question = questionOf,
    .oneRule = true,
};

} // namespace pissarro::core::inline tasks

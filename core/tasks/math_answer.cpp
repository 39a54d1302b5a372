// SPDX-License-Identifier: GPL-3.0-or-later
// hendrycks/math, modeling/math_equivalence.py and dataset/util.py; GraphPKU/PiSSA, utils/test_acc.py.
#include "core/tasks/math_answer.h"

#include "core/tasks/python_text_p.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace pissarro::core::inline tasks {

namespace {

struct GivesUp { // the reference raises
};

// The first character of a text, whole: Python counts characters.
std::string_view firstCharacter(std::string_view text)
{
    return text.substr(0, std::min(utf8Width(text.front()), text.size()));
}

std::string braced(std::string_view text)
{
    return "{" + std::string(text) + "}";
}

// "\sqrt3" is "\sqrt{3}".
std::string withSqrtBraces(const std::string& text)
{
    const std::string command = "\\sqrt";
    const std::vector<std::string> parts = splitText(text, command);
    std::string result = parts.front();
    for (std::size_t at = 1; at < parts.size(); ++at) {
        const std::string& part = parts[at];
        if (part.empty()) {
            throw GivesUp();
        }
        const std::string_view first = firstCharacter(part);
        result += command + (first == "{" ? part : braced(first) + part.substr(first.size()));
    }
    return result;
}

// "\frac12" and "\frac1{72}" are "\frac{1}{2}" and "\frac{1}{72}".
std::string withFractionBraces(const std::string& text)
{
    const std::string command = "\\frac";
    const std::vector<std::string> parts = splitText(text, command);
    std::string result = parts.front();
    for (std::size_t at = 1; at < parts.size(); ++at) {
        const std::string& part = parts[at];
        if (part.empty()) {
            throw GivesUp();
        }
        result += command;
        const std::string_view top = firstCharacter(part);
        const std::string_view rest = std::string_view(part).substr(top.size());
        if (top == "{") {
            result += part;
        } else if (rest.empty()) {
            return text;
        } else if (rest.front() == '{') {
            result += braced(top) + std::string(rest);
        } else {
            const std::string_view bottom = firstCharacter(rest);
            result += braced(top) + braced(bottom) + std::string(rest.substr(bottom.size()));
        }
    }
    return result;
}

// Whether Python's int() takes it: a sign, digits of any script with single underscores between, spaces around.
bool isPythonInt(std::string_view text)
{
    text = strippedText(text);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        text.remove_prefix(1);
    }
    bool wasDigit = false;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = nextCodePoint(text, at);
        const bool isDigit = decimalDigit(point) >= 0;
        if (!isDigit && (point != U'_' || !wasDigit)) {
            return false;
        }
        wasDigit = isDigit;
    }
    return wasDigit;
}

// Whether int() and back gives the same text.
bool isPlainInt(std::string_view text)
{
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos
        && (digits == "0" ? digits.size() == text.size() : digits.front() != '0');
}

std::string withSimpleFraction(const std::string& text, MathRule rule)
{
    const std::vector<std::string> sides = splitText(text, "/");
    if (sides.size() != 2) {
        return text;
    }
    if (!isPythonInt(sides[0]) || !isPythonInt(sides[1])) {
        if (rule == MathRule::Pissa) {
            throw GivesUp();
        }
        return text;
    }
    return isPlainInt(sides[0]) && isPlainInt(sides[1])
        ? "\\frac" + braced(sides[0]) + braced(sides[1])
        : text;
}

std::string normal(std::string text, MathRule rule)
{
    constexpr std::pair<const char*, const char*> kFirst[] = {
        {"\n", ""},     {"\\!", ""},     {"\\\\", "\\"},    {"tfrac", "frac"}, {"dfrac", "frac"},
        {"\\left", ""}, {"\\right", ""}, {"^{\\circ}", ""}, {"^\\circ", ""},   {"\\$", ""}};
    for (const auto& [from, to] : kFirst) {
        text = replacedText(text, from, to);
    }
    const std::vector<std::string> units = splitText(text, "\\text{ ");
    if (units.size() > 2) {
        throw GivesUp();
    }
    text = replacedText(units.front(), "\\%", "");
    text = replacedText(replacedText(text, " .", " 0."), "{.", "{0.");
    if (text.empty()) {
        return text;
    }
    if (text.front() == '.') {
        text.insert(0, "0");
    }
    const std::vector<std::string> sides = splitText(text, "=");
    if (sides.size() == 2 && codePointsOf(sides.front()) <= 2) {
        text = sides.back();
    }
    text = withFractionBraces(replacedText(withSqrtBraces(text), " ", ""));
    return withSimpleFraction(text == "0.5" ? "\\frac{1}{2}" : text, rule);
}

} // namespace

std::optional<std::string> normalMath(std::string_view answer, MathRule rule)
{
    try {
        return normal(std::string(answer), rule);
    } catch (const GivesUp&) {
        return std::nullopt;
    }
}

bool equalMath(std::string_view answer, std::string_view gold, MathRule rule)
{
    const auto left = normalMath(answer, rule);
    const auto right = normalMath(gold, rule);
    return left && right ? *left == *right : answer == gold;
}

std::optional<std::string> lastBoxed(std::string_view text)
{
    std::size_t begin = text.rfind("\\boxed");
    if (begin == std::string_view::npos) {
        begin = text.rfind("\\fbox");
    }
    int depth = 0;
    for (std::size_t at = begin; at < text.size(); ++at) { // npos: no turn
        depth += text[at] == '{' ? 1 : 0;
        if (text[at] == '}' && --depth == 0) {
            return std::string(text.substr(begin, at + 1 - begin));
        }
    }
    return std::nullopt;
}

std::optional<std::string> boxedContent(std::string_view text)
{
    constexpr std::string_view kOpen = "\\boxed{";
    const auto found = lastBoxed(text);
    if (!found || !found->starts_with(kOpen)) {
        return std::nullopt;
    }
    return found->substr(kOpen.size(), found->size() - kOpen.size() - 1);
}

} // namespace pissarro::core::inline tasks

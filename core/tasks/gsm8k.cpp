// SPDX-License-Identifier: GPL-3.0-or-later
// Grade school mathematics (Cobbe et al., arXiv:2110.14168). An answer ends in a number; which one that is, the rules see
// otherwise.
#include "core/base/error.h"
#include "core/tasks/questions_p.h"
#include "core/tasks/task.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

constexpr std::string_view kKey = "The answer is: "; // what PiSSA's models are trained to write
constexpr std::string_view kMark = "#### "; // before the number of a row of the data set
constexpr double kExact = 0x1p53; // whole numbers below it are doubles

// Python's float() of digits that are ASCII's by now, with a sign and a point perhaps; nullopt: none stand there.
std::optional<double> toDouble(std::string_view text)
{
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
    if (text.find_first_of("0123456789") == std::string_view::npos) {
        return std::nullopt;
    }
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault == std::errc::result_out_of_range) { // too large, or so many zeros behind the point
        const std::string_view whole = text.substr(0, text.find('.'));
        value = whole.find_first_not_of('0') == std::string_view::npos
            ? 0.0
            : std::numeric_limits<double>::infinity();
    } else if (fault != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return negative ? -value : value;
}

// Python's round(), half to even, as text; nullopt where it has none.
std::optional<std::string> roundedText(double value)
{
    if (!std::isfinite(value)) {
        return std::nullopt;
    }
    const double whole = std::nearbyint(value);
    char text[std::numeric_limits<double>::max_exponent10 + 8];
    const auto end = std::to_chars(std::begin(text), std::end(text), whole == 0.0 ? 0.0 : whole,
                                   std::chars_format::fixed, 0);
    return std::string(std::begin(text), end.ptr);
}

// The first match of [\-+]?\d*[\.,/]?\d+ as Python has it, whose \d is every decimal digit of Unicode, in ASCII's; empty:
// none.
std::string firstNumber(std::string_view text)
{
    std::u32string points; // digits as '0' to '9'
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = nextCodePoint(text, at);
        const int digit = decimalDigit(point);
        points.push_back(digit < 0 ? point : U'0' + static_cast<char32_t>(digit));
    }
    const auto digitsFrom = [&](std::size_t at) {
        std::size_t end = at;
        while (end < points.size() && points[end] >= U'0' && points[end] <= U'9') {
            ++end;
        }
        return end;
    };
    constexpr std::u32string_view kSigns = U"-+";
    constexpr std::u32string_view kSeparators = U".,/";
    for (std::size_t at = 0; at < points.size(); ++at) {
        const bool isSigned = kSigns.find(points[at]) != std::u32string_view::npos;
        const std::size_t first = at + (isSigned ? 1 : 0);
        std::size_t end = digitsFrom(first);
        if (end < points.size() && kSeparators.find(points[end]) != std::u32string_view::npos
            && digitsFrom(end + 1) > end + 1) {
            end = digitsFrom(end + 1);
        }
        if (end > first) {
            return {points.begin() + static_cast<std::ptrdiff_t>(at),
                    points.begin() + static_cast<std::ptrdiff_t>(end)};
        }
    }
    return {};
}

// The value of a/b where the reference has one: a over a plain 0 is a.
std::optional<double> fractionOf(std::string_view top, std::string_view bottom)
{
    const auto above = toDouble(top);
    const auto below = toDouble(bottom);
    if (!above || !below || bottom == "0") {
        return below ? above : std::nullopt;
    }
    if (*below == 0.0) {
        return std::nullopt; // the reference dies there, and its whole run with it
    }
    // Of whole numbers that are doubles the quotient is rounded once, as the reference's fraction is.
    if (std::abs(*above) < kExact && *below < kExact) {
        return *above / *below;
    }
    return static_cast<double>(static_cast<long double>(*above) / *below);
}

// The number of a right answer, which may be the answer of the data set that ends with it.
std::optional<double> rightNumber(const std::string& gold)
{
    const std::size_t mark = gold.rfind(kMark);
    std::string number = mark == std::string::npos ? gold : gold.substr(mark + kMark.size());
    std::erase_if(number, [](char c) { return c == ',' || c == ' ' || c == '\n'; });
    return toDouble(number);
}

// GraphPKU/PiSSA, utils/test_acc.py: the first number behind the last key, rounded.
Score scorePissa(std::string_view output, const std::string& gold)
{
    const std::size_t key = output.rfind(kKey);
    std::string number = key == std::string_view::npos
        ? std::string()
        : firstNumber(output.substr(key + kKey.size()));
    if (number.empty()) {
        return {};
    }
    std::optional<double> value;
    if (const std::size_t slash = number.find('/'); slash != std::string::npos) {
        const std::string_view whole = number;
        value = fractionOf(whole.substr(0, slash), whole.substr(slash + 1));
    } else {
        std::erase(number, ',');
        value = toDouble(number);
    }
    Score score;
    score.extracted = value ? roundedText(*value) : std::nullopt;
    score.correct = score.extracted && toDouble(*score.extracted) == rightNumber(gold);
    return score;
}

// What exact_match_hf_evaluate compares: without commas, dollars, all up to the last "#### ", and a point at the end.
std::string cleaned(std::string text)
{
    std::erase_if(text, [](char c) { return c == ',' || c == '$'; });
    if (const std::size_t mark = text.rfind(kMark); mark != std::string::npos) {
        text.erase(0, mark + kMark.size());
    }
    const std::size_t line = text.ends_with('\n') ? text.size() - 1 : text.size();
    for (const std::size_t end :
         {text.size(), line}) { // Python's $ stands before a last line feed too
        if (end > 0 && text[end - 1] == '.') {
            text.erase(end - 1, 1);
            break;
        }
    }
    return text;
}

// lm-evaluation-harness, gsm8k.yaml, flexible-extract: the last match of (-?[$0-9.,]{2,})|(-?[0-9]+).
Score scoreFlexible(std::string_view output, const std::string& gold)
{
    constexpr std::string_view kClass = "$0123456789.,";
    std::string_view last = "[invalid]";
    for (std::size_t at = 0; at < output.size();) {
        const std::size_t first = at + (output[at] == '-' ? 1 : 0);
        const std::size_t end = std::min(output.find_first_not_of(kClass, first), output.size());
        const bool isDigit = end == first + 1 && output[first] >= '0' && output[first] <= '9';
        if (end >= first + 2 || isDigit) {
            last = output.substr(at, end - at);
            at = end;
        } else {
            ++at;
        }
    }
    return {std::string(last), cleaned(std::string(last)) == cleaned(gold)};
}

// A number, or the data set's answer with one at its end.
std::string goldOf(const nlohmann::json& value)
{
    std::string text = jsonAs<std::string>(value).value_or(std::string());
    if (jsonAs<double>(value)) {
        text = value.dump();
    }
    if (!rightNumber(text)) {
        throw Error(ErrorKind::Format,
                    "is " + shownValue(value)
                        + " (expected a number, or an answer that ends with \"#### \" and one)");
    }
    return text;
}

TaskQuestion questionOf(const nlohmann::json& row)
{
    return {textAt(row, {"question", "query", "problem"}),
            goldAt(row, {"answer", "response"}, goldOf)};
}

} // namespace

extern const Task kGsm8k {
    .name = "gsm8k",
    .title = "GSM8K",
    .rules =
        {
            {"paper", "PiSSA's utils/test_acc.py", scorePissa},
            {"usual", "lm-evaluation-harness' flexible-extract", scoreFlexible},
        },
    .gold = goldOf,
    .question = questionOf,
};

} // namespace pissarro::core::inline tasks

// SPDX-License-Identifier: GPL-3.0-or-later
// Filters that make or change a number.
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/python_text_p.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <unordered_map>

namespace pissarro::core::inline prompt::jinja {
namespace {

Value made(Interpreter& self, std::string text, bool markup = false)
{
    return newText(self.meter(), std::move(text), markup);
}

// int("0x1A", 16): the digits, nullopt when they are none.
std::optional<Whole> wholeFrom(std::string_view text, Whole base)
{
    std::string digits(stripped(text, true, true));
    const bool minus = digits.starts_with('-');
    if (minus || digits.starts_with('+')) {
        digits.erase(0, 1);
    }
    const std::string head = lowerText(digits.substr(0, 2));
    if ((head == "0x" && base == 16) || (head == "0o" && base == 8)
        || (head == "0b" && base == 2)) {
        digits.erase(0, 2);
    }
    Whole value = 0;
    bool hasDigit = false;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const char c = digits[i];
        if (c == '_' && hasDigit && i + 1 < digits.size() && digits[i + 1] != '_') {
            continue;
        }
        const int digit = c >= '0' && c <= '9' ? c - '0'
            : c >= 'a' && c <= 'z'             ? c - 'a' + 10
            : c >= 'A' && c <= 'Z'             ? c - 'A' + 10
                                               : 99;
        if (digit >= base || __builtin_mul_overflow(value, base, &value)
            || __builtin_add_overflow(value, static_cast<Whole>(digit), &value)) {
            return std::nullopt;
        }
        hasDigit = true;
    }
    return hasDigit ? std::optional(minus ? -value : value) : std::nullopt;
}

std::optional<double> realFrom(std::string_view text)
{
    std::string digits(stripped(text, true, true));
    std::erase(digits, '_');
    if (digits.empty() || digits.find_first_of("xXpP()") != std::string::npos) {
        return std::nullopt;
    }
    char* end = nullptr;
    const double value = std::strtod(digits.c_str(), &end);
    return end == digits.c_str() + digits.size() ? std::optional(value) : std::nullopt;
}

Value asInteger(Interpreter&, const Value& input, Arguments& arguments)
{
    const auto given = bound("int", arguments, {"default", "base"});
    if (input.is(Kind::Undefined)) {
        fail(input.undefinedMessage());
    }
    const Value otherwise = given[0].value_or(Value::integer(0));
    if (input.isWhole()) {
        return Value::integer(input.whole());
    }
    double real = 0;
    if (input.is(Kind::Text)) {
        const Whole base = given[1] ? wholeOf(*given[1]) : 10;
        if (const std::optional<Whole> whole = wholeFrom(input.text(), base)) {
            return Value::integer(*whole);
        }
        const std::optional<double> number = realFrom(input.text());
        if (!number) {
            return otherwise;
        }
        real = *number;
    } else if (input.is(Kind::Float)) {
        real = input.number();
    } else {
        return otherwise;
    }
    if (std::isnan(real) || std::isinf(real)) {
        return otherwise;
    }
    if (std::abs(real) > 1e37) {
        fail("int makes a number of more than 127 bits, which is not supported");
    }
    return Value::integer(static_cast<Whole>(real));
}

Value asReal(Interpreter&, const Value& input, Arguments& arguments)
{
    const auto given = bound("float", arguments, {"default"});
    if (input.is(Kind::Undefined)) {
        fail(input.undefinedMessage());
    }
    if (input.isNumber()) {
        return Value::real(input.number());
    }
    const std::optional<double> number =
        input.is(Kind::Text) ? realFrom(input.text()) : std::nullopt;
    return number ? Value::real(*number) : given[0].value_or(Value::real(0));
}

Value rounded(Interpreter&, const Value& input, Arguments& arguments)
{
    const auto given = bound("round", arguments, {"precision", "method"});
    const Whole precision = given[0] ? wholeOf(*given[0]) : 0;
    const std::string method =
        given[1] && given[1]->is(Kind::Text) ? given[1]->text() : std::string("common");
    if (!input.isNumber() || precision < 0 || precision > 300
        || (method != "common" && method != "floor" && method != "ceil")) {
        fail("round takes a number, a precision from 0 and common, floor or ceil");
    }
    if (method == "common") {
        if (input.isWhole()) {
            return Value::integer(input.whole());
        }
        std::array<char, 700> buffer {};
        std::snprintf(buffer.data(), buffer.size(), "%.*f", static_cast<int>(precision),
                      input.number());
        return Value::real(std::strtod(buffer.data(), nullptr));
    }
    const double scale = std::pow(10.0, static_cast<double>(precision));
    const double moved = input.number() * scale;
    return Value::real((method == "floor" ? std::floor(moved) : std::ceil(moved)) / scale);
}

Value absolute(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("abs", arguments, {});
    if (!input.isNumber()) {
        fail("abs is given a " + typeName(input) + " (expected a number)");
    }
    if (input.is(Kind::Float)) {
        return Value::real(std::abs(input.number()));
    }
    return input.whole() < 0 ? applyOperator(self.meter(), "-", Value::integer(0), input)
                             : Value::integer(input.whole());
}

Value fileSize(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given = bound("filesizeformat", arguments, {"binary"});
    Arguments none;
    const double bytes = asReal(self, input, none).number();
    const bool binary = given[0] && isTrue(*given[0]);
    const double base = binary ? 1024 : 1000;
    if (bytes == 1 || bytes < base) {
        return made(self,
                    bytes == 1 ? "1 Byte" : integerText(static_cast<Whole>(bytes)) + " Bytes");
    }
    constexpr std::string_view kUnits = "kMGTPEZY";
    double unit = base;
    std::size_t at = 0;
    while (at + 1 < kUnits.size() && bytes >= unit * base) {
        unit *= base;
        ++at;
    }
    std::array<char, 64> buffer {};
    std::snprintf(buffer.data(), buffer.size(), "%.1f", bytes / unit);
    const char letter = binary && at == 0 ? 'K' : kUnits[at];
    return made(self, std::string(buffer.data()) + " " + letter + (binary ? "iB" : "B"));
}

} // namespace

FilterBody numberFilterNamed(const std::string& name)
{
    static const std::unordered_map<std::string, FilterBody> map {
        {"int", asInteger},           {"float", asReal}, {"round", rounded}, {"abs", absolute},
        {"filesizeformat", fileSize},
    };
    const auto place = map.find(name);
    return place == map.end() ? nullptr : place->second;
}

} // namespace pissarro::core::inline prompt::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
// Python's binary operators, ~, and slices.
#include "core/prompt/filters_p.h"
#include "core/prompt/python_text_p.h"
#include "core/prompt/value_p.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::core::inline prompt::jinja {
namespace {

using Flavour = Sequence::Flavour;

[[noreturn]] void refuseOperands(const std::string& op, const Value& left, const Value& right)
{
    for (const Value* side : {&left, &right}) {
        if (side->is(Kind::Undefined)) {
            fail(side->undefinedMessage());
        }
    }
    fail("the operator " + op + " does not work on " + typeName(left) + " and " + typeName(right));
}

[[noreturn]] void refuseSize()
{
    fail("an integer grows beyond 127 bits, which is not supported");
}

bool isPlainSequence(const Value& value)
{
    return value.is(Kind::Sequence)
        && (value.sequence().flavour == Flavour::List
            || value.sequence().flavour == Flavour::Tuple);
}

Whole raised(Whole base, Whole exponent)
{
    Whole out = 1;
    for (;;) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(out, base, &out)) {
            refuseSize();
        }
        exponent >>= 1;
        if (exponent == 0) {
            return out;
        }
        if (__builtin_mul_overflow(base, base, &base)) {
            refuseSize();
        }
    }
}

Value power(const Value& left, const Value& right)
{
    if (left.isWhole() && right.isWhole() && right.whole() >= 0) {
        const Whole base = left.whole();
        if (base == 0 || base == 1) {
            return Value::integer(right.whole() == 0 ? 1 : base);
        }
        return Value::integer(raised(base, right.whole()));
    }
    if (left.number() == 0 && right.number() < 0) {
        fail("zero cannot be raised to a negative power");
    }
    const double out = std::pow(left.number(), right.number());
    if (std::isnan(out) && !std::isnan(left.number()) && !std::isnan(right.number())) {
        fail("a negative number is raised to a fraction: complex numbers are not supported");
    }
    return Value::real(out);
}

Whole flooredQuotient(Whole a, Whole b)
{
    const Whole quotient = a / b;
    return quotient - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

Value wholeArithmetic(const std::string& op, Whole a, Whole b)
{
    Whole out = 0;
    if (op == "+" || op == "-" || op == "*") {
        const bool overflows = op == "+" ? __builtin_add_overflow(a, b, &out)
            : op == "-"                  ? __builtin_sub_overflow(a, b, &out)
                                         : __builtin_mul_overflow(a, b, &out);
        if (overflows) {
            refuseSize();
        }
        return Value::integer(out);
    }
    if (b == 0) {
        fail("division by zero");
    }
    if (op == "/") {
        return Value::real(static_cast<double>(a) / static_cast<double>(b));
    }
    if (b == -1) { // the one quotient that may not fit
        return wholeArithmetic(op == "//" ? "-" : "*", 0, op == "//" ? a : 0);
    }
    const Whole quotient = flooredQuotient(a, b);
    return Value::integer(op == "//" ? quotient : a - quotient * b);
}

Value realArithmetic(const std::string& op, double a, double b)
{
    if (op == "+" || op == "-" || op == "*") {
        return Value::real(op == "+" ? a + b : op == "-" ? a - b : a * b);
    }
    if (b == 0) {
        fail("division by zero");
    }
    if (op == "/") {
        return Value::real(a / b);
    }
    double rest = std::fmod(a, b);
    double quotient = (a - rest) / b;
    if (rest != 0 && (rest < 0) != (b < 0)) {
        rest += b;
        quotient -= 1;
    }
    if (op == "%") {
        return Value::real(rest == 0 ? std::copysign(0.0, b) : rest);
    }
    const double floored = std::floor(quotient);
    return Value::real(quotient == 0 ? std::copysign(0.0, a / b)
                                     : floored + (quotient - floored > 0.5 ? 1 : 0));
}

Value joined(Meter& meter, const Value& left, const Value& right)
{
    const bool markup = left.isMarkup() || right.isMarkup();
    const auto part = [&](const Value& value) {
        return markup && !value.isMarkup() ? escapedHtml(value.text()) : value.text();
    };
    return newText(meter, part(left) + part(right), markup);
}

Value repeated(Meter& meter, const Value& what, Whole times)
{
    const auto count = static_cast<std::size_t>(std::clamp<Whole>(times, 0, 1U << 30U));
    if (what.is(Kind::Text)) {
        const std::string& text = what.text();
        if (text.empty()) {
            return what;
        }
        meter.claimText(text.size() * count);
        std::string out;
        out.reserve(text.size() * count);
        for (std::size_t i = 0; i < count; ++i) {
            out += text;
        }
        return newText(meter, std::move(out), what.isMarkup());
    }
    const Sequence& sequence = what.sequence();
    meter.claimElements(sequence.items.size() * count);
    std::vector<Value> out;
    for (std::size_t i = 0; i < count && !sequence.items.empty(); ++i) {
        out.insert(out.end(), sequence.items.begin(), sequence.items.end());
    }
    return newList(meter, std::move(out), sequence.flavour);
}

std::optional<Value> sequenceArithmetic(Meter& meter, const std::string& op, const Value& left,
                                        const Value& right)
{
    const auto repeats = [](const Value& value) {
        return value.is(Kind::Text) || isPlainSequence(value);
    };
    if (op == "+" && left.is(Kind::Text) && right.is(Kind::Text)) {
        return joined(meter, left, right);
    }
    if (op == "+" && isPlainSequence(left) && isPlainSequence(right)
        && left.sequence().flavour == right.sequence().flavour) {
        std::vector<Value> out = left.sequence().items;
        const auto& more = right.sequence().items;
        out.insert(out.end(), more.begin(), more.end());
        return newList(meter, std::move(out), left.sequence().flavour);
    }
    if (op == "*" && repeats(left) && right.isWhole()) {
        return repeated(meter, left, right.whole());
    }
    if (op == "*" && left.isWhole() && repeats(right)) {
        return repeated(meter, right, left.whole());
    }
    if (op == "%" && left.is(Kind::Text)) {
        return newText(meter, percentFormat(meter, left.text(), right), left.isMarkup());
    }
    return std::nullopt;
}

} // namespace

Value applyOperator(Meter& meter, const std::string& op, const Value& left, const Value& right)
{
    if (left.isNumber() && right.isNumber()) {
        if (op == "**") {
            return power(left, right);
        }
        return left.isWhole() && right.isWhole()
            ? wholeArithmetic(op, left.whole(), right.whole())
            : realArithmetic(op, left.number(), right.number());
    }
    if (std::optional<Value> out = sequenceArithmetic(meter, op, left, right)) {
        return *out;
    }
    refuseOperands(op, left, right);
}

Value joinedTexts(Meter& meter, const std::vector<Value>& values, bool autoescape)
{
    const bool markup =
        autoescape; // otherwise Jinja joins plain texts, whatever they were marked as
    std::string out;
    for (const Value& value : values) {
        const std::string text = textOf(meter, value);
        out += markup && !value.isMarkup() ? escapedHtml(text) : text;
        meter.checkText(out.size());
    }
    return newText(meter, std::move(out), markup);
}

namespace {

// Python's slice.indices(): which elements, in order.
std::vector<std::size_t> chosen(Whole count, const std::optional<Value>& begin,
                                const std::optional<Value>& end, const std::optional<Value>& step)
{
    const auto given = [](const std::optional<Value>& value) {
        return value && !value->is(Kind::None);
    };
    constexpr Whole kFar = Whole {1} << 62;
    const auto bounded = [&](const std::optional<Value>& value) {
        return std::clamp<Whole>(wholeOf(*value), -kFar, kFar);
    };
    const Whole stride = given(step) ? bounded(step) : 1;
    if (stride == 0) {
        fail("the step of a slice is zero");
    }
    const Whole low = stride > 0 ? 0 : -1;
    const Whole high = stride > 0 ? count : count - 1;
    const auto place = [&](const std::optional<Value>& value, Whole otherwise) {
        if (!given(value)) {
            return otherwise;
        }
        const Whole at = bounded(value);
        return std::clamp<Whole>(at < 0 ? at + count : at, low, high);
    };
    const Whole first = place(begin, stride > 0 ? low : high);
    const Whole last = place(end, stride > 0 ? high : low);
    std::vector<std::size_t> out;
    for (Whole at = first; stride > 0 ? at < last : at > last; at += stride) {
        out.push_back(static_cast<std::size_t>(at));
    }
    return out;
}

std::string textSlice(const std::string& text, const std::vector<std::size_t>& places)
{
    const bool isAscii = std::all_of(text.begin(), text.end(),
                                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    std::string out;
    if (isAscii) {
        for (const std::size_t at : places) {
            out += text[at];
        }
        return out;
    }
    const std::u32string all = codePointsOf(text);
    std::u32string taken;
    for (const std::size_t at : places) {
        taken += all[at];
    }
    return fromCodePoints(taken);
}

} // namespace

Value sliceOf(Meter& meter, const Value& value, const std::optional<Value>& begin,
              const std::optional<Value>& end, const std::optional<Value>& step)
{
    if (value.is(Kind::Undefined)) {
        fail(value.undefinedMessage());
    }
    const bool isSequence = value.is(Kind::Sequence) && value.sequence().flavour <= Flavour::Range;
    if (!value.is(Kind::Text) && !isSequence) {
        fail("a value of the type " + typeName(value) + " cannot be sliced");
    }
    if (isSequence && value.sequence().flavour == Flavour::Range) {
        const Value list = newList(meter, value.sequence().items);
        return sliceOf(meter, list, begin, end, step);
    }
    const std::size_t count = *lengthOf(value);
    meter.spend(value.is(Kind::Text) ? value.text().size() / 8 : count);
    const std::vector<std::size_t> places = chosen(static_cast<Whole>(count), begin, end, step);
    if (value.is(Kind::Text)) {
        return newText(meter, textSlice(value.text(), places), value.isMarkup());
    }
    std::vector<Value> out;
    for (const std::size_t at : places) {
        out.push_back(value.sequence().items[at]);
    }
    return newList(meter, std::move(out), value.sequence().flavour);
}

} // namespace pissarro::core::inline prompt::jinja

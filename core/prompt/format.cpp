// SPDX-License-Identifier: GPL-3.0-or-later
// Python's two ways to put values into a text: "…" % values, and "…".format(…).
#include "core/base/fmt.h"
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/python_text_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace pissarro::core::inline prompt::jinja {
namespace {

constexpr int kWidthLimit = 100'000;

// [[fill]align][sign][#][0][width][,][.precision][type], and what % makes of its own form.
struct Layout {
    std::string fill = " ";
    char align = '\0'; // '<', '>', '^', '='
    char sign = '-';
    bool alternate = false;
    int width = 0;
    char group = '\0'; // ',' or '_'
    int precision = -1;
    char type = '\0';
};

int numberAt(std::string_view text, std::size_t& at)
{
    int out = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        out = out * 10 + (text[at++] - '0');
        if (out > kWidthLimit) {
            fail(fmt::format("a format asks for more than {} characters", kWidthLimit));
        }
    }
    return out;
}

std::string padded(const std::string& text, const Layout& layout, char usual)
{
    const auto count = static_cast<int>(characterCount(text));
    const int missing = std::max(layout.width - count, 0);
    const char align = layout.align != '\0' ? layout.align : usual;
    const auto fill = [&](int times) {
        std::string out;
        for (int i = 0; i < times; ++i) {
            out += layout.fill;
        }
        return out;
    };
    if (align == '=') {
        const bool hasSign = !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == ' ');
        return (hasSign ? text.substr(0, 1) : "") + fill(missing) + text.substr(hasSign ? 1 : 0);
    }
    const int before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    return fill(before) + text + fill(missing - before);
}

std::string grouped(std::string digits, char mark)
{
    if (mark == '\0') {
        return digits;
    }
    const std::size_t end = std::min(digits.find('.'), digits.find('e'));
    auto at = static_cast<std::ptrdiff_t>(std::min(end, digits.size()));
    const std::ptrdiff_t first =
        !digits.empty() && (digits[0] == '-' || digits[0] == '+' || digits[0] == ' ') ? 1 : 0;
    for (at -= 3; at > first; at -= 3) {
        digits.insert(static_cast<std::size_t>(at), 1, mark);
    }
    return digits;
}

std::string signedText(std::string text, char sign)
{
    return sign != '-' && !text.starts_with('-') ? std::string(1, sign) + text : text;
}

std::string wholeText(Whole value, const Layout& layout)
{
    const unsigned base = layout.type == 'x' || layout.type == 'X' ? 16
        : layout.type == 'o'                                       ? 8
        : layout.type == 'b'                                       ? 2
                                                                   : 10;
    std::string text = integerText(value, base);
    if (layout.precision > 0) { // % only: at least so many digits
        const std::size_t first = text.starts_with('-') ? 1 : 0;
        const auto wanted = static_cast<std::size_t>(layout.precision);
        text.insert(first, wanted - std::min(wanted, text.size() - first), '0');
    }
    if (layout.alternate && base != 10) {
        text.insert(text.starts_with('-') ? 1 : 0, base == 16 ? "0x" : base == 8 ? "0o" : "0b");
    }
    if (layout.type == 'X') {
        text = upperText(text);
    }
    return signedText(grouped(text, layout.group), layout.sign);
}

std::string realText(double value, Layout layout)
{
    if (layout.type == '\0') {
        if (layout.precision < 0) {
            return signedText(grouped(floatText(value), layout.group), layout.sign);
        }
        layout.type = 'g';
    }
    if (std::isnan(value) || std::isinf(value)) {
        return signedText(floatText(value), layout.sign);
    }
    const bool isPercent = layout.type == '%';
    const char form[] = {'%', '.', '*', isPercent ? 'f' : layout.type, '\0'};
    const int precision = layout.precision < 0 ? 6 : std::min(layout.precision, 1000);
    std::array<char, 1500> buffer {};
    const int size = std::snprintf(buffer.data(), buffer.size(), form, precision,
                                   isPercent ? value * 100 : value);
    std::string text(buffer.data(), static_cast<std::size_t>(std::max(size, 0)));
    return signedText(grouped(text, layout.group), layout.sign) + (isPercent ? "%" : "");
}

[[noreturn]] void refuseType(char type, const Value& value)
{
    fail(std::string("the format '") + type + "' does not take a " + typeName(value));
}

double realOf(const Value& value, char type)
{
    if (!value.isNumber()) {
        refuseType(type, value);
    }
    return value.number();
}

// One value in str.format.
std::string laidOut(Meter& meter, const Value& value, Layout layout)
{
    constexpr std::string_view kReal = "eEfFgG%";
    constexpr std::string_view kWhole = "dxXobn";
    const bool isReal = kReal.find(layout.type) != std::string_view::npos && layout.type != '\0';
    if (value.is(Kind::Float) || (isReal && value.isNumber())) {
        if (layout.type != '\0' && !isReal) {
            refuseType(layout.type, value);
        }
        return padded(realText(realOf(value, layout.type), layout), layout, '>');
    }
    const bool isWhole = kWhole.find(layout.type) != std::string_view::npos && layout.type != '\0';
    if (value.is(Kind::Integer) || (value.is(Kind::Bool) && isWhole)) {
        if (layout.type == 'c') {
            fail("the format 'c' is not supported");
        }
        if ((layout.type != '\0' && !isWhole) || layout.precision >= 0) {
            refuseType(layout.type, value);
        }
        return padded(wholeText(value.whole(), layout), layout, '>');
    }
    if (layout.type != '\0' && layout.type != 's') {
        refuseType(layout.type, value);
    }
    std::string text = textOf(meter, value);
    if (layout.precision >= 0) {
        const std::u32string all = codePointsOf(text);
        text = fromCodePoints(
            std::u32string_view(all).substr(0, static_cast<std::size_t>(layout.precision)));
    }
    return padded(text, layout, '<');
}

Layout layoutOf(std::string_view spec)
{
    constexpr std::string_view kAligns = "<>^=";
    Layout out;
    std::size_t at = 0;
    const std::vector<std::string> characters = charactersOf(spec);
    if (characters.size() > 1 && kAligns.find(characters[1][0]) != std::string_view::npos) {
        out.fill = characters[0];
        out.align = characters[1][0];
        at = characters[0].size() + 1;
    } else if (!spec.empty() && kAligns.find(spec[0]) != std::string_view::npos) {
        out.align = spec[at++];
    }
    const auto takes = [&](char c) {
        const bool is = at < spec.size() && spec[at] == c;
        at += is ? 1 : 0;
        return is;
    };
    out.sign = takes('+') ? '+' : takes(' ') ? ' ' : (takes('-'), '-');
    out.alternate = takes('#');
    if (takes('0') && out.align == '\0') {
        out.fill = "0";
        out.align = '=';
    }
    out.width = numberAt(spec, at);
    out.group = takes(',') ? ',' : takes('_') ? '_' : '\0';
    if (takes('.')) {
        out.precision = numberAt(spec, at);
    }
    out.type = at < spec.size() ? spec[at++] : '\0';
    if (at != spec.size()) {
        fail("the format " + shownText(spec, 32) + " is not known");
    }
    return out;
}

class BraceFormatter {
public:
    BraceFormatter(Interpreter& interpreter, const Arguments& arguments)
        : m_interpreter(interpreter)
        , m_arguments(arguments)
    {
    }
    std::string run(std::string_view format, int depth = 0);

private:
    std::string field(std::string_view text, int depth);
    Value valueOf(std::string_view path);
    Value first(const std::string& name);

    Interpreter& m_interpreter;
    const Arguments& m_arguments;
    std::size_t m_next = 0;
};

Value BraceFormatter::first(const std::string& name)
{
    const bool isNumber = !name.empty()
        && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (name.empty() || isNumber) {
        const std::size_t at = name.empty() ? m_next++
            : name.size() > 6               ? SIZE_MAX
                                            : std::stoul(name);
        if (at >= m_arguments.positional.size()) {
            fail("str.format has no value for its place " + name);
        }
        return m_arguments.positional[at];
    }
    for (const auto& [known, value] : m_arguments.named) {
        if (known == name) {
            return value;
        }
    }
    fail("str.format has no value named " + shownText(name, 32));
}

Value BraceFormatter::valueOf(std::string_view path)
{
    std::size_t at = std::min(path.find_first_of(".["), path.size());
    Value value = first(std::string(path.substr(0, at)));
    while (at < path.size()) {
        const bool isItem = path[at] == '[';
        const std::size_t end =
            isItem ? path.find(']', at) : std::min(path.find_first_of(".[", at + 1), path.size());
        if (end == std::string_view::npos) {
            fail("a field of str.format lacks its ']'");
        }
        const std::string name(path.substr(at + 1, end - at - 1));
        const bool isNumber = !name.empty() && name.size() < 10
            && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
        value = !isItem ? m_interpreter.attribute(value, name)
            : isNumber  ? m_interpreter.item(value, Value::integer(std::stoll(name)))
                        : m_interpreter.item(value, Value::plainText(name));
        at = isItem ? end + 1 : end;
    }
    return value;
}

std::string BraceFormatter::field(std::string_view text, int depth)
{
    const std::size_t colon = std::min(text.find(':'), text.size());
    std::string_view path = text.substr(0, colon);
    char conversion = '\0';
    if (const std::size_t mark = path.find('!'); mark != std::string_view::npos) {
        if (mark + 2 != path.size()) {
            fail("a conversion of str.format is not known (expected !s, !r or !a)");
        }
        conversion = path[mark + 1];
        path = path.substr(0, mark);
    }
    const Value value = valueOf(path);
    const std::string spec =
        colon < text.size() ? run(text.substr(colon + 1), depth + 1) : std::string();
    Meter& meter = m_interpreter.meter();
    if (conversion == '\0') {
        return laidOut(meter, value, layoutOf(spec));
    }
    if (conversion != 's' && conversion != 'r') {
        fail(std::string("the conversion !") + conversion + " of str.format is not supported");
    }
    const std::string shown = conversion == 's' ? textOf(meter, value) : reprOf(meter, value);
    return laidOut(meter, Value::plainText(shown), layoutOf(spec));
}

std::string BraceFormatter::run(std::string_view format, int depth)
{
    if (depth > 2) {
        fail("the fields of str.format are nested too deeply");
    }
    std::string out;
    for (std::size_t at = 0; at < format.size(); ++at) {
        const char c = format[at];
        if ((c == '{' || c == '}') && at + 1 < format.size() && format[at + 1] == c) {
            out += c;
            ++at;
            continue;
        }
        if (c == '}') {
            fail("a '}' of str.format closes nothing");
        }
        if (c != '{') {
            out += c;
            continue;
        }
        std::size_t end = at + 1;
        for (int open = 1; end < format.size(); ++end) {
            open += format[end] == '{' ? 1 : format[end] == '}' ? -1 : 0;
            if (open == 0) {
                break;
            }
        }
        if (end >= format.size()) {
            fail("a '{' of str.format is not closed");
        }
        out += field(format.substr(at + 1, end - at - 1), depth);
        m_interpreter.meter().checkText(out.size());
        m_interpreter.meter().spend(1);
        at = end;
    }
    return out;
}

// One conversion of %, behind its flags.
std::string converted(Meter& meter, char type, const Value& value, Layout layout)
{
    layout.type = type;
    switch (type) {
    case 's':
    case 'r': {
        layout.type = '\0';
        layout.fill = " ";
        const Value shown =
            Value::plainText(type == 's' ? textOf(meter, value) : reprOf(meter, value));
        if (layout.align != '<') {
            layout.align = '>';
        }
        return laidOut(meter, shown, layout);
    }
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o': {
        if (!value.isNumber()
            || (!value.isWhole() && (type == 'x' || type == 'X' || type == 'o'))) {
            refuseType(type, value);
        }
        if (!value.isWhole() && !(std::abs(value.number()) < 1e36)) {
            refuseType(type, value);
        }
        const Whole whole = value.isWhole() ? value.whole() : static_cast<Whole>(value.number());
        return padded(wholeText(whole, layout), layout, '>');
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        return padded(realText(realOf(value, type), layout), layout, '>');
    default:
        fail(std::string("the conversion %") + type + " is not supported");
    }
}

class PercentFormatter {
public:
    PercentFormatter(Meter& meter, const Value& values)
        : m_meter(meter)
        , m_values(values)
        , m_isTuple(values.is(Kind::Sequence)
                    && values.sequence().flavour == Sequence::Flavour::Tuple)
    {
    }
    std::string run(const std::string& format);

private:
    const Value& next();
    std::string conversion(const std::string& format, std::size_t& at);
    int size(const std::string& format, std::size_t& at);

    Meter& m_meter;
    const Value& m_values;
    bool m_isTuple;
    bool m_usesNames = false;
    std::size_t m_used = 0;
};

const Value& PercentFormatter::next()
{
    const std::size_t count = m_isTuple ? m_values.sequence().items.size() : 1;
    if (m_used >= count) {
        fail("a text asks by % for more values than it is given");
    }
    return m_isTuple ? m_values.sequence().items[m_used++] : (++m_used, m_values);
}

int PercentFormatter::size(const std::string& format, std::size_t& at)
{
    if (at < format.size() && format[at] == '*') {
        ++at;
        const Whole given = wholeOf(next());
        if (given < 0 || given > kWidthLimit) {
            fail(fmt::format("a width given to % is not within 0 and {}", kWidthLimit));
        }
        return static_cast<int>(given);
    }
    return numberAt(format, at);
}

std::string PercentFormatter::conversion(const std::string& format, std::size_t& at)
{
    std::optional<Value> named;
    if (at < format.size() && format[at] == '(') {
        const std::size_t end = format.find(')', at);
        if (end == std::string::npos || !m_values.is(Kind::Dict)) {
            fail("a text asks by %(name) for a value that is not there");
        }
        const Value* value = m_values.dict().find(format.substr(at + 1, end - at - 1));
        if (value == nullptr) {
            fail("a text asks by % for the name "
                 + shownText(format.substr(at + 1, end - at - 1), 32) + ", which is not there");
        }
        named = *value;
        m_usesNames = true;
        at = end + 1;
    }
    Layout layout;
    bool zero = false;
    for (; at < format.size() && std::string_view("-+ #0").find(format[at]) != std::string::npos;
         ++at) {
        const char flag = format[at];
        layout.align = flag == '-' ? '<' : layout.align;
        layout.sign = flag == '+' || (flag == ' ' && layout.sign == '-') ? flag : layout.sign;
        layout.alternate = layout.alternate || flag == '#';
        zero = zero || flag == '0';
    }
    if (zero && layout.align == '\0') {
        layout.fill = "0";
        layout.align = '=';
    }
    layout.width = size(format, at);
    if (at < format.size() && format[at] == '.') {
        layout.precision = size(format, ++at);
    }
    if (at >= format.size()) {
        fail("a text ends within a % conversion");
    }
    const char type = format[at];
    return type == '%' ? "%" : converted(m_meter, type, named ? *named : next(), layout);
}

std::string PercentFormatter::run(const std::string& format)
{
    std::string out;
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] != '%') {
            out += format[at];
            continue;
        }
        ++at;
        out += conversion(format, at);
        m_meter.checkText(out.size());
        m_meter.spend(1);
    }
    const bool allUsed = m_isTuple ? m_used == m_values.sequence().items.size()
                                   : m_used == 1 || m_usesNames || m_values.is(Kind::Dict)
            || (m_values.is(Kind::Sequence)); // Python lets a mapping or list stand unused
    if (!allUsed) {
        fail("a text is given more values by % than it asks for");
    }
    return out;
}

} // namespace

std::string percentFormat(Meter& meter, const std::string& format, const Value& values)
{
    return PercentFormatter(meter, values).run(format);
}

std::string braceFormat(Interpreter& interpreter, const std::string& format,
                        const Arguments& arguments)
{
    return BraceFormatter(interpreter, arguments).run(format);
}

} // namespace pissarro::core::inline prompt::jinja

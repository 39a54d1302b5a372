// SPDX-License-Identifier: GPL-3.0-or-later
// Values as text: Python's str and repr, and json.dumps.
#include "core/base/fmt.h"
#include "core/prompt/python_text_p.h"
#include "core/prompt/value_p.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace pissarro::core::inline prompt::jinja {
namespace {

using Flavour = Sequence::Flavour;

std::string hexDigits(char32_t value, std::size_t width)
{
    std::string digits = integerText(static_cast<Whole>(value), 16);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string quotedText(std::string_view text)
{
    const bool hasSingle = text.find('\'') != std::string_view::npos;
    const bool hasDouble = text.find('"') != std::string_view::npos;
    const char quote = hasSingle && !hasDouble ? '"' : '\'';
    std::string out(1, quote);
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = nextCodePoint(text, at);
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\\' || c == static_cast<unsigned char>(quote)) {
            out += '\\';
            out += static_cast<char>(c);
        } else if (isPrintable(c)) {
            appendUtf8(out, c);
        } else {
            out += c < 0x100  ? "\\x" + hexDigits(c, 2)
                : c < 0x10000 ? "\\u" + hexDigits(c, 4)
                              : "\\U" + hexDigits(c, 8);
        }
    }
    return out + quote;
}

class Writer {
public:
    explicit Writer(Meter& meter)
        : m_meter(meter)
    {
    }
    void repr(const Value& value);
    std::string take()
    {
        m_meter.claimText(m_out.size());
        return std::move(m_out);
    }

private:
    void items(const std::vector<Value>& values);
    void sequence(const Sequence& sequence);
    void dict(const Dict& dict);
    void names(const Namespace& names);

    Meter& m_meter;
    std::string m_out;
    int m_depth = 0;
};

void Writer::items(const std::vector<Value>& values)
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        m_out += i > 0 ? ", " : "";
        repr(values[i]);
    }
}

void Writer::sequence(const Sequence& sequence)
{
    switch (sequence.flavour) {
    case Flavour::Tuple:
        m_out += '(';
        items(sequence.items);
        m_out += sequence.items.size() == 1 ? ",)" : ")";
        return;
    case Flavour::Range:
        m_out += sequence.shown;
        return;
    case Flavour::Keys:
    case Flavour::Values:
    case Flavour::Items:
        m_out += sequence.flavour == Flavour::Keys ? "dict_keys(["
            : sequence.flavour == Flavour::Values  ? "dict_values(["
                                                   : "dict_items([";
        items(sequence.items);
        m_out += "])";
        return;
    case Flavour::List:
        break;
    }
    m_out += '[';
    items(sequence.items);
    m_out += ']';
}

void Writer::dict(const Dict& dict)
{
    m_out += '{';
    for (std::size_t i = 0; i < dict.entries.size(); ++i) {
        m_out += i > 0 ? ", " : "";
        repr(dict.entries[i].first);
        m_out += ": ";
        repr(dict.entries[i].second);
    }
    m_out += '}';
}

void Writer::names(const Namespace& names)
{
    m_out += "<Namespace {";
    for (std::size_t i = 0; i < names.fields.size(); ++i) {
        m_out += (i > 0 ? ", " : "") + quotedText(names.fields[i].first) + ": ";
        repr(names.fields[i].second);
    }
    m_out += "}>";
}

void Writer::repr(const Value& value)
{
    m_meter.spend(1);
    m_meter.checkText(m_out.size());
    if (++m_depth > 2 * kDepthLimit) {
        fail("a value that holds itself cannot be written");
    }
    switch (value.kind()) {
    case Kind::Undefined:
        m_out += "Undefined";
        break;
    case Kind::None:
        m_out += "None";
        break;
    case Kind::Bool:
        m_out += value.whole() != 0 ? "True" : "False";
        break;
    case Kind::Integer:
        m_out += integerText(value.whole());
        break;
    case Kind::Float:
        m_out += floatText(value.number());
        break;
    case Kind::Text:
        m_out += value.isMarkup() ? "Markup(" + quotedText(value.text()) + ")"
                                  : quotedText(value.text());
        break;
    case Kind::Sequence:
        sequence(value.sequence());
        break;
    case Kind::Dict:
        dict(value.dict());
        break;
    case Kind::Namespace:
        names(value.names());
        break;
    case Kind::Callable:
        if (const std::string shown = value.callable().shown(); !shown.empty()) {
            m_out += shown;
            break;
        }
        [[fallthrough]];
    case Kind::Iterator:
        fail("a value of the type " + typeName(value)
             + " is written out: Python would print an address");
    }
    --m_depth;
}

class JsonWriter {
public:
    JsonWriter(Meter& meter, const JsonStyle& style)
        : m_meter(meter)
        , m_style(style)
    {
    }
    void write(const Value& value);
    std::string take()
    {
        m_meter.claimText(m_out.size());
        return std::move(m_out);
    }

private:
    void text(std::string_view text);
    void list(const std::vector<Value>& items);
    void dict(const Dict& dict);
    std::string keyText(const Value& key);
    void newLine(int level)
    {
        m_out += '\n';
        for (int i = 0; i < level; ++i) {
            m_out += *m_style.indent;
        }
    }

    Meter& m_meter;
    const JsonStyle& m_style;
    std::string m_out;
    int m_level = 0;
};

void JsonWriter::text(std::string_view text)
{
    m_out += '"';
    for (std::size_t at = 0; at < text.size();) {
        char32_t c = nextCodePoint(text, at);
        constexpr std::string_view kNamed = "\"\\\n\r\t\f\b";
        constexpr std::string_view kLetters = "\"\\nrtfb";
        const std::size_t named =
            c < 0x80 ? kNamed.find(static_cast<char>(c)) : std::string_view::npos;
        if (named != std::string_view::npos) {
            m_out += '\\';
            m_out += kLetters[named];
        } else if (c >= 0x20 && (c < 0x7F || !m_style.escapeAll || c == 0x7F)) {
            appendUtf8(m_out, c);
        } else if (c < 0x10000) {
            m_out += "\\u" + hexDigits(c, 4);
        } else {
            c -= 0x10000;
            m_out += "\\u" + hexDigits(0xD800 + (c >> 10U), 4) + "\\u"
                + hexDigits(0xDC00 + (c & 0x3FFU), 4);
        }
    }
    m_out += '"';
}

void JsonWriter::list(const std::vector<Value>& items)
{
    m_out += '[';
    ++m_level;
    for (std::size_t i = 0; i < items.size(); ++i) {
        m_out += i > 0 ? m_style.itemSeparator : "";
        if (m_style.indent) {
            newLine(m_level);
        }
        write(items[i]);
    }
    --m_level;
    if (m_style.indent && !items.empty()) {
        newLine(m_level);
    }
    m_out += ']';
}

std::string JsonWriter::keyText(const Value& key)
{
    switch (key.kind()) {
    case Kind::Text:
        return key.text();
    case Kind::Bool:
        return key.whole() != 0 ? "true" : "false";
    case Kind::Integer:
    case Kind::Float:
        return reprOf(m_meter, key);
    case Kind::None:
        return "null";
    default:
        fail("tojson: a key is " + typeName(key) + " (expected text, a number, a bool or none)");
    }
}

void JsonWriter::dict(const Dict& dict)
{
    std::vector<std::pair<Value, Value>> entries = dict.entries;
    if (m_style.sortKeys) {
        std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
            return isLess(m_meter, a.first, b.first);
        });
    }
    m_out += '{';
    ++m_level;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        m_out += i > 0 ? m_style.itemSeparator : "";
        if (m_style.indent) {
            newLine(m_level);
        }
        text(keyText(entries[i].first));
        m_out += m_style.keySeparator;
        write(entries[i].second);
    }
    --m_level;
    if (m_style.indent && !entries.empty()) {
        newLine(m_level);
    }
    m_out += '}';
}

void JsonWriter::write(const Value& value)
{
    m_meter.spend(1);
    m_meter.checkText(m_out.size());
    switch (value.kind()) {
    case Kind::None:
        m_out += "null";
        return;
    case Kind::Bool:
        m_out += value.whole() != 0 ? "true" : "false";
        return;
    case Kind::Integer:
        m_out += integerText(value.whole());
        return;
    case Kind::Float:
        m_out += std::isnan(value.number()) ? "NaN"
            : std::isinf(value.number())    ? (value.number() > 0 ? "Infinity" : "-Infinity")
                                            : floatText(value.number());
        return;
    case Kind::Text:
        text(value.text());
        return;
    case Kind::Dict:
        dict(value.dict());
        return;
    case Kind::Sequence:
        if (value.sequence().flavour == Flavour::List
            || value.sequence().flavour == Flavour::Tuple) {
            list(value.sequence().items);
            return;
        }
        break;
    default:
        break;
    }
    fail("tojson: a value of the type " + typeName(value) + " cannot be written as JSON"
         + (value.is(Kind::Undefined) ? " (" + value.undefinedMessage() + ")" : ""));
}

} // namespace

std::string integerText(Whole value, unsigned base)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    __extension__ using Unsigned = unsigned __int128;
    Unsigned rest =
        value < 0 ? Unsigned {0} - static_cast<Unsigned>(value) : static_cast<Unsigned>(value);
    std::string out;
    do {
        out += kDigits[static_cast<std::size_t>(rest % base)];
        rest /= base;
    } while (rest != 0);
    out += value < 0 ? "-" : "";
    std::reverse(out.begin(), out.end());
    return out;
}

// The shortest digits that read back to the same double, laid out as Python does.
std::string floatText(double value)
{
    if (std::isnan(value)) {
        return "nan";
    }
    if (std::isinf(value)) {
        return value > 0 ? "inf" : "-inf";
    }
    std::array<char, 64> buffer {};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   std::chars_format::scientific)
                         .ptr;
    const std::string_view shown(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t mark = shown.find('e');
    int exponent = 0;
    const char* digits = shown.data() + mark + 1;
    std::from_chars(*digits == '+' ? digits + 1 : digits, shown.data() + shown.size(), exponent);
    if (exponent < -4 || exponent >= 16) {
        std::string text(shown.substr(0, mark + 1));
        text += exponent < 0 ? '-' : '+';
        const std::string size = fmt::format("{}", std::abs(exponent));
        return text + (size.size() < 2 ? "0" : "") + size;
    }
    const auto fixed =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed)
            .ptr;
    std::string text(buffer.data(), fixed);
    return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string textOf(Meter& meter, const Value& value)
{
    if (value.is(Kind::Text)) {
        meter.claimText(value.text().size());
        return value.text();
    }
    return value.is(Kind::Undefined) ? std::string() : reprOf(meter, value);
}

std::string reprOf(Meter& meter, const Value& value)
{
    Writer writer(meter);
    writer.repr(value);
    return writer.take();
}

std::string jsonOf(Meter& meter, const Value& value, const JsonStyle& style)
{
    JsonWriter writer(meter, style);
    writer.write(value);
    return writer.take();
}

} // namespace pissarro::core::inline prompt::jinja

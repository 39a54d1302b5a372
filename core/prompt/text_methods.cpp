// SPDX-License-Identifier: GPL-3.0-or-later
// Methods of a text, as Python's str has them.
#include "core/base/fmt.h"
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/python_text_p.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <unordered_map>

namespace pissarro::core::inline prompt::jinja {
namespace {

using Body = Value (*)(Interpreter&, const Value& self, Arguments&);
using Map = std::unordered_map<std::string, Body>;

const std::string& textArgument(const Value& value, const char* what)
{
    if (value.is(Kind::Undefined)) {
        fail(value.undefinedMessage());
    }
    if (!value.is(Kind::Text)) {
        fail(std::string(what) + " is given a " + typeName(value) + " (expected a text)");
    }
    return value.text();
}

Value made(Interpreter& self, const Value& from, std::string text)
{
    return newText(self.meter(), std::move(text), from.isMarkup());
}

Value listOf(Interpreter& self, const Value& from, const std::vector<std::string>& texts)
{
    std::vector<Value> out;
    for (const std::string& text : texts) {
        out.push_back(made(self, from, text));
    }
    return newList(self.meter(), std::move(out));
}

template <std::string (*Change)(std::string_view)>
Value changed(Interpreter& self, const Value& text, Arguments& arguments)
{
    bound("the method", arguments, {});
    self.meter().claimText(text.text().size());
    return made(self, text, Change(text.text()));
}

template <bool Left, bool Right>
Value stripOf(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.strip", arguments, {"chars"});
    const bool hasSet = given[0] && !given[0]->is(Kind::None);
    const std::string* set = hasSet ? &textArgument(*given[0], "str.strip") : nullptr;
    if (set != nullptr) {
        self.meter().spend(text.text().size() * (1 + set->size()) / 8);
    }
    return made(self, text, std::string(stripped(text.text(), Left, Right, set)));
}

template <bool FromRight>
Value splitOf(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.split", arguments, {"sep", "maxsplit"});
    const auto most = given[1]
        ? static_cast<long long>(std::clamp<Whole>(wholeOf(*given[1]), -1, 1LL << 40))
        : -1;
    self.meter().claimText(text.text().size());
    if (!given[0] || given[0]->is(Kind::None)) {
        return listOf(self, text, splitAtSpace(text.text(), most, FromRight));
    }
    const std::string& separator = textArgument(*given[0], "str.split");
    if (separator.empty()) {
        fail("str.split is given an empty separator");
    }
    self.meter().claimElements(text.text().size() / separator.size() / 4);
    return listOf(self, text, splitAt(text.text(), separator, most, FromRight));
}

template <bool FromRight>
Value partitionOf(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.partition", arguments, {"sep"});
    const std::string& mark =
        textArgument(demanded(given[0], "str.partition", "sep"), "str.partition");
    if (mark.empty()) {
        fail("str.partition is given an empty separator");
    }
    const std::string& all = text.text();
    const std::size_t at = FromRight ? all.rfind(mark) : all.find(mark);
    std::vector<Value> parts;
    if (at == std::string::npos) {
        const Value none = made(self, text, "");
        parts = FromRight ? std::vector<Value> {none, none, text}
                          : std::vector<Value> {text, none, none};
    } else {
        parts = {made(self, text, all.substr(0, at)), made(self, text, mark),
                 made(self, text, all.substr(at + mark.size()))};
    }
    return newList(self.meter(), std::move(parts), Sequence::Flavour::Tuple);
}

Value linesOfText(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.splitlines", arguments, {"keepends"});
    self.meter().claimElements(text.text().size() / 8);
    return listOf(self, text, linesOf(text.text(), given[0] && isTrue(*given[0])));
}

Value joinOf(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.join", arguments, {"iterable"});
    std::string out;
    bool first = true;
    for (const Value& item : elementsOf(self.meter(), demanded(given[0], "str.join", "iterable"))) {
        out += first ? "" : text.text();
        first = false;
        out += textArgument(item, "str.join");
        self.meter().checkText(out.size());
    }
    return made(self, text, std::move(out));
}

Value replaceOf(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.replace", arguments, {"old", "new", "count"});
    const std::string& from = textArgument(demanded(given[0], "str.replace", "old"), "str.replace");
    const std::string& to = textArgument(demanded(given[1], "str.replace", "new"), "str.replace");
    const auto most = given[2]
        ? static_cast<long long>(std::clamp<Whole>(wholeOf(*given[2]), -1, 1LL << 40))
        : -1;
    self.meter().claimText(text.text().size());
    return made(self, text, replaced(text.text(), from, to, most, 64U << 20U));
}

// Where find, index and count look: the bytes of the characters [start, end).
struct Window {
    std::string_view text;
    std::size_t first = 0; // characters before it
    bool isEmptyRange = false; // the start lies behind the end
};

Window windowOf(const Value& text, const std::vector<std::optional<Value>>& given)
{
    const auto count = static_cast<Whole>(characterCount(text.text()));
    const auto place = [&](const std::optional<Value>& value, Whole otherwise) {
        if (!value || value->is(Kind::None)) {
            return otherwise;
        }
        const Whole at = wholeOf(*value);
        return at < 0 ? std::max<Whole>(at + count, 0) : at;
    };
    const Whole begin = place(given[1], 0);
    const Whole end = std::min(place(given[2], count), count);
    if (begin > end) {
        return {{}, 0, true};
    }
    std::size_t bytes[2] = {text.text().size(), text.text().size()};
    Whole character = 0;
    for (std::size_t at = 0; at < text.text().size(); ++at) {
        if (isContinuation(text.text()[at])) {
            continue;
        }
        bytes[0] = character == begin ? at : bytes[0];
        bytes[1] = character == end ? at : bytes[1];
        ++character;
    }
    return {std::string_view(text.text()).substr(bytes[0], bytes[1] - bytes[0]),
            static_cast<std::size_t>(begin), false};
}

template <bool FromRight, bool Demands>
Value findOf(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.find", arguments, {"sub", "start", "end"});
    const std::string& wanted = textArgument(demanded(given[0], "str.find", "sub"), "str.find");
    self.meter().claimText(text.text().size());
    const Window window = windowOf(text, given);
    const std::size_t at = window.isEmptyRange ? std::string_view::npos
        : FromRight                            ? window.text.rfind(wanted)
                                               : window.text.find(wanted);
    if (at == std::string_view::npos) {
        if (Demands) {
            fail("str.index does not find its text");
        }
        return Value::integer(-1);
    }
    return Value::integer(
        static_cast<Whole>(window.first + characterCount(window.text.substr(0, at))));
}

Value countOf(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.count", arguments, {"sub", "start", "end"});
    const std::string& wanted = textArgument(demanded(given[0], "str.count", "sub"), "str.count");
    self.meter().claimText(text.text().size());
    const Window window = windowOf(text, given);
    if (window.isEmptyRange) {
        return Value::integer(0);
    }
    if (wanted.empty()) {
        return Value::integer(static_cast<Whole>(characterCount(window.text) + 1));
    }
    Whole count = 0;
    for (std::size_t at = window.text.find(wanted); at != std::string_view::npos;
         at = window.text.find(wanted, at + wanted.size())) {
        ++count;
    }
    return Value::integer(count);
}

template <bool AtEnd>
Value beginsOrEnds(Interpreter& self, const Value& text, Arguments& arguments)
{
    const char* name = AtEnd ? "str.endswith" : "str.startswith";
    const auto given = bound(name, arguments, {"prefix", "start", "end"});
    const Value& wanted = demanded(given[0], name, "prefix");
    self.meter().claimText(text.text().size());
    const Window window = windowOf(text, given);
    const auto fits = [&](const Value& part) {
        const std::string& mark = textArgument(part, name);
        return !window.isEmptyRange
            && (AtEnd ? window.text.ends_with(mark) : window.text.starts_with(mark));
    };
    if (wanted.is(Kind::Sequence) && wanted.sequence().flavour == Sequence::Flavour::Tuple) {
        const auto& parts = wanted.sequence().items;
        return Value::boolean(std::any_of(parts.begin(), parts.end(), fits));
    }
    return Value::boolean(fits(wanted));
}

template <bool AtEnd>
Value without(Interpreter& self, const Value& text, Arguments& arguments)
{
    const char* name = AtEnd ? "str.removesuffix" : "str.removeprefix";
    const auto given = bound(name, arguments, {"prefix"});
    const std::string& mark = textArgument(demanded(given[0], name, "prefix"), name);
    std::string_view rest = text.text();
    if (AtEnd ? rest.ends_with(mark) : rest.starts_with(mark)) {
        rest = AtEnd ? rest.substr(0, rest.size() - mark.size()) : rest.substr(mark.size());
    }
    return made(self, text, std::string(rest));
}

// every character fits, and there is one
template <bool (*Fits)(char32_t)>
Value allFit(Interpreter& self, const Value& text, Arguments& arguments)
{
    bound("the method", arguments, {});
    self.meter().claimText(text.text().size());
    const std::u32string all = codePointsOf(text.text());
    return Value::boolean(!all.empty() && std::all_of(all.begin(), all.end(), Fits));
}

bool isLetterOrDigit(char32_t c)
{
    return isLetter(c) || isDigit(c);
}

template <bool Upper>
Value isInCase(Interpreter& self, const Value& text, Arguments& arguments)
{
    bound("the method", arguments, {});
    return Value::boolean(self.test(Upper ? "upper" : "lower", text, arguments));
}

// left, right: where the filling goes
template <bool Left, bool Right>
Value padded(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.ljust", arguments, {"width", "fillchar"});
    const std::string fill = given[1] ? textArgument(*given[1], "str.ljust") : std::string(" ");
    if (characterCount(fill) != 1) {
        fail(fmt::format("a text is to be filled with a text of {} characters (expected 1)",
                         characterCount(fill)));
    }
    const Whole width = wholeOf(demanded(given[0], "str.ljust", "width"));
    const auto count = static_cast<Whole>(characterCount(text.text()));
    const Whole missing = std::max<Whole>(width - count, 0);
    if (missing > 1 << 26) {
        fail("a text is to be filled to more than 67108864 characters");
    }
    // Python puts the odd one of a centred text on the left when the width is odd.
    const Whole before = Left && Right ? missing / 2 + (missing & width & 1) : Left ? missing : 0;
    self.meter().claimText(static_cast<std::size_t>(missing) * fill.size());
    std::string out;
    for (Whole i = 0; i < before; ++i) {
        out += fill;
    }
    out += text.text();
    for (Whole i = before; i < missing; ++i) {
        out += fill;
    }
    return made(self, text, std::move(out));
}

Value zeroFilled(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.zfill", arguments, {"width"});
    const std::string& all = text.text();
    const bool hasSign = all.starts_with('-') || all.starts_with('+');
    const Whole width = wholeOf(demanded(given[0], "str.zfill", "width"));
    const Whole missing = width - static_cast<Whole>(characterCount(all));
    if (missing > 1 << 26) {
        fail("a text is to be filled to more than 67108864 characters");
    }
    const std::string zeros(static_cast<std::size_t>(std::max<Whole>(missing, 0)), '0');
    return made(self, text,
                (hasSign ? all.substr(0, 1) : "") + zeros + all.substr(hasSign ? 1 : 0));
}

Value tabsExpanded(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.expandtabs", arguments, {"tabsize"});
    const Whole size = given[0] ? std::clamp<Whole>(wholeOf(*given[0]), 0, 1024) : 8;
    std::string out;
    Whole column = 0;
    for (const std::string& character : charactersOf(text.text())) {
        if (character == "\t") {
            const Whole wide = size > 0 ? size - column % size : 0;
            out.append(static_cast<std::size_t>(wide), ' ');
            column += wide;
        } else {
            out += character;
            column = character == "\n" || character == "\r" ? 0 : column + 1;
        }
        self.meter().checkText(out.size());
    }
    return made(self, text, std::move(out));
}

Value formatOf(Interpreter& self, const Value& text, Arguments& arguments)
{
    return made(self, text, braceFormat(self, text.text(), arguments));
}

Value translated(Interpreter& self, const Value& text, Arguments& arguments)
{
    const auto given = bound("str.translate", arguments, {"table"});
    const Value& table = demanded(given[0], "str.translate", "table");
    std::string out;
    for (const char32_t c : codePointsOf(text.text())) {
        const Value key = Value::integer(static_cast<Whole>(c));
        const Value* to = table.is(Kind::Dict) ? table.dict().find(self.meter(), key) : nullptr;
        if (to == nullptr) {
            out += fromCodePoints(std::u32string(1, c));
        } else if (to->isWhole()) {
            const Whole point = std::clamp<Whole>(to->whole(), 0, 0x10FFFF);
            out += fromCodePoints(std::u32string(1, static_cast<char32_t>(point)));
        } else if (!to->is(Kind::None)) {
            out += textArgument(*to, "str.translate");
        }
        self.meter().checkText(out.size());
    }
    return made(self, text, std::move(out));
}

Value tableOf(Interpreter& self, const Value&, Arguments& arguments)
{
    const auto given = bound("str.maketrans", arguments, {"x", "y"});
    const std::u32string from =
        codePointsOf(textArgument(demanded(given[0], "str.maketrans", "x"), "str.maketrans"));
    const std::u32string to =
        codePointsOf(textArgument(demanded(given[1], "str.maketrans", "y"), "str.maketrans"));
    if (from.size() != to.size()) {
        fail("str.maketrans is given texts of unequal length");
    }
    std::vector<std::pair<Value, Value>> entries;
    for (std::size_t i = 0; i < from.size(); ++i) {
        entries.emplace_back(Value::integer(static_cast<Whole>(from[i])),
                             Value::integer(static_cast<Whole>(to[i])));
    }
    return newDict(self.meter(), std::move(entries));
}

// Python's bytes: a template can do nothing with them but print them.
class Bytes final : public Callable {
public:
    explicit Bytes(const std::string& bytes)
    {
        constexpr std::string_view kDigits = "0123456789abcdef";
        const char quote =
            bytes.find('\'') != std::string::npos && bytes.find('"') == std::string::npos ? '"'
                                                                                          : '\'';
        m_shown = std::string("b") + quote;
        for (const char c : bytes) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == quote || c == '\\') {
                m_shown += '\\';
            }
            if (byte >= 0x20 && byte < 0x7F) {
                m_shown += c;
            } else if (c == '\n' || c == '\r' || c == '\t') {
                m_shown += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
            } else {
                m_shown += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
            }
        }
        m_shown += quote;
    }
    Value call(Interpreter&, Arguments&) override { fail("bytes cannot be called"); }
    bool isCallable() const override { return false; }
    std::string shown() const override { return m_shown; }

private:
    std::string m_shown;
};

Value encoded(Interpreter& self, const Value& text, Arguments& arguments)
{
    bound("str.encode", arguments, {}); // another encoding than UTF-8 is refused as an argument
    self.meter().claimText(4 * text.text().size());
    return Value::object(Kind::Callable, std::make_shared<Bytes>(text.text()));
}

bool isAsciiCharacter(char32_t c)
{
    return c < 0x80;
}

const Map& methods()
{
    static const Map map {
        {"strip", stripOf<true, true>},
        {"lstrip", stripOf<true, false>},
        {"rstrip", stripOf<false, true>},
        {"split", splitOf<false>},
        {"rsplit", splitOf<true>},
        {"splitlines", linesOfText},
        {"partition", partitionOf<false>},
        {"rpartition", partitionOf<true>},
        {"join", joinOf},
        {"replace", replaceOf},
        {"find", findOf<false, false>},
        {"rfind", findOf<true, false>},
        {"index", findOf<false, true>},
        {"rindex", findOf<true, true>},
        {"count", countOf},
        {"startswith", beginsOrEnds<false>},
        {"endswith", beginsOrEnds<true>},
        {"removeprefix", without<false>},
        {"removesuffix", without<true>},
        {"upper", changed<upperText>},
        {"lower", changed<lowerText>},
        {"title", changed<titleText>},
        {"capitalize", changed<capitalizedText>},
        {"swapcase", changed<swappedCaseText>},
        {"casefold", changed<foldedText>},
        {"isspace", allFit<isPythonSpace>},
        {"isalpha", allFit<isLetter>},
        {"isdigit", allFit<isDigit>},
        {"isdecimal", allFit<isDecimal>},
        {"isalnum", allFit<isLetterOrDigit>},
        {"isascii", allFit<isAsciiCharacter>},
        {"isprintable", allFit<isPrintable>},
        {"isupper", isInCase<true>},
        {"islower", isInCase<false>},
        {"ljust", padded<false, true>},
        {"rjust", padded<true, false>},
        {"center", padded<true, true>},
        {"zfill", zeroFilled},
        {"expandtabs", tabsExpanded},
        {"format", formatOf},
        {"encode", encoded},
        {"translate", translated},
        {"maketrans", tableOf},
    };
    return map;
}

} // namespace

std::optional<Value> textMethod(const Value& text, const std::string& name)
{
    for (const char* unknown : {"format_map", "isidentifier", "isnumeric", "istitle"}) {
        if (name == unknown) {
            fail("the method '" + name + "' of a text is not supported");
        }
    }
    const auto place = methods().find(name);
    if (place == methods().end()) {
        return std::nullopt;
    }
    return newFunction("str." + name,
                       [text, body = place->second](Interpreter& self, Arguments& arguments) {
                           return body(self, text, arguments);
                       });
}

} // namespace pissarro::core::inline prompt::jinja

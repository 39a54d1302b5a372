// SPDX-License-Identifier: GPL-3.0-or-later
// Filters that make a text or a number of a value. Those of lists are in list_filters.cpp.
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/python_text_p.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
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

template <std::string (*Change)(std::string_view)>
Value changed(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("the filter", arguments, {});
    return made(self, Change(textOf(self.meter(), input)), input.isMarkup());
}

// A word begins at the text's start and behind - ( { [ < and white space; all else of it is lower case.
std::string titled(std::string_view text)
{
    std::u32string out;
    std::u32string word;
    const auto flush = [&] {
        if (!word.empty()) {
            out += codePointsOf(upperText(fromCodePoints(word.substr(0, 1))));
            out += codePointsOf(lowerText(fromCodePoints(word.substr(1))));
            word.clear();
        }
    };
    for (const char32_t c : codePointsOf(text)) {
        if (isPythonSpace(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<') {
            flush();
            out += c;
        } else {
            word += c;
        }
    }
    flush();
    return fromCodePoints(out);
}

Value asText(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("string", arguments, {});
    return input.is(Kind::Text) ? input : made(self, textOf(self.meter(), input));
}

Value trimmed(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given = bound("trim", arguments, {"chars"});
    const std::string text = textOf(self.meter(), input);
    std::string set;
    const bool hasSet = given[0] && !given[0]->is(Kind::None);
    if (hasSet) {
        set = textOf(self.meter(), *given[0]);
        self.meter().spend(text.size() * (1 + set.size()) / 8);
    }
    return made(self, std::string(stripped(text, true, true, hasSet ? &set : nullptr)),
                input.isMarkup());
}

Value indented(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given = bound("indent", arguments, {"width", "first", "blank"});
    if (!input.is(Kind::Text)) {
        fail("indent is given a " + typeName(input) + " (expected a text)");
    }
    std::string margin(4, ' ');
    if (given[0]) {
        margin = given[0]->is(Kind::Text)
            ? given[0]->text()
            : std::string(
                static_cast<std::size_t>(std::clamp<Whole>(wholeOf(*given[0]), 0, 1 << 20)), ' ');
    }
    const bool blank = given[2] && isTrue(*given[2]);
    std::string out = given[1] && isTrue(*given[1]) ? margin : "";
    bool first = true;
    for (const std::string& line : linesOf(input.text() + "\n", false)) {
        out += first ? "" : "\n";
        out += !first && (blank || !line.empty()) ? margin : "";
        out += line;
        first = false;
        self.meter().checkText(out.size());
    }
    return made(self, std::move(out), input.isMarkup());
}

Value cutShort(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given = bound("truncate", arguments, {"length", "killwords", "end", "leeway"});
    const std::u32string all = codePointsOf(textOf(self.meter(), input));
    const Whole length = given[0] ? wholeOf(*given[0]) : 255;
    const std::u32string end = given[2] ? codePointsOf(textOf(self.meter(), *given[2])) : U"...";
    const Whole leeway = given[3] && !given[3]->is(Kind::None) ? wholeOf(*given[3]) : 5;
    if (length < static_cast<Whole>(end.size()) || leeway < 0) {
        fail("truncate is given a length below that of its end, or a leeway below 0");
    }
    if (static_cast<Whole>(all.size()) <= length + leeway) {
        return made(self, fromCodePoints(all));
    }
    std::u32string kept = all.substr(0, static_cast<std::size_t>(length) - end.size());
    if (!given[1] || !isTrue(*given[1])) {
        kept = kept.substr(0, std::min(kept.rfind(U' '), kept.size()));
    }
    return made(self, fromCodePoints(kept + end));
}

Value wordCount(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("wordcount", arguments, {});
    Whole count = 0;
    bool inWord = false;
    for (const char32_t c : codePointsOf(textOf(self.meter(), input))) {
        const bool isPart = isWordCharacter(c);
        count += isPart && !inWord ? 1 : 0;
        inWord = isPart;
    }
    return Value::integer(count);
}

Value centred(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given = bound("center", arguments, {"width"});
    const Value text = made(self, textOf(self.meter(), input));
    Arguments inner {{given[0].value_or(Value::integer(80))}, {}};
    return self.call(self.attribute(text, "center"), inner);
}

Value replaceOf(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given = bound("replace", arguments, {"old", "new", "count"});
    Meter& meter = self.meter();
    const long long most = given[2] && !given[2]->is(Kind::None)
        ? static_cast<long long>(std::clamp<Whole>(wholeOf(*given[2]), -1, 1LL << 40))
        : -1;
    return made(self,
                replaced(textOf(meter, input), textOf(meter, demanded(given[0], "replace", "old")),
                         textOf(meter, demanded(given[1], "replace", "new")), most, 64U << 20U));
}

Value formatted(Interpreter& self, const Value& input, Arguments& arguments)
{
    if (!arguments.positional.empty() && !arguments.named.empty()) {
        fail("format takes values or names, not both");
    }
    std::vector<std::pair<Value, Value>> names;
    for (const auto& [name, value] : arguments.named) {
        names.emplace_back(Value::plainText(name), value);
    }
    const Value values = arguments.named.empty()
        ? newList(self.meter(), arguments.positional, Sequence::Flavour::Tuple)
        : newDict(self.meter(), std::move(names));
    return made(self, percentFormat(self.meter(), textOf(self.meter(), input), values));
}

Value asJson(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given =
        bound("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
    JsonStyle style;
    style.escapeAll = given[0] && isTrue(*given[0]);
    style.sortKeys = given[3] && isTrue(*given[3]);
    if (given[1] && !given[1]->is(Kind::None)) {
        style.indent = given[1]->is(Kind::Text)
            ? given[1]->text()
            : std::string(static_cast<std::size_t>(std::clamp<Whole>(wholeOf(*given[1]), 0, 1024)),
                          ' ');
        style.itemSeparator = ",";
    }
    if (given[2] && !given[2]->is(Kind::None)) {
        const std::vector<Value> pair = elementsOf(self.meter(), *given[2]);
        if (pair.size() != 2 || !pair[0].is(Kind::Text) || !pair[1].is(Kind::Text)) {
            fail("tojson: separators are two texts");
        }
        style.itemSeparator = pair[0].text();
        style.keySeparator = pair[1].text();
    }
    return made(self, jsonOf(self.meter(), input, style));
}

// textwrap's greedy lines, for words that fit; a longer one is broken.
Value wrapped(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given = bound("wordwrap", arguments,
                             {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
    const Whole width = given[0] ? wholeOf(*given[0]) : 79;
    const std::string text = textOf(self.meter(), input);
    if (width < 1 || given[1] || given[3] || text.find('-') != std::string::npos
        || text.find('\t') != std::string::npos) {
        fail("wordwrap is supported for plain words and a width from 1 only");
    }
    const std::string feed = given[2] ? textOf(self.meter(), *given[2]) : std::string("\n");
    std::string out;
    bool firstLine = true;
    for (const std::string& line : linesOf(text, false)) {
        out += firstLine ? "" : feed;
        firstLine = false;
        Whole used = 0;
        for (const std::string& word : splitAt(line, " ", -1, false)) {
            const auto size = static_cast<Whole>(characterCount(word));
            if (word.empty() || size > width) {
                fail("wordwrap is supported for words that fit and stand one space apart only");
            }
            const bool goesOn = used > 0 && used + 1 + size <= width;
            out += used == 0 ? "" : goesOn ? " " : feed;
            out += word;
            used = goesOn ? used + 1 + size : size;
        }
        self.meter().checkText(out.size());
    }
    return made(self, std::move(out));
}

Value prettyPrinted(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("pprint", arguments, {});
    std::string text = reprOf(self.meter(), input);
    if (text.size() > 78 || input.is(Kind::Dict)) {
        fail("pprint is supported for values of one line that are no dict only");
    }
    return made(self, std::move(text));
}

} // namespace

FilterBody textFilterNamed(const std::string& name)
{
    static const std::unordered_map<std::string, FilterBody> map {
        {"upper", changed<upperText>},
        {"lower", changed<lowerText>},
        {"capitalize", changed<capitalizedText>},
        {"title", changed<titled>},
        {"string", asText},
        {"trim", trimmed},
        {"indent", indented},
        {"truncate", cutShort},
        {"wordcount", wordCount},
        {"wordwrap", wrapped},
        {"center", centred},
        {"replace", replaceOf},
        {"format", formatted},
        {"tojson", asJson},
        {"pprint", prettyPrinted},
    };
    const auto place = map.find(name);
    return place == map.end() ? nullptr : place->second;
}

} // namespace pissarro::core::inline prompt::jinja

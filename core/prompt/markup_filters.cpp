// SPDX-License-Identifier: GPL-3.0-or-later
// Filters that speak HTML or URLs.
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/python_text_p.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

namespace pissarro::core::inline prompt::jinja {
namespace {

Value made(Interpreter& self, std::string text, bool markup = false)
{
    return newText(self.meter(), std::move(text), markup);
}

Value escaped(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("escape", arguments, {});
    return input.isMarkup() ? input : made(self, escapedHtml(textOf(self.meter(), input)), true);
}

Value escapedAgain(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("forceescape", arguments, {});
    return made(self, escapedHtml(textOf(self.meter(), input)), true);
}

Value safe(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("safe", arguments, {});
    return made(self, textOf(self.meter(), input), true);
}

std::string quotedForUrl(std::string_view text, std::string_view safeCharacters, bool plusForSpace)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
            || (c >= 'A' && c <= 'Z') || safeCharacters.find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else if (c == ' ' && plusForSpace) {
            out += '+';
        } else {
            out += '%';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 15U];
        }
    }
    return out;
}

Value urlEncoded(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("urlencode", arguments, {});
    Meter& meter = self.meter();
    if (!input.is(Kind::Dict) && !input.is(Kind::Sequence)) {
        return made(self, quotedForUrl(textOf(meter, input), "_.-~/", false));
    }
    std::string out;
    const auto add = [&](const Value& key, const Value& value) {
        out += (out.empty() ? "" : "&") + quotedForUrl(textOf(meter, key), "_.-~", true) + "="
            + quotedForUrl(textOf(meter, value), "_.-~", true);
        meter.checkText(out.size());
    };
    if (input.is(Kind::Dict)) {
        for (const auto& [key, value] : input.dict().entries) {
            add(key, value);
        }
        return made(self, std::move(out));
    }
    for (const Value& pair : input.sequence().items) {
        const std::vector<Value> parts = elementsOf(meter, pair);
        if (parts.size() != 2) {
            fail("urlencode is given an element that is no pair");
        }
        add(parts[0], parts[1]);
    }
    return made(self, std::move(out));
}

Value tagAttributes(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto given = bound("xmlattr", arguments, {"autospace"});
    if (!input.is(Kind::Dict)) {
        fail("xmlattr is given a " + typeName(input) + " (expected a dict)");
    }
    std::string out;
    for (const auto& [key, value] : input.dict().entries) {
        if (value.is(Kind::None) || value.is(Kind::Undefined)) {
            continue;
        }
        const std::string name = textOf(self.meter(), key);
        if (name.find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
            fail("xmlattr is given a key with a space, '/', '>' or '='");
        }
        out += (out.empty() ? "" : " ") + escapedHtml(name) + "=\""
            + escapedHtml(textOf(self.meter(), value)) + "\"";
        self.meter().checkText(out.size());
    }
    const bool space = !given[0] || isTrue(*given[0]);
    return made(self, (space && !out.empty() ? " " : "") + out, self.autoescapes());
}

std::string unescapedHtml(std::string text)
{
    constexpr std::array<std::pair<const char*, const char*>, 7> kNames {{
        {"&lt;", "<"},
        {"&gt;", ">"},
        {"&quot;", "\""},
        {"&#34;", "\""},
        {"&#39;", "'"},
        {"&nbsp;", "\xC2\xA0"},
        {"&amp;", "&"},
    }};
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto* known = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) {
            return std::string_view(text).substr(at).starts_with(entry.first);
        });
        if (known != kNames.end()) {
            out += known->second;
            at += std::string_view(known->first).size();
            continue;
        }
        const bool isEntity = text[at] == '&' && at + 1 < text.size()
            && (text[at + 1] == '#' || std::isalpha(static_cast<unsigned char>(text[at + 1])) != 0);
        if (isEntity) {
            fail("striptags meets a character reference that is not supported");
        }
        out += text[at++];
    }
    return out;
}

Value withoutTags(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("striptags", arguments, {});
    std::string text = textOf(self.meter(), input);
    for (const auto& [open, close] : {std::pair("<!--", "-->"), std::pair("<", ">")}) {
        std::string kept;
        std::size_t at = 0;
        for (;;) {
            const std::size_t begin = text.find(open, at);
            const std::size_t end = begin == std::string::npos ? begin : text.find(close, begin);
            if (end == std::string::npos) {
                break;
            }
            kept += text.substr(at, begin - at);
            at = end + std::string_view(close).size();
        }
        text = kept + text.substr(at);
    }
    std::string out;
    for (const std::string& word : splitAtSpace(text, -1, false)) {
        out += (out.empty() ? "" : " ") + word;
    }
    return made(self, unescapedHtml(out));
}

Value linked(Interpreter&, const Value&, Arguments&)
{
    fail("the filter 'urlize' makes HTML links and is not supported");
}

} // namespace

FilterBody markupFilterNamed(const std::string& name)
{
    static const std::unordered_map<std::string, FilterBody> map {
        {"escape", escaped},           {"e", escaped},
        {"forceescape", escapedAgain}, {"safe", safe},
        {"urlencode", urlEncoded},     {"xmlattr", tagAttributes},
        {"striptags", withoutTags},    {"urlize", linked},
    };
    const auto place = map.find(name);
    return place == map.end() ? nullptr : place->second;
}

} // namespace pissarro::core::inline prompt::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
// Python's `re` (3.11) read as PCRE2 (10.42) reads it. The two agree on most; what follows is where they do not.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"
#include "core/text/regex.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::core::inline text {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Translator {
public:
    explicit Translator(std::string_view pattern)
        : m_in(pattern)
    {
    }

    std::string run()
    {
        globalFlags();
        while (m_at < m_in.size()) {
            const char c = m_in[m_at];
            if (c == '\\') {
                escape(/*inBrackets=*/false);
            } else if (c == '[') {
                brackets();
            } else if (c == '(') {
                group();
            } else if (c == ')') {
                closeGroup();
            } else if (c == '{') {
                repeat();
            } else {
                m_out += c;
                ++m_at;
            }
        }
        const bool ascii = std::all_of(m_in.begin(), m_in.end(),
                                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
        if (m_ignoresCase && !ascii) {
            refuse("ignores the case of letters beyond ASCII, where Python and PCRE2 differ");
        }
        return std::move(m_out);
    }

private:
    [[noreturn]] static void refuse(const std::string& what)
    {
        throw Error(ErrorKind::Format, what);
    }
    [[noreturn]] static void refuseConstruct(std::string_view text)
    {
        refuse("holds " + shownText(text)
               + ", which Python's re does not know or which cannot be followed to the letter "
                 "(expected an expression that PEFT can match with)");
    }

    bool starts(std::string_view text) const { return m_in.substr(m_at, text.size()) == text; }
    char peek(std::size_t ahead) const
    {
        return m_at + ahead < m_in.size() ? m_in[m_at + ahead] : '\0';
    }

    // "iLmsux" from m_at on; returns those that PCRE2 is told. Letters that Python takes without effect on text are dropped.
    std::string flags()
    {
        std::string kept;
        for (; isLetter(peek(0)); ++m_at) {
            switch (peek(0)) {
            case 'i':
                m_ignoresCase = true;
                kept += 'i';
                break;
            case 'm':
            case 's':
                kept += peek(0);
                break;
            case 'a':
            case 'u': // both read an ASCII text alike, and module names are no other
                break;
            default:
                refuseConstruct(std::string("the flag ") + peek(0));
            }
        }
        return kept;
    }

    // (?i) holds for the whole expression and stands at its start only.
    void globalFlags()
    {
        while (starts("(?") && isLetter(peek(2)) && peek(2) != 'P') {
            const std::size_t begin = m_at;
            m_at += 2;
            const std::string kept = flags();
            if (peek(0) != ')') { // (?i:…) is a group like others
                m_at = begin;
                return;
            }
            ++m_at;
            m_out += kept.empty() ? "" : "(?" + kept + ")";
        }
    }

    void open(std::string_view text, int capture)
    {
        m_out += text;
        m_open.push_back(capture);
    }

    void closeGroup()
    {
        if (!m_open.empty()) {
            if (m_open.back() > 0) {
                m_closed.push_back(m_open.back());
            }
            m_open.pop_back();
        }
        m_out += ')'; // one too many is PCRE2's to refuse
        ++m_at;
    }

    std::string name(std::size_t begin, char end)
    {
        const std::size_t stop = m_in.find(end, begin);
        if (stop == std::string_view::npos || stop == begin) {
            refuseConstruct("a group without a name");
        }
        const std::string text(m_in.substr(begin, stop - begin));
        for (const char c : text) {
            if (!isLetter(c) && !isDigit(c) && c != '_') {
                refuseConstruct("a group name of other than letters, digits and _");
            }
        }
        m_at = stop + 1;
        return text;
    }

    int numberOf(const std::string& group) const
    {
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            if (m_names[i].first == group) {
                return m_names[i].second;
            }
        }
        return 0;
    }

    void requireClosed(int group)
    {
        if (std::find(m_closed.begin(), m_closed.end(), group) == m_closed.end()) {
            refuse("refers to a group that is not closed before");
        }
    }

    void group()
    {
        if (peek(1) == '*') {
            refuseConstruct("(*");
        }
        if (peek(1) != '?') {
            open("(", ++m_captures);
            ++m_at;
            return;
        }
        for (const char* plain : {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"}) {
            if (starts(plain)) {
                open(plain, 0);
                m_at += std::string_view(plain).size();
                return;
            }
        }
        if (starts("(?#")) {
            const std::size_t end = m_in.find(')', m_at);
            m_at = end == std::string_view::npos ? m_in.size() : end + 1;
            return;
        }
        named();
    }

    void named()
    {
        if (starts("(?P<")) {
            const std::string group = name(m_at + 4, '>');
            m_names.emplace_back(group, ++m_captures);
            open("(?P<" + group + ">", m_captures);
        } else if (starts("(?P=")) {
            const int number = numberOf(name(m_at + 4, ')'));
            requireClosed(number);
            m_out += fmt::format("\\g{{{}}}", number);
        } else if (starts("(?(")) {
            const std::string group = name(m_at + 3, ')');
            const bool numeric = std::all_of(group.begin(), group.end(), isDigit);
            const int number = numeric ? static_cast<int>(std::strtol(group.c_str(), nullptr, 10))
                                       : numberOf(group);
            if (number == 0) {
                refuse("asks for a group that is not there");
            }
            open(fmt::format("(?({})", number), 0);
        } else {
            localFlags();
        }
    }

    void localFlags() // (?i:…), (?-i:…), (?i-s:…)
    {
        const std::size_t begin = m_at;
        m_at += 2;
        std::string kept = flags();
        if (peek(0) == '-') {
            ++m_at;
            const std::string off = flags();
            kept += off.empty() ? "" : "-" + off;
        }
        if (peek(0) != ':') {
            refuseConstruct(m_in.substr(begin, 4));
        }
        ++m_at;
        open("(?" + kept + ":", 0);
    }

    void repeat() // {n}, {n,}, {,n}, {n,m}; any other brace is a character
    {
        std::size_t at = 1;
        std::string low;
        std::string high;
        for (; isDigit(peek(at)); ++at) {
            low += peek(at);
        }
        const bool range = peek(at) == ',';
        for (at += range ? 1 : 0; range && isDigit(peek(at)); ++at) {
            high += peek(at);
        }
        if (peek(at) != '}' || (low.empty() && !range)) {
            m_out += "\\{";
            ++m_at;
            return;
        }
        m_out += "{" + (low.empty() ? "0" : low) + (range ? "," + high : "") + "}";
        m_at += at + 1;
    }

    void brackets()
    {
        m_out += '[';
        ++m_at;
        if (peek(0) == '^') {
            m_out += '^';
            ++m_at;
        }
        for (bool first = true; m_at < m_in.size(); first = false) {
            const char c = peek(0);
            if (c == ']' && !first) {
                m_out += ']';
                ++m_at;
                return;
            }
            if (c == '\\') {
                escape(/*inBrackets=*/true);
                continue;
            }
            m_out += c == '[' || c == ']' ? std::string("\\") + c : std::string(1, c);
            ++m_at;
        }
        refuse("has a [ without its ]");
    }

    void character(std::uint32_t code)
    {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string hex;
        for (; code != 0 || hex.empty(); code /= 16) {
            hex.insert(hex.begin(), digits[code % 16]);
        }
        m_out += "\\x{" + hex + "}";
    }

    void hexadecimal(std::size_t count) // m_at stands on the letter
    {
        const std::string text(m_in.substr(m_at + 1, count));
        const bool good = text.size() == count
            && std::all_of(text.begin(), text.end(),
                           [](unsigned char c) { return std::isxdigit(c) != 0; });
        if (!good) {
            refuseConstruct("an unfinished escape");
        }
        character(static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 16)));
        m_at += 1 + count;
    }

    // \0 and three octal digits are a character, other numbers a group.
    void number(bool inBrackets)
    {
        const auto octal = [&](std::size_t ahead) {
            return peek(ahead) >= '0' && peek(ahead) <= '7';
        };
        const bool isCharacter =
            peek(0) == '0' || (octal(0) && octal(1) && octal(2)) || (inBrackets && octal(0));
        std::size_t count = 1;
        if (isCharacter) {
            while (count < 3 && octal(count)) {
                ++count;
            }
            const auto code =
                std::strtoul(std::string(m_in.substr(m_at, count)).c_str(), nullptr, 8);
            if (code > 0377) {
                refuseConstruct("an octal escape above \\377");
            }
            character(static_cast<std::uint32_t>(code));
        } else if (inBrackets) {
            refuseConstruct("a group in brackets");
        } else {
            count += isDigit(peek(1)) ? 1 : 0;
            const std::string text(m_in.substr(m_at, count));
            requireClosed(static_cast<int>(std::strtol(text.c_str(), nullptr, 10)));
            m_out += "\\g{" + text + "}";
        }
        m_at += count;
    }

    void escape(bool inBrackets)
    {
        ++m_at;
        const char c = peek(0);
        if (m_at >= m_in.size()) {
            refuse("ends with a \\");
        }
        if (isDigit(c)) {
            number(inBrackets);
            return;
        }
        if (c == 'x' || c == 'u' || c == 'U') {
            hexadecimal(c == 'x' ? 2 : c == 'u' ? 4 : 8);
            return;
        }
        constexpr std::string_view same = "dDsSwWafnrt";
        constexpr std::string_view outside = "Ab";
        if (c == 'B' && !inBrackets) {
            m_out += "(?:(?!\\A\\z)\\B)"; // Python finds no \B in an empty text
        } else if (c == 'v' || (c == 'b' && inBrackets)) {
            character(c == 'v' ? 11 : 8);
        } else if (c == 'Z' && !inBrackets) {
            m_out += "\\z";
        } else if (!isLetter(c) || same.find(c) != std::string_view::npos
                   || (!inBrackets && outside.find(c) != std::string_view::npos)) {
            m_out += '\\';
            m_out += c;
        } else {
            refuseConstruct(std::string("\\") + c);
        }
        ++m_at;
    }

    std::string_view m_in;
    std::size_t m_at = 0;
    std::string m_out;
    bool m_ignoresCase = false;
    int m_captures = 0;
    std::vector<int> m_open; // the capture that each open group is; 0: none
    std::vector<int> m_closed;
    std::vector<std::pair<std::string, int>> m_names;
};

} // namespace

std::string pythonToPcre2(std::string_view pattern)
{
    return Translator(pattern).run();
}

} // namespace pissarro::core::inline text

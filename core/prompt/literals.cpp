// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/prompt/lexer_p.h"
#include "core/text/utf8.h"

#include <charconv>

namespace pissarro::core::inline prompt::jinja {
namespace {

char32_t escapedCodePoint(std::string_view text, std::size_t& at, std::size_t digits, int line)
{
    char32_t value = 0;
    const std::string_view shown = text.substr(at, digits);
    const auto [end, problem] = std::from_chars(shown.data(), shown.data() + shown.size(),
                                                reinterpret_cast<std::uint32_t&>(value), 16);
    if (problem != std::errc() || shown.size() < digits || end != shown.data() + digits) {
        failAt(line, fmt::format("a text has an escape without its {} hexadecimal digits", digits));
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
        failAt(line, "a text has an escape for half a character, which is not supported");
    }
    at += digits;
    return value;
}

} // namespace

// Python's unicode-escape.
std::string unescapedLiteral(std::string_view text, int line)
{
    constexpr std::string_view kLetters = "\\'\"abfnrtv";
    constexpr std::string_view kMeant = "\\'\"\a\b\f\n\r\t\v";
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '\\' || at + 1 >= text.size()) {
            out += text[at++];
            continue;
        }
        const char letter = text[at + 1];
        at += 2;
        if (const std::size_t known = kLetters.find(letter); known != std::string_view::npos) {
            out += kMeant[known];
        } else if (letter == '\n') {
            continue;
        } else if (letter >= '0' && letter <= '7') {
            char32_t value = static_cast<char32_t>(letter - '0');
            for (int i = 0; i < 2 && at < text.size() && text[at] >= '0' && text[at] <= '7'; ++i) {
                value = value * 8 + static_cast<char32_t>(text[at++] - '0');
            }
            appendUtf8(out, value);
        } else if (letter == 'x' || letter == 'u' || letter == 'U') {
            const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
            appendUtf8(out, escapedCodePoint(text, at, digits, line));
        } else if (letter == 'N') {
            failAt(line, "a text names a character by \\N{…}, which is not supported");
        } else {
            out += '\\';
            out += letter;
        }
    }
    return out;
}

} // namespace pissarro::core::inline prompt::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/escaped_text.h"

#include "core/base/fmt.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline text {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd"; // U+FFFD

// Calls `take` with each character and its bytes, U+FFFD for what is no UTF-8.
template <class Take>
void eachCharacter(std::string_view text, Take take)
{
    while (!text.empty()) {
        const Utf8Character one = characterAt(text);
        if (one.width == 0) {
            take(std::uint32_t {0xFFFD}, kReplacement);
            text.remove_prefix(1);
        } else {
            take(std::uint32_t {one.code}, text.substr(0, one.width));
            text.remove_prefix(one.width);
        }
    }
}

void appendEscape(std::string& out, std::uint32_t code)
{
    out += fmt::format("\\u{:04x}", code); // all of them are below U+10000
}

std::string withoutControls(std::string_view text, bool keepLines)
{
    std::string out;
    out.reserve(text.size());
    eachCharacter(text, [&](std::uint32_t code, std::string_view bytes) {
        if (isControlCharacter(code) && !(keepLines && (code == '\n' || code == '\t'))) {
            appendEscape(out, code);
        } else {
            out += bytes;
        }
    });
    return out;
}

} // namespace

bool isControlCharacter(std::uint32_t code)
{
    constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 7> kRanges {{{0x00, 0x1F},
                                                                               {0x7F, 0x9F},
                                                                               {0x061C, 0x061C},
                                                                               {0x200B, 0x200F},
                                                                               {0x2028, 0x202E},
                                                                               {0x2060, 0x206F},
                                                                               {0xFEFF, 0xFEFF}}};
    // U+200C and U+200D join letters in Persian and parts of emoji: they turn nothing.
    return code != 0x200CU && code != 0x200DU
        && std::any_of(kRanges.begin(), kRanges.end(), [code](const auto& range) {
               return code >= range.first && code <= range.second;
           });
}

std::string terminalText(std::string_view text)
{
    return withoutControls(text, /*keepLines=*/true);
}

std::string terminalLine(std::string_view text)
{
    return withoutControls(text, /*keepLines=*/false);
}

std::string csvCell(std::string_view text)
{
    std::string cell;
    eachCharacter(text, [&](std::uint32_t /*code*/, std::string_view bytes) { cell += bytes; });
    const auto first = cell.empty() ? 'a' : cell.front();
    const bool formula = first == '=' || first == '+' || first == '-' || first == '@'
        || static_cast<unsigned char>(first) < 0x20U;
    if (!formula && cell.find_first_of(",;\"\r\n\t") == std::string::npos) {
        return cell;
    }
    std::string quoted = formula ? "\"'" : "\"";
    for (const char c : cell) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

std::string markdownText(std::string_view text)
{
    constexpr std::string_view kMarks = "\\`*_{}[]()#+-!|~";
    std::string out;
    for (const char c : terminalLine(text)) {
        if (c == '<' || c == '&') {
            out += c == '<' ? "&lt;" : "&amp;";
        } else {
            out += kMarks.find(c) != std::string_view::npos ? "\\" : "";
            out += c;
        }
    }
    return out;
}

std::string markupText(std::string_view text)
{
    std::string out;
    for (const char c : terminalLine(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string markdownCode(std::string_view text)
{
    const std::string line = terminalLine(text);
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : line) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    const bool padded = line.starts_with('`') || line.ends_with('`');
    return fence + (padded ? " " : "") + line + (padded ? " " : "") + fence;
}

std::string quotedText(std::string_view text)
{
    // Escapes of four digits alone, which all three read alike: the rest stays as it is.
    return terminalLine(nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/false,
                                                  nlohmann::json::error_handler_t::replace));
}

} // namespace pissarro::core::inline text

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/prompt/python_text_p.h"
#include "core/prompt/value_p.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <utf8proc.h>

namespace pissarro::core::inline prompt::jinja {
namespace {

utf8proc_category_t categoryOf(char32_t codePoint)
{
    return utf8proc_category(static_cast<utf8proc_int32_t>(codePoint));
}

// Unicode's SpecialCasing: one character that becomes several.
struct Expansion {
    char32_t from;
    const char32_t* upper;
    const char32_t* title;
};
constexpr Expansion kExpansions[] = {
    {U'\u00DF', U"SS", U"Ss"},
    {U'\u0149', U"\u02BCN", U"\u02BCN"},
    {U'\u01F0', U"J\u030C", U"J\u030C"},
    {U'\u0390', U"\u0399\u0308\u0301", U"\u0399\u0308\u0301"},
    {U'\u03B0', U"\u03A5\u0308\u0301", U"\u03A5\u0308\u0301"},
    {U'\u0587', U"\u0535\u0552", U"\u0535\u0582"},
    {U'\u1E96', U"H\u0331", U"H\u0331"},
    {U'\u1E97', U"T\u0308", U"T\u0308"},
    {U'\u1E98', U"W\u030A", U"W\u030A"},
    {U'\u1E99', U"Y\u030A", U"Y\u030A"},
    {U'\u1E9A', U"A\u02BE", U"A\u02BE"},
    {U'\uFB00', U"FF", U"Ff"},
    {U'\uFB01', U"FI", U"Fi"},
    {U'\uFB02', U"FL", U"Fl"},
    {U'\uFB03', U"FFI", U"Ffi"},
    {U'\uFB04', U"FFL", U"Ffl"},
    {U'\uFB05', U"ST", U"St"},
    {U'\uFB06', U"ST", U"St"},
};

void appendUpper(std::u32string& out, char32_t c, bool title)
{
    for (const Expansion& expansion : kExpansions) {
        if (expansion.from == c) {
            out += title ? expansion.title : expansion.upper;
            return;
        }
    }
    const auto code = static_cast<utf8proc_int32_t>(c);
    out += static_cast<char32_t>(title ? utf8proc_totitle(code) : utf8proc_toupper(code));
}

bool isCaseIgnorable(char32_t c)
{
    const utf8proc_category_t category = categoryOf(c);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME
        || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_LM
        || category == UTF8PROC_CATEGORY_SK || c == '\'' || c == '.' || c == ':' || c == 0xB7
        || c == 0x2019;
}

// The Greek sigma has a form of its own at the end of a word.
bool isFinalSigma(std::u32string_view text, std::size_t at)
{
    std::size_t before = at;
    while (before > 0 && isCaseIgnorable(text[before - 1])) {
        --before;
    }
    std::size_t behind = at + 1;
    while (behind < text.size() && isCaseIgnorable(text[behind])) {
        ++behind;
    }
    return before > 0 && isCased(text[before - 1])
        && (behind == text.size() || !isCased(text[behind]));
}

void appendLower(std::u32string& out, std::u32string_view text, std::size_t at)
{
    if (text[at] == 0x130) {
        out += U"i\u0307";
    } else if (text[at] == 0x3A3) {
        out += isFinalSigma(text, at) ? U'\u03C2' : U'\u03C3';
    } else {
        out += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[at])));
    }
}

bool isLineEnd(char32_t c)
{
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028
        || c == 0x2029;
}

} // namespace

bool isPrintable(char32_t codePoint)
{
    switch (categoryOf(codePoint)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    case UTF8PROC_CATEGORY_ZS:
        return codePoint == ' ';
    default:
        return true;
    }
}

bool isUpper(char32_t codePoint)
{
    return categoryOf(codePoint) == UTF8PROC_CATEGORY_LU
        || (codePoint >= 0x2160 && codePoint <= 0x216F)
        || (codePoint >= 0x24B6 && codePoint <= 0x24CF);
}

bool isLower(char32_t codePoint)
{
    return categoryOf(codePoint) == UTF8PROC_CATEGORY_LL || codePoint == 0xAA || codePoint == 0xBA
        || (codePoint >= 0x2170 && codePoint <= 0x217F)
        || (codePoint >= 0x24D0 && codePoint <= 0x24E9)
        || (codePoint >= 0x2B0 && codePoint <= 0x2B8);
}

bool isCased(char32_t codePoint)
{
    return isUpper(codePoint) || isLower(codePoint)
        || categoryOf(codePoint) == UTF8PROC_CATEGORY_LT;
}

bool isLetter(char32_t codePoint)
{
    const utf8proc_category_t category = categoryOf(codePoint);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool isDecimal(char32_t codePoint)
{
    return categoryOf(codePoint) == UTF8PROC_CATEGORY_ND;
}

bool isDigit(char32_t codePoint)
{
    return isDecimal(codePoint) || codePoint == 0xB2 || codePoint == 0xB3 || codePoint == 0xB9
        || codePoint == 0x2070 || (codePoint >= 0x2074 && codePoint <= 0x2079)
        || (codePoint >= 0x2080 && codePoint <= 0x2089)
        || (codePoint >= 0x2460 && codePoint <= 0x2468);
}

std::size_t characterCount(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !isContinuation(c); }));
}

std::vector<std::string> charactersOf(std::string_view text)
{
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t width = utf8Width(text[at]);
        out.emplace_back(text.substr(at, width));
        at += width;
    }
    return out;
}

std::u32string codePointsOf(std::string_view text)
{
    std::u32string out;
    for (std::size_t at = 0; at < text.size();) {
        out += nextCodePoint(text, at);
    }
    return out;
}

std::string fromCodePoints(std::u32string_view codePoints)
{
    std::string out;
    for (const char32_t c : codePoints) {
        appendUtf8(out, c);
    }
    return out;
}

std::string_view stripped(std::string_view text, bool left, bool right,
                          const std::string* characters)
{
    const std::u32string set = characters != nullptr ? codePointsOf(*characters) : std::u32string();
    const auto goes = [&](char32_t c) {
        return characters != nullptr ? set.find(c) != std::u32string::npos : isPythonSpace(c);
    };
    return strippedOf(text, left, right, goes);
}

std::string upperText(std::string_view text)
{
    std::u32string out;
    for (const char32_t c : codePointsOf(text)) {
        appendUpper(out, c, false);
    }
    return fromCodePoints(out);
}

std::string lowerText(std::string_view text)
{
    const std::u32string in = codePointsOf(text);
    std::u32string out;
    for (std::size_t i = 0; i < in.size(); ++i) {
        appendLower(out, in, i);
    }
    return fromCodePoints(out);
}

std::string titleText(std::string_view text)
{
    const std::u32string in = codePointsOf(text);
    std::u32string out;
    bool inWord = false;
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (inWord) {
            appendLower(out, in, i);
        } else {
            appendUpper(out, in[i], true);
        }
        inWord = isCased(in[i]);
    }
    return fromCodePoints(out);
}

std::string capitalizedText(std::string_view text)
{
    const std::u32string in = codePointsOf(text);
    std::u32string out;
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (i == 0) {
            appendUpper(out, in[i], true);
        } else {
            appendLower(out, in, i);
        }
    }
    return fromCodePoints(out);
}

std::string swappedCaseText(std::string_view text)
{
    const std::u32string in = codePointsOf(text);
    std::u32string out;
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (isUpper(in[i])) {
            appendLower(out, in, i);
        } else if (isLower(in[i])) {
            appendUpper(out, in[i], false);
        } else {
            out += in[i];
        }
    }
    return fromCodePoints(out);
}

std::string foldedText(std::string_view text)
{
    std::string out;
    utf8proc_uint8_t* folded = nullptr;
    const auto size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                     static_cast<utf8proc_ssize_t>(text.size()), &folded, UTF8PROC_CASEFOLD);
    if (size >= 0) {
        out.assign(reinterpret_cast<const char*>(folded), static_cast<std::size_t>(size));
        std::free(folded); // utf8proc allocates with malloc
    }
    return out;
}

std::vector<std::string> splitAtSpace(std::string_view text, long long most, bool fromRight)
{
    std::vector<std::string> out;
    text = stripped(text, !fromRight || most < 0, fromRight || most < 0);
    while (!text.empty()) {
        if (most >= 0 && static_cast<long long>(out.size()) >= most) {
            out.emplace_back(stripped(text, !fromRight, fromRight)); // the rest, its outer end kept
            break;
        }
        std::size_t cut = fromRight ? 0 : text.size();
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t begin = at;
            if (isPythonSpace(nextCodePoint(text, at))) {
                cut = fromRight ? at : begin;
                if (!fromRight) {
                    break;
                }
            }
        }
        out.emplace_back(fromRight ? text.substr(cut) : text.substr(0, cut));
        text = stripped(fromRight ? text.substr(0, cut) : text.substr(cut), !fromRight, fromRight);
    }
    if (fromRight) {
        std::reverse(out.begin(), out.end());
    }
    return out;
}

std::vector<std::string> splitAt(std::string_view text, std::string_view separator, long long most,
                                 bool fromRight)
{
    std::vector<std::string> out;
    while (most < 0 || static_cast<long long>(out.size()) < most) {
        const std::size_t at = fromRight ? text.rfind(separator) : text.find(separator);
        if (at == std::string_view::npos) {
            break;
        }
        const std::size_t behind = at + separator.size();
        out.emplace_back(fromRight ? text.substr(behind) : text.substr(0, at));
        text = fromRight ? text.substr(0, at) : text.substr(behind);
    }
    out.emplace_back(text);
    if (fromRight) {
        std::reverse(out.begin(), out.end());
    }
    return out;
}

std::vector<std::string> linesOf(std::string_view text, bool keepEnds)
{
    std::vector<std::string> out;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t here = at;
        const char32_t c = nextCodePoint(text, at);
        if (!isLineEnd(c)) {
            continue;
        }
        if (c == '\r' && at < text.size() && text[at] == '\n') {
            ++at;
        }
        out.emplace_back(text.substr(begin, (keepEnds ? at : here) - begin));
        begin = at;
    }
    if (begin < text.size()) {
        out.emplace_back(text.substr(begin));
    }
    return out;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to,
                     long long most, std::size_t limitBytes)
{
    std::string out;
    long long done = 0;
    std::size_t at = 0;
    const auto mayGoOn = [&] { return most < 0 || done < most; };
    while (mayGoOn()) {
        if (out.size() > limitBytes) {
            fail(fmt::format("the template makes a text of more than {} bytes", limitBytes));
        }
        if (from.empty()) { // before every character, and at the end
            out += to;
            ++done;
            if (at >= text.size()) {
                return out;
            }
            const std::size_t width = utf8Width(text[at]);
            out += text.substr(at, width);
            at += width;
            continue;
        }
        const std::size_t found = text.find(from, at);
        if (found == std::string_view::npos) {
            break;
        }
        out += text.substr(at, found - at);
        out += to;
        at = found + from.size();
        ++done;
    }
    out += text.substr(std::min(at, text.size()));
    return out;
}

std::string escapedHtml(std::string_view text)
{
    std::string out;
    for (const char c : text) {
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
        case '\'':
            out += "&#39;";
            break;
        case '"':
            out += "&#34;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

} // namespace pissarro::core::inline prompt::jinja

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/utf8.h"

#include <utf8proc.h>

namespace pissarro::core {
namespace {

// What stands at the head of `text`: `width` bytes, either a character or an ill-formed maximal
// subpart.
struct Unit {
    std::size_t width = 1;
    bool valid = false;
};

Unit unitAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned lead = byte(at);
    if (lead < 0x80) {
        return {1, true};
    }
    const std::size_t width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) {
        return {1, false};
    }
    // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (std::size_t i = 1; i < width; ++i) {
        const unsigned b = byte(at + i);
        if (at + i >= text.size() || b < (i == 1 ? low : 0x80) || b > (i == 1 ? high : 0xBF)) {
            return {i, false};
        }
    }
    return {width, true};
}

utf8proc_category_t categoryOf(char32_t codePoint)
{
    return utf8proc_category(static_cast<utf8proc_int32_t>(codePoint));
}

} // namespace

bool isValidUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const Unit unit = unitAt(text, at);
        if (!unit.valid) {
            return false;
        }
        at += unit.width;
    }
    return true;
}

std::string replaceInvalidUtf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Unit unit = unitAt(text, at);
        out.append(unit.valid ? text.substr(at, unit.width) : std::string_view("\xEF\xBF\xBD"));
        at += unit.width;
    }
    return out;
}

std::size_t utf8Width(char lead)
{
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

char32_t nextCodePoint(std::string_view text, std::size_t& at)
{
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t width = utf8Width(text[at]);
    char32_t codePoint = width == 1 ? lead : lead & (0xFFU >> (width + 1));
    for (std::size_t i = 1; i < width && at + i < text.size(); ++i) {
        codePoint = (codePoint << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    }
    at += width;
    return codePoint;
}

char32_t lastCodePoint(std::string_view text)
{
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80) {
        --at;
    }
    return nextCodePoint(text, at);
}

void appendUtf8(std::string& text, char32_t codePoint)
{
    const auto put = [&](char32_t bits) { text.push_back(static_cast<char>(bits)); };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xC0 | (codePoint >> 6));
        put(0x80 | (codePoint & 0x3F));
    } else if (codePoint < 0x10000) {
        put(0xE0 | (codePoint >> 12));
        put(0x80 | ((codePoint >> 6) & 0x3F));
        put(0x80 | (codePoint & 0x3F));
    } else {
        put(0xF0 | (codePoint >> 18));
        put(0x80 | ((codePoint >> 12) & 0x3F));
        put(0x80 | ((codePoint >> 6) & 0x3F));
        put(0x80 | (codePoint & 0x3F));
    }
}

bool isWhitespace(char32_t codePoint)
{
    if (codePoint < 0x80) {
        return codePoint == ' ' || (codePoint >= '\t' && codePoint <= '\r');
    }
    const utf8proc_category_t category = categoryOf(codePoint);
    return codePoint == 0x85 || category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL
        || category == UTF8PROC_CATEGORY_ZP;
}

bool isNumeric(char32_t codePoint)
{
    if (codePoint < 0x80) {
        return codePoint >= '0' && codePoint <= '9';
    }
    const utf8proc_category_t category = categoryOf(codePoint);
    return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL
        || category == UTF8PROC_CATEGORY_NO;
}

int decimalDigit(char32_t codePoint)
{
    if (codePoint < 0x80) {
        return codePoint >= '0' && codePoint <= '9' ? static_cast<int>(codePoint - '0') : -1;
    }
    // Digits of a script stand one after the other from its zero on, and scripts side by side are whole tens.
    char32_t zero = codePoint;
    while (categoryOf(zero) == UTF8PROC_CATEGORY_ND) {
        --zero;
    }
    return zero == codePoint ? -1 : static_cast<int>((codePoint - zero - 1) % 10);
}

bool isPunctuation(char32_t codePoint)
{
    if (codePoint < 0x80) {
        return (codePoint >= 33 && codePoint <= 47) || (codePoint >= 58 && codePoint <= 64)
            || (codePoint >= 91 && codePoint <= 96) || (codePoint >= 123 && codePoint <= 126);
    }
    const utf8proc_category_t category = categoryOf(codePoint);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool isWordCharacter(char32_t codePoint)
{
    const utf8proc_category_t category = categoryOf(codePoint);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL)
        || category == UTF8PROC_CATEGORY_PC || codePoint == 0x200C || codePoint == 0x200D;
}

const std::array<std::string, 256>& byteAlphabet()
{
    static const std::array<std::string, 256> alphabet = [] {
        std::array<std::string, 256> table;
        char32_t next = 256;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const bool visible =
                (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
            appendUtf8(table.at(byte), visible ? byte : next++);
        }
        return table;
    }();
    return alphabet;
}

int byteOfCharacter(char32_t codePoint)
{
    // The alphabet ends at U+0143: 68 bytes are written as U+0100 and up.
    static const std::array<int, 324> table = [] {
        std::array<int, 324> bytes;
        bytes.fill(-1);
        for (unsigned byte = 0; byte < 256; ++byte) {
            std::size_t at = 0;
            bytes.at(nextCodePoint(byteAlphabet().at(byte), at)) = static_cast<int>(byte);
        }
        return bytes;
    }();
    return codePoint < table.size() ? table.at(codePoint) : -1;
}

std::string bytePiece(unsigned byte)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    return {'<', '0', 'x', kDigits[(byte >> 4) & 15U], kDigits[byte & 15U], '>'};
}

int byteOfPiece(std::string_view piece)
{
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') {
        return -1;
    }
    int value = 0;
    for (const char c : piece.substr(3, 2)) {
        const int digit = c >= '0' && c <= '9' ? c - '0'
            : c >= 'A' && c <= 'F'             ? c - 'A' + 10
            : c >= 'a' && c <= 'f'             ? c - 'a' + 10
                                               : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

} // namespace pissarro::core

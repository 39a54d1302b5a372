// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/utf8.h"

#include <algorithm>
#include <utf8proc.h>

namespace pissarro::core::inline text {
namespace {

// Whether some character begins with these bytes, at most three. What may follow them is a range that reaches to one end of
// 80..BF at least.
bool beginsCharacter(std::string_view head)
{
    for (const char rest : {'\x80', '\xBF'}) {
        std::string whole(head);
        whole.resize(4, rest);
        if (characterAt(whole).width > head.size()) {
            return true;
        }
    }
    return false;
}

// Bytes of the ill-formed maximal subpart at `at`.
std::size_t illFormedWidth(std::string_view text, std::size_t at)
{
    std::size_t width = 1;
    while (width < 3 && at + width < text.size() && beginsCharacter(text.substr(at, width + 1))) {
        ++width;
    }
    return width;
}

utf8proc_category_t categoryOf(char32_t codePoint)
{
    return utf8proc_category(static_cast<utf8proc_int32_t>(codePoint));
}

} // namespace

Utf8Character characterAt(std::string_view text, std::size_t at)
{
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) { // most of them
        return {lead, 1};
    }
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t width =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                         static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    return width <= 0
        ? Utf8Character {}
        : Utf8Character {static_cast<char32_t>(code), static_cast<std::size_t>(width)};
}

bool isValidUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t width = characterAt(text, at).width;
        if (width == 0) {
            return false;
        }
        at += width;
    }
    return true;
}

std::string replaceInvalidUtf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t width = characterAt(text, at).width;
        out.append(width > 0 ? text.substr(at, width) : std::string_view("\xEF\xBF\xBD"));
        at += width > 0 ? width : illFormedWidth(text, at);
    }
    return out;
}

std::size_t wholeCharacters(std::string_view text)
{
    std::size_t last = text.size();
    while (last > 0 && text.size() - last < 4) {
        --last;
        if (!isContinuation(text[last])) {
            return utf8Width(text[last]) > text.size() - last ? last : text.size();
        }
    }
    return text.size();
}

std::size_t utf8Width(char lead)
{
    const auto byte = static_cast<unsigned char>(lead);
    return std::max<std::size_t>(1, static_cast<std::size_t>(utf8proc_utf8class[byte]));
}

char32_t nextCodePoint(std::string_view text, std::size_t& at)
{
    const Utf8Character next = characterAt(text, at);
    at += std::max<std::size_t>(1, next.width);
    return next.width > 0 ? next.code : U'\uFFFD';
}

char32_t lastCodePoint(std::string_view text)
{
    std::size_t at = text.size() - 1;
    while (at > 0 && isContinuation(text[at])) {
        --at;
    }
    return nextCodePoint(text, at);
}

void appendUtf8(std::string& text, char32_t codePoint)
{
    utf8proc_uint8_t bytes[4] = {};
    const auto width = utf8proc_encode_char(static_cast<utf8proc_int32_t>(codePoint), bytes);
    text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(width));
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

bool isPythonSpace(char32_t codePoint)
{
    return isWhitespace(codePoint) || (codePoint >= 0x1C && codePoint <= 0x1F);
}

std::string_view strippedText(std::string_view text)
{
    return strippedOf(text, true, true, isPythonSpace);
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

} // namespace pissarro::core::inline text

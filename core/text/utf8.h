// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pissarro::core::inline text {

// Decoding and encoding is utf8proc's, here and nowhere else. Well-formed is what RFC 3629 says: no overlong form, no
// surrogate, nothing above U+10FFFF.

struct Utf8Character {
    char32_t code = 0;
    std::size_t width = 0; // in bytes; 0: what stands there is not UTF-8
};
Utf8Character characterAt(std::string_view text, std::size_t at = 0); // Requires: at < text.size()

bool isValidUtf8(std::string_view text);

// The text with every ill-formed part replaced by U+FFFD, one for each maximal subpart, as Python
// and Rust do.
std::string replaceInvalidUtf8(std::string_view text);

// How many leading bytes are left without a character that is cut at the end. Requires: valid UTF-8 but for that one.
std::size_t wholeCharacters(std::string_view text);

// A byte that goes on with a character and begins none.
constexpr bool isContinuation(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Bytes of the character that starts with `lead`. Requires: `lead` starts a character of valid
// UTF-8.
std::size_t utf8Width(char lead);

// The character at `at`, which moves behind it. Requires: valid UTF-8, at < text.size().
char32_t nextCodePoint(std::string_view text, std::size_t& at);
char32_t lastCodePoint(std::string_view text); // Requires: valid UTF-8, not empty
void appendUtf8(std::string& text, char32_t codePoint);

bool isWhitespace(char32_t codePoint); // Unicode White_Space
bool isPythonSpace(char32_t codePoint); // str.isspace(): White_Space and four separators of ASCII
bool isNumeric(char32_t codePoint); // general category N, as Rust's char::is_numeric
int decimalDigit(char32_t codePoint); // 0 to 9 of any script, as Python's \d and int(); -1: none
bool isPunctuation(char32_t codePoint); // ASCII punctuation or general category P
bool isWordCharacter(char32_t codePoint); // \w of Unicode regular expressions

// Without what `goes` (of a char32_t) at its ends, as Python's str.strip, lstrip and rstrip. Requires: valid UTF-8.
template <class Goes>
std::string_view strippedOf(std::string_view text, bool left, bool right, const Goes& goes)
{
    while (left && !text.empty()) {
        std::size_t at = 0;
        if (!goes(nextCodePoint(text, at))) {
            break;
        }
        text.remove_prefix(at);
    }
    while (right && !text.empty() && goes(lastCodePoint(text))) {
        std::size_t last = text.size() - 1;
        while (last > 0 && isContinuation(text[last])) {
            --last;
        }
        text = text.substr(0, last);
    }
    return text;
}
std::string_view strippedText(std::string_view text); // str.strip()

// GPT-2's alphabet: every byte is written as one visible character ("Ġ" for a space).
const std::array<std::string, 256>& byteAlphabet();
int byteOfCharacter(char32_t codePoint); // -1: not a character of the alphabet

// "<0x0A>" and back; -1 when `piece` is none.
std::string bytePiece(unsigned byte);
int byteOfPiece(std::string_view piece);

} // namespace pissarro::core::inline text

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pissarro::core {

bool isValidUtf8(std::string_view text);

// The text with every ill-formed part replaced by U+FFFD, one for each maximal subpart, as Python
// and Rust do.
std::string replaceInvalidUtf8(std::string_view text);

// Bytes of the character that starts with `lead`. Requires: `lead` starts a character of valid
// UTF-8.
std::size_t utf8Width(char lead);

// The character at `at`, which moves behind it. Requires: valid UTF-8, at < text.size().
char32_t nextCodePoint(std::string_view text, std::size_t& at);
char32_t lastCodePoint(std::string_view text); // Requires: valid UTF-8, not empty
void appendUtf8(std::string& text, char32_t codePoint);

bool isWhitespace(char32_t codePoint); // Unicode White_Space
bool isNumeric(char32_t codePoint); // general category N, as Rust's char::is_numeric
int decimalDigit(char32_t codePoint); // 0 to 9 of any script, as Python's \d and int(); -1: none
bool isPunctuation(char32_t codePoint); // ASCII punctuation or general category P
bool isWordCharacter(char32_t codePoint); // \w of Unicode regular expressions

// GPT-2's alphabet: every byte is written as one visible character ("Ġ" for a space).
const std::array<std::string, 256>& byteAlphabet();
int byteOfCharacter(char32_t codePoint); // -1: not a character of the alphabet

// "<0x0A>" and back; -1 when `piece` is none.
std::string bytePiece(unsigned byte);
int byteOfPiece(std::string_view piece);

} // namespace pissarro::core

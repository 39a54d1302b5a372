// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline prompt::jinja {

// Python's str on UTF-8: what counts as space, case, characters. Positions are characters, not bytes.

bool isPrintable(char32_t codePoint); // repr writes it as it is
bool isCased(char32_t codePoint);
bool isUpper(char32_t codePoint);
bool isLower(char32_t codePoint);
bool isLetter(char32_t codePoint); // str.isalpha
bool isDecimal(char32_t codePoint);
bool isDigit(char32_t codePoint); // decimal, superscript and the like

std::size_t characterCount(std::string_view text);
std::vector<std::string> charactersOf(std::string_view text);
std::u32string codePointsOf(std::string_view text);
std::string fromCodePoints(std::u32string_view codePoints);

// `characters`: those to take away; absent (nullptr): white space.
std::string_view stripped(std::string_view text, bool left, bool right,
                          const std::string* characters = nullptr);

std::string upperText(std::string_view text);
std::string lowerText(std::string_view text);
std::string titleText(std::string_view text);
std::string capitalizedText(std::string_view text);
std::string swappedCaseText(std::string_view text);
std::string foldedText(std::string_view text); // str.casefold

std::vector<std::string> splitAtSpace(std::string_view text, long long most, bool fromRight);
std::vector<std::string> splitAt(std::string_view text, std::string_view separator, long long most,
                                 bool fromRight);
std::vector<std::string> linesOf(std::string_view text, bool keepEnds);
std::string replaced(std::string_view text, std::string_view from, std::string_view to,
                     long long most, std::size_t limitBytes);
std::string escapedHtml(std::string_view text);

} // namespace pissarro::core::inline prompt::jinja

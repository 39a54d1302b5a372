// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::core::inline tokenizer {

// Sets of characters as Hugging Face's tokenizers has them: its tables stand still at an older Unicode than utf8proc's, so
// that younger characters are none of these. Found by asking it about every character.

bool isBertControl(char32_t codePoint); // what clean_text drops; line feed, tab and return are none
bool isBertAccent(char32_t codePoint); // nonspacing marks of Unicode 8, which strip_accents drops
bool isBertIdeograph(char32_t codePoint); // what handle_chinese_chars sets apart
bool isCombiningMark(char32_t codePoint); // what StripAccents drops: marks of Unicode 9
bool isOldPunctuation(
    char32_t codePoint); // of Punctuation and BertPreTokenizer: ASCII's and Unicode 8's

} // namespace pissarro::core::inline tokenizer

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tokenizer {

// SentencePiece's map from characters to what they are written as: the size of a double array, the array (Darts-clone), and
// the replacements, each with a zero behind it. Nothing in it is believed: whatever a text can lead to is looked at once.
// Threads: immutable, any number at once.
class Charsmap {
public:
    // Throws: Error{Format} naming the field of tokenizer.json, when the array or what it points to is out of bounds.
    explicit Charsmap(std::string blob);
    Charsmap(const Charsmap&) = delete;
    Charsmap& operator=(const Charsmap&) = delete;

    // What the shortest prefix of `chunk` that has a replacement is replaced by, for the whole of `chunk`, as Hugging
    // Face's crate does; nullopt: none has.
    std::optional<std::string_view> replacementOf(std::string_view chunk) const;
    // By such replacements: a grapheme as a whole where it is short, else its characters.
    std::string normalized(const std::string& text) const;

    struct Prefix {
        std::string_view text; // what it is written as
        std::size_t width = 0; // of the text that it stands for
    };
    // The longest prefix that has a replacement, as the sentencepiece library does; else one character as it is.
    // Requires: valid UTF-8, not empty.
    Prefix longestPrefix(std::string_view text) const;

private:
    struct Hit {
        std::size_t width = 0;
        std::size_t place = 0; // of the replacement
    };
    std::uint32_t unitAt(std::size_t index) const;
    void readUnits(std::size_t size);
    void checkReachable() const;
    void checkChildren(std::size_t node, std::vector<std::size_t>& reached) const;
    std::optional<Hit> hitIn(std::string_view chunk, bool longest) const;
    std::string_view replacementAt(std::size_t place) const;
    void appendGrapheme(std::string_view grapheme, std::string& out) const;

    std::string m_blob;
    std::vector<std::uint32_t> m_units;
    std::string_view m_replacements; // lies in m_blob
    std::array<std::optional<std::string_view>, 128> m_ascii {};
    std::array<bool, 128> m_asciiGoesOn {}; // two ASCII characters have a replacement of their own
};

} // namespace pissarro::core::inline tokenizer

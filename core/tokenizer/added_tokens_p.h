// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/text_stages_p.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pissarro::core::inline tokenizer {

// A token that is found in the text itself, before the model sees it. Fields as in tokenizer.json.
struct AddedToken {
    std::int32_t id = -1;
    std::string content;
    bool singleWord = false; // only where no word character touches it
    bool leftStrip = false; // takes the white space before it
    bool rightStrip = false; // takes the white space behind it
    bool normalized = false; // is looked for in the normalised text
    bool special = false;
};

// Finds added tokens: leftmost first, of those the longest, as Hugging Face's Aho-Corasick
// automaton does. Cost: one table look-up a byte where no token begins.
class AddedTokenFinder {
public:
    // A stretch of text: a token's id, or -1 for text between tokens.
    struct Part {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::int32_t id = -1;
    };

    void add(const AddedToken& token, const std::string& content);
    std::vector<Part> split(std::string_view text) const; // no part is empty

private:
    const AddedToken* longestAt(std::string_view text, std::size_t at, std::size_t& end) const;

    std::vector<AddedToken> m_tokens;
    std::array<bool, 256> m_starts {};
    std::unordered_map<std::uint64_t, std::uint32_t>
        m_children; // trie: (node, byte) to node; 0 is the root
    std::vector<std::int32_t> m_tokenAt {-1}; // by node: index into m_tokens
};

} // namespace pissarro::core::inline tokenizer

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/piece_trie_p.h"
#include "core/tokenizer/token_model_p.h"

#include <string>

namespace pissarro::core::inline tokenizer {

// WordPiece: from left to right the longest piece that fits; pieces inside a word are written with a prefix ("##").
// Source: Wu et al. 2016 (arXiv:1609.08144), as BERT cuts.
class WordPieceModel final : public TokenModel {
public:
    struct Options {
        std::string prefix = "##";
        std::size_t maxCharacters = 100; // a longer word is unknown
        std::int32_t unknownId = 0; // Requires: an id of the vocabulary
    };

    WordPieceModel(const Vocabulary& vocabulary, const Options& options);
    void encode(std::string_view word, std::vector<std::int32_t>& out) const override;

private:
    bool cut(std::string_view word, std::vector<std::int32_t>& out) const;

    Options m_options;
    PieceTrie m_first;
    PieceTrie m_inner;
    WordCache m_cache;
};

// Every word is a token or unknown.
class WordLevelModel final : public TokenModel {
public:
    WordLevelModel(const Vocabulary& vocabulary, std::int32_t unknownId)
        : m_vocabulary(vocabulary)
        , m_unknownId(unknownId)
    {
    }
    // Throws: Error{Format} for an unknown word, where the vocabulary has nothing to say so (unknownId -1).
    void encode(std::string_view word, std::vector<std::int32_t>& out) const override;

private:
    const Vocabulary& m_vocabulary;
    std::int32_t m_unknownId;
};

} // namespace pissarro::core::inline tokenizer

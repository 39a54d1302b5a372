// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/charsmap_p.h"
#include "core/tokenizer/piece_trie_p.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tokenizer {

// What the sentencepiece library knows of its model but does not tell: read from the message itself.
struct SentencePieceParts {
    struct Piece {
        std::string text;
        float score = 0;
        int type = 1; // 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte
    };
    std::vector<Piece> pieces; // by id
    std::string charsmap;
    bool isUnigram = true;
    bool isBpe = false;
    bool dummyPrefix = true;
    bool removesExtraSpace = true;
    bool escapesSpace = true;
    bool spaceBehind = false; // "▁" ends a word instead of beginning one
    bool byteFallback = false;

    // Requires nothing of `model`: what is no message has no parts.
    explicit SentencePieceParts(std::string_view model);
};

// A unigram model of SentencePiece's own kind, id for id as version 0.2.3 of the library has it: older ones, and those that systems
// ship, take another of two ways that score the same.
// Source: Kudo & Richardson 2018 (arXiv:1808.06226). Threads: immutable, any number at once.
class SentencePieceUnigram {
public:
    // Can the model be read so? Others are the library's.
    static bool reads(const SentencePieceParts& parts);
    // Requires: reads(parts). Throws: Error{Format} for a map of characters that is damaged.
    explicit SentencePieceUnigram(SentencePieceParts parts);

    // Requires: valid UTF-8.
    void encode(std::string_view text, std::vector<std::int32_t>& out) const;
    std::string normalized(std::string_view text) const;

private:
    struct Step;
    Charsmap::Prefix prefixOf(std::string_view text) const;
    std::vector<Step> bestSteps(std::string_view text) const;
    void append(std::string_view piece, std::int32_t id, bool afterUnknown,
                std::vector<std::int32_t>& out) const;

    SentencePieceParts m_parts;
    std::unique_ptr<const Charsmap> m_charsmap; // null: characters stay
    PieceTrie m_pieces;
    PieceTrie m_symbols; // user-defined: no normalisation touches them
    bool m_hasSymbols = false;
    std::array<std::int32_t, 256> m_byteIds {};
    std::int32_t m_unknownId = -1;
    float m_unknownScore = 0;
    float m_bestScore = 0;
};

} // namespace pissarro::core::inline tokenizer

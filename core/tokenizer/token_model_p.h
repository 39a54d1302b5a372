// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/piece_trie_p.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pissarro::core::inline tokenizer {

// A vocabulary: piece of each id, and the way back. Ids without a piece hold an empty string.
class Vocabulary {
public:
    Vocabulary() = default;
    // Throws: Error{Format} when two ids share a piece.
    explicit Vocabulary(std::vector<std::string> pieces);
    Vocabulary(Vocabulary&&) = default;
    Vocabulary& operator=(Vocabulary&&) = default;

    std::int32_t find(std::string_view piece) const; // -1: none
    std::int32_t size() const { return static_cast<std::int32_t>(m_pieces.size()); }
    const std::string& piece(std::int32_t id) const
    {
        return m_pieces[static_cast<std::size_t>(id)];
    }
    const std::vector<std::string>& pieces() const { return m_pieces; }
    // Throws: Error{Format} when the piece is there already under another id.
    void set(std::int32_t id, const std::string& piece);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view>()(text);
        }
    };
    std::vector<std::string> m_pieces;
    std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> m_ids;
};

// Ids of one word: what the pre-tokenizer cut off.
// Threads: immutable but for caches that guard themselves.
class TokenModel {
public:
    virtual ~TokenModel() = default;
    virtual void encode(std::string_view word, std::vector<std::int32_t>& out) const = 0;
};

// Two neighbours and what they become. A lower rank goes first; of equal ranks the leftmost.
struct Merge {
    std::int32_t left = 0;
    std::int32_t right = 0;
    std::int32_t result = 0;
    std::int32_t rank = 0;
};

// Merges by the pair of ids, in one flat table: three of these look-ups are the inner loop of BPE.
class MergeTable {
public:
    struct Entry {
        std::uint64_t key = kFree;
        std::int32_t result = 0;
        std::int32_t rank = 0;
    };

    explicit MergeTable(const std::vector<Merge>& merges); // of equal pairs the last counts
    const Entry* find(std::int32_t left, std::int32_t right) const;

private:
    static constexpr std::uint64_t kFree = ~std::uint64_t {0};
    std::size_t slotOf(std::uint64_t key) const;
    std::vector<Entry> m_entries; // a power of two
    int m_shift = 0;
};

// Words seen before and their ids. Bounded: a full shard is emptied.
// Threads: any number at once.
class WordCache {
public:
    bool lookUp(std::string_view word, std::vector<std::int32_t>& out) const;
    void store(std::string_view word, const std::int32_t* ids, std::size_t count) const;

private:
    static constexpr std::size_t kShards = 16;
    static constexpr std::size_t kWordsPerShard = 2048;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view>()(text);
        }
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::string, std::vector<std::int32_t>, Hash, std::equal_to<>>
            words; // guarded by mutex
    };
    Shard& shardOf(std::string_view word) const;
    mutable std::array<Shard, kShards> m_shards;
};

// Byte-pair encoding, over bytes (GPT-2) or over characters with byte fallback (SentencePiece).
// Source: Sennrich, Haddow & Birch 2016 (arXiv:1508.07909); order of merges as Hugging Face
// tokenizers has it. Cost:   O(n log n) look-ups for a word of n characters; short words scan
// instead of keeping a heap.
class BpeModel final : public TokenModel {
public:
    struct Options {
        bool byteLevel =
            false; // words are raw bytes; the vocabulary is written in GPT-2's alphabet
        bool byteFallback = false; // a character without a piece becomes its bytes' pieces "<0x..>"
        bool fuseUnknown = false; // unknown neighbours become one
        bool ignoreMerges = false; // a word that is a piece is taken whole
        std::int32_t unknownId = -1; // -1: unknown characters vanish
    };

    BpeModel(const Vocabulary& vocabulary, const std::vector<Merge>& merges,
             const Options& options);
    void encode(std::string_view word, std::vector<std::int32_t>& out) const override;

private:
    void firstIds(std::string_view word, std::vector<std::int32_t>& ids) const;
    std::int32_t idOfCharacter(std::string_view character) const;
    std::int32_t wholeWord(std::string_view word) const;
    void mergeShort(std::vector<std::int32_t>& ids) const;
    void mergeLong(std::vector<std::int32_t>& ids) const;

    const Vocabulary& m_vocabulary;
    MergeTable m_merges;
    Options m_options;
    std::array<std::int32_t, 256>
        m_byteIds {}; // byte level: of each byte; else of each byte's piece; -1: none
    std::array<std::int32_t, 128> m_asciiIds {};
    bool m_hasAllBytes = false;
    WordCache m_cache;
};

// Unigram language model: the segmentation with the highest sum of log-probabilities (Viterbi).
// Source: Kudo 2018 (arXiv:1804.10959); unknown characters cost the lowest score minus 10, as
// SentencePiece has it.
class UnigramModel final : public TokenModel {
public:
    // Throws: Error{Format} unless there is a score for each piece.
    UnigramModel(const Vocabulary& vocabulary, std::vector<double> scores, std::int32_t unknownId,
                 bool byteFallback);
    void encode(std::string_view word, std::vector<std::int32_t>& out) const override;

private:
    struct Step;
    std::vector<Step> bestSteps(std::string_view word) const;
    void segment(std::string_view word, std::vector<std::int32_t>& out) const;
    void append(std::string_view part, std::vector<std::int32_t>& out) const;

    const Vocabulary& m_vocabulary;
    std::vector<double> m_scores;
    std::int32_t m_unknownId = -1;
    bool m_byteFallback = false;
    double m_unknownScore = 0;
    PieceTrie m_pieces;
    WordCache m_cache;
};

} // namespace pissarro::core::inline tokenizer

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tokenizer {

// The stages around a tokenizer's model, each made from its object in tokenizer.json (null: nothing
// to do). All take and give valid UTF-8. Threads: immutable, any number at once.

// Rewrites the text before it is cut: NFC NFD NFKC NFKD Nmt Lowercase Prepend Replace Strip
// StripAccents BertNormalizer Precompiled Sequence.
using Normalizer = std::function<std::string(std::string)>;
// Throws: Error{Format} for a type that is not known or a field that is wrong. Empty: no
// normalizer.
Normalizer makeNormalizer(const nlohmann::json& component);
Normalizer makeBertNormalizer(const nlohmann::json& component); // BertNormalizer alone
Normalizer makeCharsmapNormalizer(const nlohmann::json& component); // Precompiled alone

// A text and where it is cut.
struct CutText {
    struct Span {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    std::string text;
    std::vector<Span> spans; // in order, none empty
    bool atStart = true; // the text begins where the whole input begins

    std::string_view piece(const Span& span) const
    {
        return std::string_view(text).substr(span.begin, span.end - span.begin);
    }
};

// Cuts a text into words: ByteLevel Split Digits Punctuation Whitespace WhitespaceSplit CharDelimiterSplit
// BertPreTokenizer Metaspace Sequence.
using PreTokenizer = std::function<void(CutText&)>;

struct PreTokenizerParts {
    PreTokenizer cut; // empty: the whole text is one word
    bool byteLevel = false; // ends with ByteLevel: the model takes the words' raw bytes
};

PreTokenizerParts makePreTokenizer(const nlohmann::json& component);

// Joins pieces to text, what tokenizer.json calls a decoder: ByteLevel WordPiece Replace ByteFallback Fuse Strip Metaspace
// Sequence.
using PieceJoiner = std::function<void(std::vector<std::string>&)>;
PieceJoiner makePieceJoiner(const nlohmann::json& component);
PieceJoiner makeWordPieceJoiner(const nlohmann::json& component); // WordPiece alone

// A pattern as Split and Replace have it: {"String": …} or {"Regex": …}.
using Finder = std::function<void(std::string_view text,
                                  const std::function<void(std::size_t, std::size_t)>& found)>;
Finder makeFinder(const nlohmann::json& component, const char* where);

// `where` as in checkGrowth(), which holds for what it returns.
std::string replaceAll(std::string_view text, const Finder& finder, std::string_view content,
                       const char* where);

// Steps that each double a text would fill the memory after thirty of them.
// Throws: Error{Format} when a stage makes a text of `before` bytes into `after`, far more than any normalisation needs.
void checkGrowth(std::size_t before, std::size_t after, const char* where);

} // namespace pissarro::core::inline tokenizer

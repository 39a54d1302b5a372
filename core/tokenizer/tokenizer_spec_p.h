// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/added_tokens_p.h"
#include "core/tokenizer/token_model_p.h"
#include "core/tokenizer/tokenizer.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline tokenizer {

constexpr std::int64_t kTokenIdLimit = 4'000'000; // above it an id is a lie, not a vocabulary

// What tokenizer_config.json and its neighbours say beside the tokenizer itself.
struct TokenizerSettings {
    std::string bosToken; // empty: none
    std::string eosToken;
    std::string padToken;
    std::string unkToken;
    std::int32_t bosId = -1; // of config.json, where no file names the token
    std::int32_t eosId = -1;
    std::int32_t padId = -1;
    std::optional<bool> addBos; // of a tokenizer.model; tokenizer.json has its post_processor
    std::optional<bool> addEos;
    bool legacy =
        true; // LLaMA: a space is put before each stretch of text, not only before the first
    std::vector<AddedToken> added; // added_tokens_decoder, or added_tokens.json
    bool listsAdded = false; // added_tokens_decoder is there: it names every one
    std::vector<std::pair<std::string, std::string>>
        otherTokens; // sep_token, cls_token, mask_token
    std::string chatTemplate;
};

// Every token that has a name, as chat templates are given them.
std::vector<std::pair<std::string, std::string>> namedTokens(const TokenizerSettings& settings);

// Reads tokenizer_config.json, special_tokens_map.json, chat_template.jinja and config.json's ids
// in a folder, as far as they are there. Throws: Error{Format} naming the file.
TokenizerSettings readTokenizerSettings(const std::filesystem::path& directory);

// A tokenizer of Hugging Face's kind in parts, wherever it was read: all that PipelineTokenizer
// needs.
struct TokenizerSpec {
    enum class Model { Bpe, SentencePieceBpe, Unigram };
    std::string file; // named in errors while encoding
    Model model = Model::Bpe; // SentencePieceBpe: ranks by score, see scoreMerges()
    std::vector<std::string> pieces; // by id; empty: no piece
    std::vector<double> scores; // by id; Unigram and SentencePieceBpe
    std::vector<Merge> merges;
    std::optional<std::int64_t> embeddingRows; // of the model in the same GGUF
    std::int32_t unknownId = -1;
    bool fuseUnknown = false;
    bool byteFallback = false;
    bool ignoreMerges = false;
    std::vector<AddedToken> added;
    nlohmann::json normalizer; // as in tokenizer.json; null: none
    nlohmann::json preTokenizer;
    nlohmann::json postProcessor;
    nlohmann::json decoder;
    TokenizerSettings settings;
};

// Throws: Error{Format} saying what is wrong; the caller names the file.
TokenizerSpec tokenizerSpecFromJson(const nlohmann::json& tokenizerJson);
TokenizerSpec specFromGguf(const std::filesystem::path& path);
// The two files that came before tokenizer.json, vocab.json and merges.txt; how texts are cut is known by the class in
// tokenizer_config.json. Throws: Error{Io}; Error{Format} beginning with the file.
TokenizerSpec specFromPair(const std::filesystem::path& directory);

// The pre-tokenizer of tokenizer.json for a name in tokenizer.ggml.pre.
nlohmann::json preTokenizerNamed(const std::string& name);

// tokenizer.json of a spec; and tokenizer_config.json.
nlohmann::json jsonFromSpec(const TokenizerSpec& spec);
nlohmann::json configFromSpec(const TokenizerSpec& spec);

// Every way to cut a piece into two pieces, as a merge.
// byScore: equal scores share a rank, so that the leftmost goes first, as SentencePiece does;
// otherwise ranks are unique in the order that Hugging Face's converter writes.
// Throws: Error{Format} when the pieces are made so that their merges would fill the memory.
std::vector<Merge> scoreMerges(const std::vector<std::string>& pieces,
                               const std::vector<double>& scores, const std::vector<bool>& isNormal,
                               bool byScore);

std::shared_ptr<const Tokenizer> makePipelineTokenizer(TokenizerSpec spec);
std::shared_ptr<const Tokenizer> openSentencePiece(const std::filesystem::path& path,
                                                   const TokenizerSettings& settings);

} // namespace pissarro::core::inline tokenizer

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/gguf.h"
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
    bool hasConfig = false; // there is a tokenizer_config.json
    bool legacy =
        true; // LLaMA: a space is put before each stretch of text, not only before the first
    std::vector<AddedToken> added; // added_tokens_decoder, or added_tokens.json
    std::vector<AddedToken>
        named; // every token that a key names, in the order of transformers; without ids
    bool listsAdded = false; // added_tokens_decoder is there: it names every one
    std::vector<std::pair<std::string, std::string>>
        otherTokens; // sep_token, cls_token, mask_token
    std::string chatTemplate;
    std::string
        tokenizerClass; // without "Fast"; else that of the config.json's model type; empty: neither is known
    std::optional<bool>
        addPrefixSpace; // these five of tokenizer_config.json, for the classes that ask for them
    std::optional<bool> lowers;
    std::optional<bool> stripsAccents;
    std::optional<bool> splitsIdeographs;
    bool splitsPunctuation = false;
};

// The tokens that a class names where no file does: {"cls_token", "[CLS]"} and so on.
void nameByDefault(TokenizerSettings& settings,
                   const std::vector<std::pair<const char*, const char*>>& tokens);

// Every token that has a name, as chat templates are given them.
std::vector<std::pair<std::string, std::string>> namedTokens(const TokenizerSettings& settings);

// Reads tokenizer_config.json, special_tokens_map.json, chat_template.jinja and config.json's ids
// in a folder, as far as they are there. Throws: Error{Format} naming the file.
TokenizerSettings readTokenizerSettings(const std::filesystem::path& directory);

// A tokenizer of Hugging Face's kind in parts, wherever it was read: all that PipelineTokenizer
// needs.
struct TokenizerSpec {
    enum class Model { Bpe, SentencePieceBpe, Unigram, WordPiece, WordLevel };
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
    std::string wordPiecePrefix = "##";
    std::int64_t maxWordCharacters = 100; // WordPiece: longer words are unknown
    std::vector<AddedToken> added;
    nlohmann::json normalizer; // as in tokenizer.json; null: none
    nlohmann::json preTokenizer;
    nlohmann::json postProcessor;
    bool framesByFlags =
        false; // instead: settings.addBos and settings.addEos, both false where they say nothing
    nlohmann::json decoder;
    TokenizerSettings settings;
};

// Throws: Error{Format} saying what is wrong; the caller names the file.
TokenizerSpec tokenizerSpecFromJson(const nlohmann::json& tokenizerJson);
TokenizerSpec specFromGguf(const GgufFile& file);
TokenizerSpec specFromGguf(const std::filesystem::path& path);
// The files that came before tokenizer.json: vocab.json and merges.txt, or vocab.txt. How texts are cut is known by the
// class in tokenizer_config.json. Throws: Error{Io}; Error{Format} beginning with the file.
TokenizerSpec specFromPair(const std::filesystem::path& directory);
TokenizerSpec specFromWordList(const std::filesystem::path& file);
// Ranks of bytes instead of merges: tiktoken's lines of base64 and number (LLaMA 3's tokenizer.model), Mistral's
// tekken.json. Throws: as above.
bool isTiktoken(std::string_view beginning);
TokenizerSpec specFromTiktoken(const std::filesystem::path& file);
TokenizerSpec specFromTekken(const std::filesystem::path& file);

// How a name in tokenizer.ggml.pre cuts texts, and what comes with it.
struct PreTokenizing {
    nlohmann::json preTokenizer; // as in tokenizer.json
    bool ignoreMerges = false;
    bool addsBos = false; // where the file itself says nothing
    bool addsEos = false;
    bool nfc = false;
    bool rawText = false; // pieces are text with "▁" for spaces, not GPT-2's alphabet
};
// Throws: Error{Format} for a name that is not known.
PreTokenizing preTokenizingNamed(const std::string& name);
// ByteLevel, as pre_tokenizer and as decoder.
nlohmann::json byteLevelStage(bool usesRegex, bool addsSpace = false);
// Splits by each expression in turn, then bytes.
nlohmann::json splitsThenBytes(const std::vector<std::string>& patterns);

// What the ids of a frame are made from: "post_processor" of tokenizer.json, or null.
// Throws: Error{Format} for a type that is not known and for an id or token beyond the vocabulary.
TextFrame makeFrame(const nlohmann::json& postProcessor, const Vocabulary& vocabulary);
// What add_bos_token and add_eos_token make transformers put around texts; -1: none.
TextFrame bosEosFrame(std::int32_t bos, std::int32_t eos);

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

// A tokenizer.ggml.model "t5" as the sentencepiece library reads it: a ModelProto, and the names of its tokens.
struct SentencePieceSource {
    std::string model;
    TokenizerSettings settings;
    std::optional<std::int64_t> embeddingRows; // of the model in the same GGUF
};
// nullopt: the file's tokenizer is another one. Throws: Error{Format} as specFromGguf().
std::optional<SentencePieceSource> sentencePieceFromGguf(const GgufFile& file);
std::shared_ptr<const Tokenizer> makeSentencePiece(const SentencePieceSource& source,
                                                   const std::filesystem::path& path);

} // namespace pissarro::core::inline tokenizer

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {
namespace {

using nlohmann::json;

std::int32_t checkedId(const json& value, const std::string& piece)
{
    const std::int64_t id = jsonAs<std::int64_t>(value).value_or(-1);
    if (id < 0 || id >= kTokenIdLimit) {
        throw Error(
            ErrorKind::Format,
            fmt::format("the token {} has the id {} (expected an integer from 0 to {})",
                        shownText(piece),
                        isWholeNumber(value) ? value.dump() : std::string(value.type_name()),
                        kTokenIdLimit - 1));
    }
    return static_cast<std::int32_t>(id);
}

// "model.vocab" of all but Unigram: piece to id.
void readVocabulary(const json& model, TokenizerSpec& spec)
{
    const json& vocabulary = fieldOf(model, "vocab", "model");
    if (!vocabulary.is_object() || vocabulary.empty()) {
        throw Error(ErrorKind::Format,
                    std::string("model.vocab is ")
                        + (vocabulary.empty() ? "empty" : vocabulary.type_name())
                        + " (expected an object from piece to id)");
    }
    // Ids far beyond the number of pieces would only reserve memory.
    const std::size_t limit = vocabulary.size() * 4 + 65536;
    for (const auto& [piece, value] : vocabulary.items()) {
        const auto id = static_cast<std::size_t>(checkedId(value, piece));
        if (id >= limit) {
            throw Error(ErrorKind::Format,
                        fmt::format("the token {} has the id {} in a vocabulary of {} pieces",
                                    shownText(piece), id, vocabulary.size()));
        }
        if (id >= spec.pieces.size()) {
            spec.pieces.resize(id + 1);
        }
        if (!spec.pieces[id].empty()) {
            throw Error(ErrorKind::Format,
                        fmt::format("the tokens {} and {} have the same id {}",
                                    shownText(spec.pieces[id]), shownText(piece), id));
        }
        spec.pieces[id] = piece;
    }
}

// "a b" or ["a", "b"].
std::pair<std::string, std::string> mergeParts(const json& merge, std::size_t index)
{
    if (const std::string* const text = jsonText(merge)) {
        const std::size_t cut = text->find(' ');
        if (cut != std::string::npos && text->find(' ', cut + 1) == std::string::npos) {
            return {text->substr(0, cut), text->substr(cut + 1)};
        }
    } else if (const auto pair = jsonAs<std::vector<std::string>>(merge);
               pair && pair->size() == 2) {
        return {pair->front(), pair->back()};
    }
    throw Error(
        ErrorKind::Format,
        fmt::format("model.merges[{}] is not a pair (expected \"a b\" or [\"a\", \"b\"])", index));
}

void readMerges(const json& model, const Vocabulary& vocabulary, TokenizerSpec& spec)
{
    const json& merges = arrayField(model, "merges", "model");
    spec.merges.reserve(merges.size());
    for (std::size_t i = 0; i < merges.size(); ++i) {
        const auto [left, right] = mergeParts(merges[i], i);
        const std::string result = left + right;
        const Merge merge {vocabulary.find(left), vocabulary.find(right), vocabulary.find(result),
                           static_cast<std::int32_t>(i)};
        if (merge.left < 0 || merge.right < 0 || merge.result < 0) {
            const std::string& missing = merge.left < 0 ? left : merge.right < 0 ? right : result;
            throw Error(
                ErrorKind::Format,
                fmt::format("model.merges[{}] needs the piece {}, which is not in the vocabulary",
                            i, shownText(missing)));
        }
        spec.merges.push_back(merge);
    }
}

void readBpe(const json& model, TokenizerSpec& spec)
{
    for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        if (!stringField(model, affix, "model", "").empty()) {
            throw Error(ErrorKind::Format,
                        std::string("model.") + affix + " is not supported (expected none)");
        }
    }
    readVocabulary(model, spec);
    const Vocabulary vocabulary(spec.pieces);
    readMerges(model, vocabulary, spec);
    spec.fuseUnknown = boolField(model, "fuse_unk", "model", false);
    spec.byteFallback = boolField(model, "byte_fallback", "model", false);
    spec.ignoreMerges = boolField(model, "ignore_merges", "model", false);
    const std::string unknown = stringField(model, "unk_token", "model", "");
    spec.unknownId = unknown.empty() ? -1 : vocabulary.find(unknown);
}

// The id of model.unk_token. Requires: the pieces are read.
std::int32_t unknownOf(const json& model, const TokenizerSpec& spec)
{
    const std::string unknown = stringField(model, "unk_token", "model", "");
    const auto place = std::find(spec.pieces.begin(), spec.pieces.end(), unknown);
    return unknown.empty() || place == spec.pieces.end()
        ? -1
        : static_cast<std::int32_t>(place - spec.pieces.begin());
}

void readWordPiece(const json& model, TokenizerSpec& spec)
{
    spec.model = TokenizerSpec::Model::WordPiece;
    readVocabulary(model, spec);
    spec.unknownId = unknownOf(model, spec);
    if (spec.unknownId < 0) {
        throw Error(ErrorKind::Format,
                    fmt::format("model.unk_token is {} (expected a token of the vocabulary)",
                                shownText(stringField(model, "unk_token", "model", ""), 40)));
    }
    spec.wordPiecePrefix = stringField(model, "continuing_subword_prefix", "model", "##");
    spec.maxWordCharacters = integerField(model, "max_input_chars_per_word", "model", 100);
    if (spec.maxWordCharacters < 0) {
        throw Error(ErrorKind::Format,
                    fmt::format("model.max_input_chars_per_word is {} (expected 0 or more)",
                                spec.maxWordCharacters));
    }
}

void readWordLevel(const json& model, TokenizerSpec& spec)
{
    spec.model = TokenizerSpec::Model::WordLevel;
    readVocabulary(model, spec);
    spec.unknownId = unknownOf(model, spec);
}

void readUnigram(const json& model, TokenizerSpec& spec)
{
    spec.model = TokenizerSpec::Model::Unigram;
    const json& vocabulary = arrayField(model, "vocab", "model");
    if (vocabulary.size() >= static_cast<std::size_t>(kTokenIdLimit)) {
        throw Error(ErrorKind::Format,
                    fmt::format("model.vocab has {} pieces (expected fewer)", vocabulary.size()));
    }
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
        const json& entry = vocabulary[i];
        const bool isPair = entry.is_array() && entry.size() == 2;
        const std::string* const piece = isPair ? jsonText(entry[0]) : nullptr;
        const auto score = isPair ? jsonAs<double>(entry[1]) : std::nullopt;
        if (piece == nullptr || !score) {
            throw Error(ErrorKind::Format,
                        fmt::format("model.vocab[{}] is not a pair (expected [piece, score])", i));
        }
        spec.pieces.push_back(*piece);
        spec.scores.push_back(*score);
    }
    const std::int64_t unknown = integerField(model, "unk_id", "model", -1);
    if (unknown < -1 || unknown >= static_cast<std::int64_t>(vocabulary.size())) {
        throw Error(ErrorKind::Format,
                    fmt::format("model.unk_id is {} (expected an id of the {} pieces)", unknown,
                                vocabulary.size()));
    }
    spec.unknownId = static_cast<std::int32_t>(unknown);
    spec.byteFallback = boolField(model, "byte_fallback", "model", false);
}

void readAddedTokens(const json& document, TokenizerSpec& spec)
{
    constexpr const char* kWhere = "added_tokens";
    const auto place = document.find(kWhere);
    if (place == document.end() || place->is_null()) {
        return;
    }
    if (!place->is_array()) {
        throw Error(ErrorKind::Format,
                    std::string("added_tokens is ") + place->type_name() + " (expected an array)");
    }
    const std::size_t limit = (spec.pieces.size() + place->size()) * 4 + 65536;
    for (const json& entry : *place) {
        AddedToken token;
        token.content = stringField(entry, "content", kWhere);
        token.id = checkedId(fieldOf(entry, "id", kWhere), token.content);
        if (static_cast<std::size_t>(token.id) >= limit) {
            throw Error(
                ErrorKind::Format,
                fmt::format("the added token {} has the id {} beside a vocabulary of {} pieces",
                            shownText(token.content), token.id, spec.pieces.size()));
        }
        token.singleWord = boolField(entry, "single_word", kWhere, false);
        token.leftStrip = boolField(entry, "lstrip", kWhere, false);
        token.rightStrip = boolField(entry, "rstrip", kWhere, false);
        token.special = boolField(entry, "special", kWhere, false);
        token.normalized = boolField(entry, "normalized", kWhere, !token.special);
        spec.added.push_back(std::move(token));
    }
}

json component(const json& document, const char* key)
{
    const auto place = document.find(key);
    return place == document.end() ? json() : *place;
}

json addedToJson(const AddedToken& token)
{
    return {{"id", token.id},
            {"content", token.content},
            {"single_word", token.singleWord},
            {"lstrip", token.leftStrip},
            {"rstrip", token.rightStrip},
            {"normalized", token.normalized},
            {"special", token.special}};
}

} // namespace

TokenizerSpec tokenizerSpecFromJson(const json& document)
{
    if (!document.is_object()) {
        throw Error(ErrorKind::Format,
                    std::string("is ") + document.type_name() + " (expected an object)");
    }
    TokenizerSpec spec;
    const json& model = fieldOf(document, "model", "tokenizer.json");
    // Old files leave the type out: BPE has merges, WordPiece the length of a word.
    const std::string guessed = model.contains("merges") ? "BPE"
        : model.contains("max_input_chars_per_word")     ? "WordPiece"
                                                         : "";
    const std::string type = stringField(model, "type", "model", guessed);
    if (type == "BPE") {
        readBpe(model, spec);
    } else if (type == "Unigram") {
        readUnigram(model, spec);
    } else if (type == "WordPiece") {
        readWordPiece(model, spec);
    } else if (type == "WordLevel") {
        readWordLevel(model, spec);
    } else {
        refuseType(type, "model", "BPE, Unigram, WordPiece or WordLevel");
    }
    readAddedTokens(document, spec);
    spec.normalizer = component(document, "normalizer");
    spec.preTokenizer = component(document, "pre_tokenizer");
    spec.postProcessor = component(document, "post_processor");
    spec.decoder = component(document, "decoder");
    return spec;
}

namespace {

// The pairs of pieces that merge, in their order.
json mergesToJson(const TokenizerSpec& spec)
{
    std::vector<Merge> merges = spec.merges;
    if (spec.model == TokenizerSpec::Model::SentencePieceBpe) {
        std::vector<bool> normal(spec.pieces.size(), true);
        for (const AddedToken& token : spec.added) {
            normal[static_cast<std::size_t>(token.id)] = false;
        }
        merges = scoreMerges(spec.pieces, spec.scores, normal, false);
    }
    json pairs = json::array();
    for (const Merge& merge : merges) {
        pairs.push_back({spec.pieces[static_cast<std::size_t>(merge.left)],
                         spec.pieces[static_cast<std::size_t>(merge.right)]});
    }
    return pairs;
}

} // namespace

json jsonFromSpec(const TokenizerSpec& spec)
{
    json vocabulary = json::object();
    for (std::size_t id = 0; id < spec.pieces.size(); ++id) {
        if (!spec.pieces[id].empty()) {
            vocabulary[spec.pieces[id]] = id;
        }
    }
    json added = json::array();
    for (const AddedToken& token : spec.added) {
        added.push_back(addedToJson(token));
    }
    const json unknown =
        spec.unknownId >= 0 ? json(spec.pieces[static_cast<std::size_t>(spec.unknownId)]) : json();
    json model = {{"type", "BPE"},
                  {"dropout", nullptr},
                  {"unk_token", unknown},
                  {"continuing_subword_prefix", nullptr},
                  {"end_of_word_suffix", nullptr},
                  {"fuse_unk", spec.fuseUnknown},
                  {"byte_fallback", spec.byteFallback},
                  {"ignore_merges", spec.ignoreMerges}};
    if (spec.model == TokenizerSpec::Model::WordPiece) {
        model = {{"type", "WordPiece"},
                 {"unk_token", unknown},
                 {"continuing_subword_prefix", spec.wordPiecePrefix},
                 {"max_input_chars_per_word", spec.maxWordCharacters}};
    } else {
        model["merges"] = mergesToJson(spec);
    }
    model["vocab"] = std::move(vocabulary);
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", added},
            {"normalizer", spec.normalizer},
            {"pre_tokenizer", spec.preTokenizer},
            {"post_processor", spec.postProcessor},
            {"decoder", spec.decoder},
            {"model", model}};
}

json configFromSpec(const TokenizerSpec& spec)
{
    json config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                   {"clean_up_tokenization_spaces", false},
                   {"model_max_length", 1'000'000'000}};
    const TokenizerSettings& settings = spec.settings;
    for (const auto& [key, token] :
         {std::pair("bos_token", &settings.bosToken), std::pair("eos_token", &settings.eosToken),
          std::pair("pad_token", &settings.padToken), std::pair("unk_token", &settings.unkToken)}) {
        config[key] = token->empty() ? json() : json(*token);
    }
    for (const auto& [key, token] : settings.otherTokens) {
        config[key] = token;
    }
    if (!settings.chatTemplate.empty()) {
        config["chat_template"] = settings.chatTemplate;
    }
    return config;
}

} // namespace pissarro::core::inline tokenizer

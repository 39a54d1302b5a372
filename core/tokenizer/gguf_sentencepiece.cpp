// SPDX-License-Identifier: GPL-3.0-or-later
// tokenizer.ggml.model "t5": a SentencePiece unigram model in a GGUF. It becomes the message that it was made from, so that
// the sentencepiece library itself reads it; tokenizer.ggml.token_type has the library's own numbers.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/format/gguf.h"
#include "core/format/protobuf.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr std::int64_t kUnknownType = 2;
constexpr std::int64_t kByteType = 6;

std::string pieceMessage(const std::string& piece, double score, std::int64_t type)
{
    std::string message;
    putBytesField(message, 1, piece);
    putFloatField(message, 2, static_cast<float>(score));
    putVarintField(message, 3, static_cast<std::uint64_t>(type));
    return message;
}

// The list `key`, as long as there are tokens.
template <class Value>
const std::vector<Value>& listOf(const std::vector<Value>* list, const char* key, std::size_t size)
{
    if (list == nullptr || list->size() != size) {
        throw Error(ErrorKind::Format,
                    fmt::format("{} has {} entries (expected {}, one for each token)", key,
                                list == nullptr ? 0 : list->size(), size));
    }
    return *list;
}

std::string pieceMessages(const GgufFile& file, const std::vector<std::string>& pieces)
{
    const auto& scores =
        listOf(file.numbers("tokenizer.ggml.scores"), "tokenizer.ggml.scores", pieces.size());
    const auto& types = listOf(file.integers("tokenizer.ggml.token_type"),
                               "tokenizer.ggml.token_type", pieces.size());
    std::string out;
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        if (types[id] < 1 || types[id] > 6 || !std::isfinite(scores[id]) || !isValidUtf8(pieces[id])
            || pieces[id].empty()) {
            throw Error(ErrorKind::Format,
                        fmt::format("tokenizer.ggml.tokens[{}] is {} of type {} (expected UTF-8, a "
                                    "finite score and a type from 1 to 6)",
                                    id, shownText(pieces[id], 40), types[id]));
        }
        putBytesField(out, 1, pieceMessage(pieces[id], scores[id], types[id]));
    }
    const auto unknown = std::count(types.begin(), types.end(), kUnknownType);
    if (unknown != 1) {
        throw Error(
            ErrorKind::Format,
            fmt::format("tokenizer.ggml.token_type marks {} tokens as unknown (expected one)",
                        unknown));
    }
    return out;
}

std::string charsmapOf(const GgufFile& file)
{
    std::string bytes;
    const auto* values = file.integers("tokenizer.ggml.precompiled_charsmap");
    for (const std::int64_t value : values == nullptr ? std::vector<std::int64_t>() : *values) {
        bytes += static_cast<char>(value); // as int8 or uint8: the same byte
    }
    return bytes;
}

// The trainer's and the normalizer's part of the message: all that encoding needs of them.
std::string specMessages(const GgufFile& file)
{
    constexpr unsigned kUnigram = 1;
    std::string trainer;
    putVarintField(trainer, 3, kUnigram);
    const auto* types = file.integers("tokenizer.ggml.token_type");
    const bool hasBytes =
        types != nullptr && std::find(types->begin(), types->end(), kByteType) != types->end();
    putVarintField(trainer, 35, hasBytes ? 1 : 0); // byte_fallback
    std::string normalizer;
    putBytesField(normalizer, 2, charsmapOf(file));
    putVarintField(normalizer, 3,
                   file.boolean("tokenizer.ggml.add_space_prefix").value_or(true) ? 1 : 0);
    putVarintField(normalizer, 4,
                   file.boolean("tokenizer.ggml.remove_extra_whitespaces").value_or(false) ? 1 : 0);
    putVarintField(normalizer, 5, 1); // spaces are written "▁"
    std::string out;
    putBytesField(out, 2, trainer);
    putBytesField(out, 3, normalizer);
    return out;
}

void nameTokens(const GgufFile& file, const std::vector<std::string>& pieces,
                TokenizerSettings& settings)
{
    struct Name {
        const char* name;
        const char* key;
        std::int64_t absent; // what llama.cpp takes where the file says nothing
    };
    constexpr Name kNames[] = {
        {"bos_token", "tokenizer.ggml.bos_token_id", -1},
        {"eos_token", "tokenizer.ggml.eos_token_id", 1},
        {"unk_token", "tokenizer.ggml.unknown_token_id", 2},
        {"sep_token", "tokenizer.ggml.seperator_token_id", -1},
        {"pad_token", "tokenizer.ggml.padding_token_id", 0},
        {"cls_token", "tokenizer.ggml.cls_token_id", -1},
        {"mask_token", "tokenizer.ggml.mask_token_id", -1},
    };
    for (const Name& name : kNames) {
        const auto stated = file.integer(name.key);
        const std::int64_t id = stated.value_or(name.absent);
        const bool isThere = id >= 0 && id < static_cast<std::int64_t>(pieces.size());
        if (stated && !isThere) {
            throw Error(
                ErrorKind::Format,
                fmt::format("{} is {} (expected an id below {})", name.key, id, pieces.size()));
        }
        if (isThere) {
            nameByDefault(settings, {{name.name, pieces[static_cast<std::size_t>(id)].c_str()}});
        }
    }
    settings.addBos = file.boolean("tokenizer.ggml.add_bos_token").value_or(false);
    settings.addEos = file.boolean("tokenizer.ggml.add_eos_token").value_or(true);
    settings.chatTemplate = file.text("tokenizer.chat_template").value_or("");
    if (!isValidUtf8(settings.chatTemplate)) {
        throw Error(ErrorKind::Format, "tokenizer.chat_template is not UTF-8");
    }
}

} // namespace

std::optional<SentencePieceSource> sentencePieceFromGguf(const GgufFile& file)
{
    if (file.text("tokenizer.ggml.model").value_or("") != "t5") {
        return std::nullopt;
    }
    const std::vector<std::string>* pieces = file.texts("tokenizer.ggml.tokens");
    if (pieces == nullptr || pieces->empty()
        || pieces->size() >= static_cast<std::size_t>(kTokenIdLimit)) {
        throw Error(
            ErrorKind::Format,
            fmt::format("tokenizer.ggml.tokens has {} pieces (expected 1 to {}); convert the "
                        "model again",
                        pieces == nullptr ? 0 : pieces->size(), kTokenIdLimit - 1));
    }
    SentencePieceSource source;
    source.model = pieceMessages(file, *pieces) + specMessages(file);
    nameTokens(file, *pieces, source.settings);
    const TensorView* const embedding = file.find("token_embd.weight");
    if (embedding != nullptr && !embedding->shape.empty()) {
        source.embeddingRows = embedding->shape.front();
    }
    return source;
}

} // namespace pissarro::core::inline tokenizer

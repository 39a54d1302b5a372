// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::core::inline prompt {
class ChatTemplate;
} // namespace pissarro::core::inline prompt

namespace pissarro::core::inline tokenizer {

// One turn of a conversation.
struct ChatMessage {
    std::string role; // "system", "user", "assistant"
    std::string content;
};

// One text, or two of which the second belongs to the first, as a classifier is given them.
struct EncodedPair {
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t>
        types; // token_type_ids: which of the two an id belongs to, as the tokenizer counts
    std::size_t cut = 0; // ids that the maximum length left no room for
};

// An id, or the place of a text, and its token type.
struct FrameItem {
    std::int32_t id = -1;
    std::int32_t type = 0;
};

// What a tokenizer puts around one text and around two: ids, and the places of the texts.
struct TextFrame {
    using Item = FrameItem;
    static constexpr std::int32_t kFirst = -1;
    static constexpr std::int32_t kSecond = -2;
    std::vector<Item> single {Item {kFirst, 0}};
    std::vector<Item> pair {Item {kFirst, 0}, Item {kSecond, 1}};
};

// Text to token ids and back, with the ids that Hugging Face's tokenizer of the same model gives.
//
// Threads: immutable once open; encode and decode may be called from any thread at once.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    // Ids of a UTF-8 text. Literal special tokens in the text ("</s>") become their ids, as Hugging Face does;
    // invalid UTF-8 becomes U+FFFD. addSpecial: what the tokenizer puts around a text (LLaMA: a leading BOS).
    // Throws: Error{Format} where an expression or a replacement of the tokenizer's file goes beyond every measure;
    //         Cancelled within the words of a long text.
    virtual std::vector<std::int32_t> encode(std::string_view text, bool addSpecial = true,
                                             const JobContext& job = JobContext()) const = 0;
    // One text or two with what stands around them. maxLength: ids at most, 0 for no limit; what is too long is cut at
    // its end, of two texts the longer first (Hugging Face's "longest_first").
    // Throws: Error{InvalidArgument} when not even the special tokens fit; Error{Format} as encode(); Cancelled.
    EncodedPair encodePair(std::string_view first, const std::optional<std::string_view>& second,
                           std::size_t maxLength = 0, const JobContext& job = JobContext()) const;
    // Text of the ids. Throws: Error{InvalidArgument} for an id outside the vocabulary; Error{Format} as encode().
    virtual std::string decode(const std::vector<std::int32_t>& ids,
                               bool skipSpecial = false) const = 0;
    virtual std::string
    piece(std::int32_t id) const = 0; // as the vocabulary writes it: "Ġhello", "▁hello", "<0x0A>"

    virtual std::int64_t vocabularySize() const = 0; // added tokens included
    virtual bool isSpecial(std::int32_t id) const = 0;
    virtual std::string
    kind() const = 0; // "byte-level BPE", "SentencePiece BPE", "SentencePiece unigram"

    std::int32_t bosId() const { return m_bosId; } // -1: none
    std::int32_t eosId() const { return m_eosId; }
    std::int32_t padId() const { return m_padId; } // -1: none; batches then pad with eos
    std::int32_t unkId() const { return m_unkId; } // -1: none, here and below
    std::int32_t clsId() const { return m_clsId; }
    std::int32_t sepId() const { return m_sepId; }
    std::int32_t maskId() const { return m_maskId; }
    const TextFrame& frame() const { return m_frame; }
    const std::string& chatTemplate() const
    {
        return m_chatTemplate;
    } // the Jinja text as stored; empty: none

    // The special tokens by the names that a chat template knows them by: "bos_token", "eos_token" and so on.
    std::vector<std::pair<std::string, std::string>> specialTokens() const;

    // The model's chat template, to be run with its special tokens.
    // Throws: Error{Format} for a model without one, and for one that cannot be read.
    ChatTemplate openChatTemplate() const;

    // Text of a conversation in the model's own template, ending where the assistant is to speak; to be encoded
    // without special tokens, since the template writes them.
    // Throws: Error{Format} as openChatTemplate(), and where the template refuses the conversation.
    std::string applyChatTemplate(const std::vector<ChatMessage>& messages) const;

protected:
    std::int32_t m_bosId = -1;
    std::int32_t m_eosId = -1;
    std::int32_t m_padId = -1;
    std::string m_chatTemplate;
    std::vector<std::pair<std::string, std::string>> m_namedTokens; // as the settings name them
    std::int32_t m_unkId = -1;
    std::int32_t m_clsId = -1;
    std::int32_t m_sepId = -1;
    std::int32_t m_maskId = -1;
    TextFrame m_frame;
};

// Opens the tokenizer of a model folder (tokenizer.json, else tokenizer.model, else one of the older files, with
// tokenizer_config.json beside it), of a GGUF file, or such a file itself.
// Throws: Error{Io} when there is none; Error{Format} naming the file and what is wrong or not supported, also when it
//   has more tokens than the model's embedding has rows, or less than half as many.
std::shared_ptr<const Tokenizer> openTokenizer(const std::filesystem::path& path);

// The files that a folder's tokenizer is read from, here or elsewhere.
const std::vector<std::string>& tokenizerFileNames();

// Copies tokenizer files into a Hugging Face folder that is being written; those of a GGUF become tokenizer.json,
// tokenizer_config.json and special_tokens_map.json with the same ids.
void writeTokenizerFiles(const std::filesystem::path& model,
                         const std::filesystem::path& targetDirectory);

} // namespace pissarro::core::inline tokenizer

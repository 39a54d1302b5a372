// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/engine.h"
#include "core/serve/openai_request.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tokenizer {
class Tokenizer;
} // namespace pissarro::core::inline tokenizer

namespace pissarro::core::inline serve {

// What OpenAI's API answers with; every function gives JSON, as a text on one line where it is a body.

// What all parts of a reply begin with.
struct ReplyHead {
    bool isChat = true; // else of /v1/completions
    std::string id; // "chatcmpl-…", of it alone
    std::int64_t created = 0; // seconds since the epoch
    std::string model; // its name here
};
ReplyHead newReply(bool isChat, const std::string& model);

struct TokenCounts {
    std::int64_t prompt = 0;
    std::int64_t answer = 0; // with the tokens that ended answers
};

// One of the answers, or a piece of it in a stream.
struct ReplyChoice {
    std::int64_t index = 0;
    std::string text;
    Ending ending = Ending::None; // None: it goes on
    nlohmann::ordered_json likelihoods; // likelihoodsOf(); null: not asked for
    bool begins = false; // of a stream's piece: nothing was told of this answer before
};

std::string wholeReply(const ReplyHead& head, const std::vector<ReplyChoice>& choices,
                       const TokenCounts& counts);
// Server-sent events: "data: …" and an empty line.
std::string streamedPiece(const ReplyHead& head, const ReplyChoice& choice, bool tellsUsage);
std::string streamedUsage(const ReplyHead& head, const TokenCounts& counts);
std::string streamedError(const std::string& errorBody);
extern const char* const kStreamEnd; // data: [DONE]

// Log-probabilities of tokens: {"content": […]} of a chat, {"tokens", "token_logprobs", "top_logprobs", "text_offset"} of a
// completion. charactersBefore: of the same answer. Requires: alternatives >= 0.
nlohmann::ordered_json likelihoodsOf(const Tokenizer& tokenizer,
                                     std::span<const TokenReading> readings, bool isChat,
                                     std::int64_t alternatives, std::int64_t charactersBefore);

std::string errorReply(int status, std::string_view message, std::string_view param = {},
                       std::string_view code = {});
std::string modelsReply(const std::vector<std::string>& names, std::int64_t created);
std::string modelReply(const std::string& name, std::int64_t created);

} // namespace pissarro::core::inline serve

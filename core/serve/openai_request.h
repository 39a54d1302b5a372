// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/infer/sampler.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pissarro::core::inline serve {

// A request that cannot be answered, as OpenAI's API says it.
class RequestError : public Error {
public:
    explicit RequestError(const std::string& message, std::string field = {}, int answered = 400,
                          std::string word = {})
        : Error(ErrorKind::InvalidArgument, message)
        , param(std::move(field))
        , status(answered)
        , code(std::move(word))
    {
    }

    std::string param; // the field at fault; empty: none is
    int status; // of HTTP
    std::string code; // "model_not_found"; empty: none
};

// What both kinds of requests have.
struct AnswerSettings {
    std::string model; // empty: none was named
    Sampling sampling; // greedy where the temperature is 0
    bool hasSeed = false; // else one is to be drawn
    std::optional<std::int64_t> maxTokens;
    std::vector<std::string> stops;
    std::int64_t count = 1; // answers to each prompt
    std::int64_t alternatives = -1; // as Request::alternatives
    bool stream = false;
    bool streamUsage = false; // a stream ends with its token counts
};

struct ChatQuestion { // POST /v1/chat/completions
    AnswerSettings how;
    nlohmann::ordered_json
        messages; // {"role", "content": text, "name"?} each, as templates take them
};

// A text, or ids.
using GivenPrompt = std::variant<std::string, std::vector<std::int32_t>>;

struct CompletionQuestion { // POST /v1/completions
    AnswerSettings how;
    std::vector<GivenPrompt> prompts;
};

// What one request may ask for.
constexpr std::int64_t kMostAnswers = 128; // prompts times n
constexpr std::size_t kMostStops = 16;

// Reads OpenAI's fields, and top_k, min_p, repetition_penalty as vLLM names them. What would change the answer and is not
// known here (tools, logit_bias, penalties, response_format, images …) is refused by name; other fields are passed over.
// Throws: RequestError.
ChatQuestion readChatQuestion(std::string_view body);
CompletionQuestion readCompletionQuestion(std::string_view body);

} // namespace pissarro::core::inline serve

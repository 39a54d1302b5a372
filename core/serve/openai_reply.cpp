// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/serve/openai_reply.h"

#include "core/base/fmt.h"
#include "core/base/version.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

namespace pissarro::core::inline serve {

namespace {

using nlohmann::ordered_json;

std::string lineOf(const ordered_json& json)
{
    return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json finishReason(Ending ending)
{
    switch (ending) {
    case Ending::None:
        return nullptr;
    case Ending::Length:
        return "length";
    case Ending::EndToken:
    case Ending::StopText:
        break;
    }
    return "stop";
}

ordered_json countsOf(const TokenCounts& counts)
{
    return {{"prompt_tokens", counts.prompt},
            {"completion_tokens", counts.answer},
            {"total_tokens", counts.prompt + counts.answer}};
}

ordered_json headOf(const ReplyHead& head, bool isPiece)
{
    const char* const kind = !head.isChat ? "text_completion"
        : isPiece                         ? "chat.completion.chunk"
                                          : "chat.completion";
    return {{"id", head.id},
            {"object", kind},
            {"created", head.created},
            {"model", head.model},
            {"system_fingerprint", fmt::format("pissarro-{}", version())}};
}

ordered_json wholeChoice(const ReplyHead& head, const ReplyChoice& choice)
{
    ordered_json json {{"index", choice.index}};
    if (head.isChat) {
        json["message"] = {{"role", "assistant"}, {"content", choice.text}, {"refusal", nullptr}};
    } else {
        json["text"] = choice.text;
    }
    json["logprobs"] = choice.likelihoods;
    json["finish_reason"] = finishReason(choice.ending);
    return json;
}

ordered_json pieceOf(const ReplyHead& head, const ReplyChoice& choice)
{
    ordered_json json {{"index", choice.index}};
    if (head.isChat) {
        ordered_json delta = ordered_json::object();
        if (choice.begins) {
            delta["role"] = "assistant";
        }
        if (choice.begins || !choice.text.empty()) {
            delta["content"] = choice.text;
        }
        json["delta"] = std::move(delta);
    } else {
        json["text"] = choice.text;
    }
    json["logprobs"] = choice.likelihoods;
    json["finish_reason"] = finishReason(choice.ending);
    return json;
}

std::string event(const ordered_json& json)
{
    return fmt::format("data: {}\n\n", lineOf(json));
}

ordered_json modelJson(const std::string& name, std::int64_t created)
{
    return {{"id", name}, {"object", "model"}, {"created", created}, {"owned_by", "pissarro"}};
}

// A token's text by itself. A part of a character has none: U+FFFD stands for it.
std::string textOf(const Tokenizer& tokenizer, std::int32_t id)
{
    return tokenizer.decode({id}, /*skipSpecial=*/false);
}

ordered_json chanceJson(const Tokenizer& tokenizer, const TokenReading::Chance& chance)
{
    const std::string text = textOf(tokenizer, chance.id);
    ordered_json bytes = nullptr; // of a part of a character they are not known
    if (text.find("\xEF\xBF\xBD") == std::string::npos) {
        bytes = ordered_json::array();
        for (const char byte : text) {
            bytes.push_back(static_cast<unsigned char>(byte));
        }
    }
    return {{"token", text}, {"logprob", chance.logProbability}, {"bytes", std::move(bytes)}};
}

ordered_json chatLikelihoods(const Tokenizer& tokenizer, std::span<const TokenReading> readings)
{
    ordered_json content = ordered_json::array();
    for (const TokenReading& reading : readings) {
        ordered_json one = chanceJson(tokenizer, reading.token);
        one["top_logprobs"] = ordered_json::array();
        for (const TokenReading::Chance& chance : reading.likeliest) {
            one["top_logprobs"].push_back(chanceJson(tokenizer, chance));
        }
        content.push_back(std::move(one));
    }
    return {{"content", std::move(content)}, {"refusal", nullptr}};
}

std::int64_t charactersOf(const std::string& text)
{
    std::int64_t count = 0;
    for (const char byte : text) {
        count += isContinuation(byte) ? 0 : 1;
    }
    return count;
}

} // namespace

const char* const kStreamEnd = "data: [DONE]\n\n";

ReplyHead newReply(bool isChat, const std::string& model)
{
    static thread_local std::mt19937_64 random {std::random_device {}()};
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    return {isChat,
            fmt::format("{}-{:016x}{:016x}", isChat ? "chatcmpl" : "cmpl", random(), random()),
            now.count(), model};
}

std::string wholeReply(const ReplyHead& head, const std::vector<ReplyChoice>& choices,
                       const TokenCounts& counts)
{
    ordered_json json = headOf(head, /*isPiece=*/false);
    json["choices"] = ordered_json::array();
    for (const ReplyChoice& choice : choices) {
        json["choices"].push_back(wholeChoice(head, choice));
    }
    json["usage"] = countsOf(counts);
    return lineOf(json);
}

std::string streamedPiece(const ReplyHead& head, const ReplyChoice& choice, bool tellsUsage)
{
    ordered_json json = headOf(head, /*isPiece=*/true);
    json["choices"] = ordered_json::array({pieceOf(head, choice)});
    if (tellsUsage) {
        json["usage"] = nullptr;
    }
    return event(json);
}

std::string streamedUsage(const ReplyHead& head, const TokenCounts& counts)
{
    ordered_json json = headOf(head, /*isPiece=*/true);
    json["choices"] = ordered_json::array();
    json["usage"] = countsOf(counts);
    return event(json);
}

std::string streamedError(const std::string& errorBody)
{
    return fmt::format("data: {}\n\n", errorBody);
}

ordered_json likelihoodsOf(const Tokenizer& tokenizer, std::span<const TokenReading> readings,
                           bool isChat, std::int64_t alternatives, std::int64_t charactersBefore)
{
    if (isChat) {
        return chatLikelihoods(tokenizer, readings);
    }
    ordered_json tokens = ordered_json::array();
    ordered_json logs = ordered_json::array();
    ordered_json tops = ordered_json::array();
    ordered_json offsets = ordered_json::array();
    for (const TokenReading& reading : readings) {
        const std::string text = textOf(tokenizer, reading.token.id);
        tokens.push_back(text);
        logs.push_back(reading.token.logProbability);
        offsets.push_back(charactersBefore);
        charactersBefore += charactersOf(text);
        ordered_json top = ordered_json::object();
        for (const TokenReading::Chance& chance : reading.likeliest) {
            const std::string name = textOf(tokenizer, chance.id);
            if (!top.contains(name)) { // two parts of characters look alike
                top[name] = chance.logProbability;
            }
        }
        tops.push_back(std::move(top));
    }
    return {{"tokens", std::move(tokens)},
            {"token_logprobs", std::move(logs)},
            {"top_logprobs", alternatives > 0 ? std::move(tops) : ordered_json(nullptr)},
            {"text_offset", std::move(offsets)}};
}

std::string errorReply(int status, std::string_view message, std::string_view param,
                       std::string_view code)
{
    const char* const type = status == 401 ? "authentication_error"
        : status == 404                    ? "not_found_error"
        : status == 429                    ? "rate_limit_error"
        : status >= 500                    ? "server_error"
                                           : "invalid_request_error";
    const auto orNull = [](std::string_view text) {
        return text.empty() ? ordered_json(nullptr) : ordered_json(text);
    };
    return lineOf({{"error",
                    {{"message", message},
                     {"type", type},
                     {"param", orNull(param)},
                     {"code", orNull(code)}}}});
}

std::string modelsReply(const std::vector<std::string>& names, std::int64_t created)
{
    ordered_json list = ordered_json::array();
    for (const std::string& name : names) {
        list.push_back(modelJson(name, created));
    }
    return lineOf({{"object", "list"}, {"data", std::move(list)}});
}

std::string modelReply(const std::string& name, std::int64_t created)
{
    return lineOf(modelJson(name, created));
}

} // namespace pissarro::core::inline serve

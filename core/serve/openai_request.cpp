// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/serve/openai_request.h"

#include "core/base/fmt.h"
#include "core/text/json_fields.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <cmath>
#include <limits>
#include <utility>

namespace pissarro::core::inline serve {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t kMostTokens = std::int64_t {1} << 20;

[[noreturn]] void refuse(const char* field, const json& found, std::string_view expected)
{
    throw RequestError(fmt::format("'{}' is {} (expected {})", field, shownValue(found), expected),
                       field);
}

json bodyOf(std::string_view text)
{
    json body;
    try {
        body = parseJson(text);
    } catch (const Error& e) {
        const std::string_view why = e.what(); // what to do with a file is not said of a body
        throw RequestError(fmt::format("the body {}", why.substr(0, why.find(';'))));
    }
    if (!body.is_object()) {
        throw RequestError("the body is no JSON object");
    }
    return body;
}

double number(const json& body, const char* field, double otherwise, double lowest, double highest)
{
    const json* const value = jsonField(body, field);
    if (value == nullptr) {
        return otherwise;
    }
    const auto found = jsonAs<double>(*value);
    if (!found || !std::isfinite(*found) || *found < lowest || *found > highest) {
        refuse(field, *value,
               highest < 1e9 ? fmt::format("a number from {} to {}", lowest, highest)
                             : fmt::format("a number of {} or more", lowest));
    }
    return *found;
}

std::optional<std::int64_t> whole(const json& body, const char* field, std::int64_t lowest,
                                  std::int64_t highest)
{
    const json* const value = jsonField(body, field);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto found = jsonAs<std::int64_t>(*value);
    if (!found || *found < lowest || *found > highest) {
        refuse(field, *value, fmt::format("a whole number from {} to {}", lowest, highest));
    }
    return found;
}

bool flag(const json& body, const char* field)
{
    const json* const value = jsonField(body, field);
    if (value == nullptr) {
        return false;
    }
    const auto found = jsonAs<bool>(*value);
    if (!found) {
        refuse(field, *value, "true or false");
    }
    return *found;
}

// Whether a field says nothing that would change an answer.
bool isNeutral(const json& value)
{
    return value.is_null() || value == false || value == 0 || value == 0.0 || value == ""
        || ((value.is_array() || value.is_object()) && value.empty()) || value == "none"
        || value == json {{"type", "text"}} || value == json::array({"text"});
}

void refuseUnknown(const json& body)
{
    for (const char* const field :
         {"tools", "functions", "logit_bias", "presence_penalty", "frequency_penalty",
          "response_format", "suffix", "echo", "audio", "modalities", "prediction",
          "web_search_options", "guided_json", "guided_regex", "reasoning_effort"}) {
        const json* const value = jsonField(body, field);
        if (value != nullptr && !isNeutral(*value)) {
            throw RequestError(
                fmt::format("'{}' is not supported by this server; leave it out", field), field,
                400, "unsupported_parameter");
        }
    }
}

std::vector<std::string> stopsOf(const json& body)
{
    const json* const value = jsonField(body, "stop");
    std::vector<std::string> stops;
    if (value == nullptr) {
        return stops;
    }
    if (const auto one = jsonAs<std::string>(*value)) {
        stops.push_back(*one);
    } else if (const auto several = jsonAs<std::vector<std::string>>(*value)) {
        stops = *several;
    } else {
        refuse("stop", *value, "a text or a list of texts");
    }
    if (stops.size() > kMostStops) {
        throw RequestError(
            fmt::format("'stop' has {} texts (expected at most {})", stops.size(), kMostStops),
            "stop");
    }
    for (const std::string& stop : stops) {
        if (stop.empty()) {
            throw RequestError("'stop' holds an empty text, which would end every answer", "stop");
        }
    }
    return stops;
}

Sampling samplingOf(const json& body)
{
    constexpr double kAny = std::numeric_limits<double>::max();
    Sampling how;
    const double temperature = number(body, "temperature", 1.0, 0.0, 100.0);
    how.greedy = temperature == 0.0;
    how.temperature = how.greedy ? 1.0 : temperature;
    how.topP = number(body, "top_p", 1.0, 0.0, 1.0);
    how.minP = number(body, "min_p", 0.0, 0.0, 1.0);
    how.topK = std::max<std::int64_t>(whole(body, "top_k", -1, kMostTokens).value_or(0), 0);
    how.repetitionPenalty = number(body, "repetition_penalty", 1.0, 1e-6, kAny);
    const json* const seed = jsonField(body, "seed");
    if (seed != nullptr) {
        // Of 64 bits, with a sign or without: the same bits are the same seed.
        if (const auto positive = jsonAs<std::uint64_t>(*seed)) {
            how.seed = *positive;
        } else if (const auto any = jsonAs<std::int64_t>(*seed)) {
            how.seed = static_cast<std::uint64_t>(*any);
        } else {
            refuse("seed", *seed, "a whole number of 64 bits");
        }
    }
    checkSampling(how);
    return how;
}

AnswerSettings settingsOf(const json& body)
{
    refuseUnknown(body);
    AnswerSettings how;
    const json* const model = jsonField(body, "model");
    if (model != nullptr) {
        const std::string* const name = jsonText(*model);
        if (name == nullptr) {
            refuse("model", *model, "the name of a model");
        }
        how.model = *name;
    }
    how.sampling = samplingOf(body);
    how.hasSeed = jsonField(body, "seed") != nullptr;
    how.maxTokens = whole(body, "max_completion_tokens", 1, kMostTokens);
    if (!how.maxTokens) {
        how.maxTokens = whole(body, "max_tokens", 1, kMostTokens);
    }
    how.stops = stopsOf(body);
    how.count = whole(body, "n", 1, kMostAnswers).value_or(1);
    how.stream = flag(body, "stream");
    const json* const options = jsonField(body, "stream_options");
    if (options != nullptr) {
        if (!options->is_object()) {
            refuse("stream_options", *options, "an object");
        }
        how.streamUsage = how.stream && flag(*options, "include_usage");
    }
    return how;
}

// A text, or a list of parts that are texts: one text of all of them.
std::string contentOf(const json& content, std::size_t number)
{
    if (const auto text = jsonAs<std::string>(content)) {
        return *text;
    }
    if (content.is_null()) { // of an assistant that called a tool
        return {};
    }
    std::string all;
    for (const json& part : content.is_array() ? content : json::array({content})) {
        const auto type = part.is_object() ? jsonFieldAs<std::string>(part, "type") : std::nullopt;
        const auto text = part.is_object() ? jsonFieldAs<std::string>(part, "text") : std::nullopt;
        if (type != "text" || !text) {
            throw RequestError(
                fmt::format("'messages[{}].content' has a part that is no text; this server's "
                            "models read texts alone",
                            number),
                "messages");
        }
        all += *text;
    }
    return all;
}

ordered_json messagesOf(const json& body)
{
    const json* const given = jsonField(body, "messages");
    if (given == nullptr || !given->is_array() || given->empty()) {
        throw RequestError("'messages' is missing (expected a list of messages, one at least)",
                           "messages");
    }
    ordered_json messages = ordered_json::array();
    for (std::size_t i = 0; i < given->size(); ++i) {
        const json& one = (*given)[i];
        auto role = one.is_object() ? jsonFieldAs<std::string>(one, "role") : std::nullopt;
        if (!role || !one.contains("content")) {
            throw RequestError(
                fmt::format("'messages[{}]' has no role or no content (expected both)", i),
                "messages");
        }
        if (role == "developer") { // what newer clients call it; templates do not know it
            role = "system";
        }
        ordered_json message {{"role", *role}, {"content", contentOf(one["content"], i)}};
        if (const auto name = jsonFieldAs<std::string>(one, "name")) {
            message["name"] = *name;
        }
        messages.push_back(std::move(message));
    }
    return messages;
}

std::vector<std::int32_t> idsOf(const json& list)
{
    const auto found = jsonAs<std::vector<int>>(list);
    if (!found) {
        throw RequestError("'prompt' holds a list that is neither of texts nor of token ids",
                           "prompt");
    }
    return {found->begin(), found->end()};
}

std::vector<GivenPrompt> promptsOf(const json& body)
{
    const json* const given = jsonField(body, "prompt");
    if (given == nullptr || (given->is_array() && given->empty())) {
        throw RequestError("'prompt' is missing (expected a text, token ids, or a list of these)",
                           "prompt");
    }
    std::vector<GivenPrompt> prompts;
    if (const auto text = jsonAs<std::string>(*given)) {
        prompts.emplace_back(*text);
    } else if (!given->is_array()) {
        refuse("prompt", *given, "a text, token ids, or a list of these");
    } else if (jsonAs<double>(given->front())) {
        prompts.emplace_back(idsOf(*given));
    } else {
        for (const json& one : *given) {
            if (const auto part = jsonAs<std::string>(one)) {
                prompts.emplace_back(*part);
            } else {
                prompts.emplace_back(idsOf(one));
            }
        }
    }
    return prompts;
}

void checkAnswers(std::size_t prompts, const AnswerSettings& how)
{
    const auto most = static_cast<std::size_t>(kMostAnswers);
    if (prompts > most || prompts * static_cast<std::size_t>(how.count) > most) {
        throw RequestError(fmt::format("{} prompts with 'n' {} are more than {} answers at a time",
                                       prompts, how.count, kMostAnswers),
                           "n");
    }
}

} // namespace

ChatQuestion readChatQuestion(std::string_view text)
{
    const json body = bodyOf(text);
    ChatQuestion question {settingsOf(body), messagesOf(body)};
    const auto likeliest = whole(body, "top_logprobs", 0, 20);
    if (flag(body, "logprobs")) {
        question.how.alternatives = likeliest.value_or(0);
    } else if (likeliest.value_or(0) > 0) {
        throw RequestError("'top_logprobs' wants 'logprobs': true", "top_logprobs");
    }
    return question;
}

CompletionQuestion readCompletionQuestion(std::string_view text)
{
    const json body = bodyOf(text);
    CompletionQuestion question {settingsOf(body), promptsOf(body)};
    question.how.alternatives = whole(body, "logprobs", 0, 20).value_or(-1);
    const auto best = whole(body, "best_of", 1, kMostAnswers);
    if (best && *best != question.how.count) {
        throw RequestError("'best_of' is not supported by this server; leave it out", "best_of",
                           400, "unsupported_parameter");
    }
    checkAnswers(question.prompts.size(), question.how);
    return question;
}

} // namespace pissarro::core::inline serve

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/conversation.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/token_spans_p.h"
#include "core/prompt/chat_request.h"
#include "core/prompt/chat_template.h"
#include "core/text/json_value.h"

#include <algorithm>

namespace pissarro::core::inline dataset {
namespace {

using Json = nlohmann::ordered_json;

bool flagOf(const Json& request, const char* name)
{
    const Json* const place = jsonField(request, name);
    if (place == nullptr) {
        return false;
    }
    const auto flag = jsonAs<bool>(*place);
    if (!flag) {
        throw Error(ErrorKind::Format,
                    fmt::format("the messages' field \"{}\" is {} (expected true or false)", name,
                                jsonKind(*place)));
    }
    return *flag;
}

ChatRequest requestOf(const Json& json)
{
    ChatRequest request;
    if (json.is_array()) {
        request.messages = json;
        return request;
    }
    if (!json.is_object() || !json.contains("messages")) {
        throw Error(ErrorKind::Format,
                    fmt::format("the messages are {} (expected a list of them, or an object with "
                                "\"messages\")",
                                jsonKind(json)));
    }
    request.addGenerationPrompt = flagOf(json, "add_generation_prompt");
    request.continueFinalMessage = flagOf(json, "continue_final_message");
    for (const auto& [name, value] : json.items()) {
        if (name == "messages") {
            request.messages = value;
        } else if (name == "tools") {
            request.tools = value;
        } else if (name == "documents") {
            request.documents = value;
        } else if (name == "now") {
            auto text = jsonAs<std::string>(value);
            if (!text) {
                throw Error(
                    ErrorKind::Format,
                    fmt::format("the messages' field \"now\" is {} (expected a text such as "
                                "2026-02-03T04:05:06)",
                                jsonKind(value)));
            }
            request.now = std::move(*text);
        } else if (name != "add_generation_prompt" && name != "continue_final_message"
                   && name != "special_tokens") {
            request.variables[name] = value;
        }
    }
    return request;
}

Json specialTokensOf(const Tokenizer& tokenizer, const Json& request)
{
    if (request.is_object() && request.contains("special_tokens")) {
        const Json& given = request.at("special_tokens");
        if (!given.is_object()) {
            throw Error(
                ErrorKind::Format,
                fmt::format("the messages' field \"special_tokens\" is {} (expected an object "
                            "of texts)",
                            jsonKind(given)));
        }
        return given;
    }
    Json tokens = Json::object();
    for (const auto& [name, text] : tokenizer.specialTokens()) {
        tokens[name] = text;
    }
    return tokens;
}

} // namespace

RenderedConversation renderConversation(std::string_view chatTemplate, const Tokenizer& tokenizer,
                                        const Json& json)
{
    if (chatTemplate.empty()) {
        throw Error(ErrorKind::Format,
                    "the model has no chat template (expected one in tokenizer_config.json or the "
                    "GGUF)");
    }
    const ChatRequest request = requestOf(json);
    const ChatTemplate chat(chatTemplate, specialTokensOf(tokenizer, json));
    RenderedConversation out;
    out.text = chat.render(request).text;
    out.ids = tokenizer.encode(out.text, false);
    try {
        LearnedText learned = chat.learned(request);
        // With a prompt the text goes on behind the answers, to be continued it ends within the last one.
        if (!out.text.starts_with(learned.text) && !learned.text.starts_with(out.text)) {
            throw Error(ErrorKind::Format,
                        "the chat template writes the conversation otherwise when it is to be gone "
                        "on with, so that its prefix is not that of the whole");
        }
        for (TextSpan& span : learned.answers) {
            span.begin = std::min(span.begin, out.text.size());
            span.end = std::min(span.end, out.text.size());
        }
        out.learned = tokensWithin(tokenizer, out.text, out.ids, learned.answers);
    } catch (const Error& e) {
        out.whyNoMask = e.what();
    }
    return out;
}

} // namespace pissarro::core::inline dataset

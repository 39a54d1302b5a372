// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/chat_template.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/prompt/chat_request.h"
#include "core/prompt/python_text_p.h"
#include "core/text/json_value.h"

#include <algorithm>

namespace pissarro::core::inline prompt {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTag = "CONTINUE_FINAL_MESSAGE_TAG "; // transformers' own

// transformers' normal form: keys without a value go, and the older names of reasoning are filled from one another.
Json normalized(const Json& messages)
{
    if (!messages.is_array() || messages.empty()) {
        throw Error(ErrorKind::Format,
                    "the conversation has no message (expected a list of at least one)");
    }
    Json out = Json::array();
    for (const Json& message : messages) {
        if (!message.is_object()) {
            throw Error(ErrorKind::Format,
                        std::string("a message is ") + message.type_name()
                            + " (expected an object with role and content)");
        }
        Json kept = Json::object();
        for (const auto& [key, value] : message.items()) {
            if (!value.is_null()) {
                kept[key] = value;
            }
        }
        const char* reasoning = nullptr;
        for (const char* key : {"reasoning", "thinking", "reasoning_content"}) {
            reasoning = kept.contains(key) ? key : reasoning;
        }
        if (reasoning != nullptr) {
            const Json value = kept[reasoning];
            Json filled = Json::object();
            filled["thinking"] = value;
            for (const auto& [key, held] : kept.items()) {
                filled[key] = held;
            }
            filled["reasoning_content"] = value;
            kept = std::move(filled);
        }
        out.push_back(std::move(kept));
    }
    return out;
}

// The text that the last message ends with, tagged there; returns it as it was.
std::string tagFinalMessage(Json& messages)
{
    Json& last = messages.back();
    const auto content = last.find("content");
    if (content == last.end()) {
        throw Error(ErrorKind::Format, "the last message has no content to be continued");
    }
    if (const auto text = jsonAs<std::string>(*content)) {
        *content = *text + kTag;
        return *text;
    }
    if (content->is_array()) {
        for (auto part = content->rbegin(); part != content->rend(); ++part) {
            if (const auto text = jsonFieldAs<std::string>(*part, "text")) {
                (*part)["text"] = *text + kTag;
                return *text;
            }
        }
    }
    throw Error(ErrorKind::Format, "the last message has no text to be continued");
}

std::string_view trimmed(std::string_view text)
{
    return jinja::stripped(text, true, true);
}

void cutAtTag(RenderedTemplate& rendered, const std::string& final)
{
    const std::string tag = kTag;
    const std::string_view bare = trimmed(tag);
    const std::size_t at = rendered.text.rfind(bare);
    if (at == std::string::npos || rendered.text.find(trimmed(final)) == std::string::npos) {
        throw Error(ErrorKind::Format,
                    "the last message cannot be continued: the chat template changes its text");
    }
    const bool keepsSpace = std::string_view(rendered.text).substr(at).starts_with(tag);
    rendered.text.resize(at);
    if (!keepsSpace) {
        rendered.text = std::string(jinja::stripped(rendered.text, false, true));
    }
}

} // namespace

struct ChatTemplate::Parts {
    JinjaTemplate program;
    Json specialTokens;

    RenderedTemplate render(const ChatRequest& request, const Json& messages, bool prompt) const
    {
        Json variables = specialTokens;
        for (const auto& [name, value] : request.variables.items()) {
            variables[name] = value;
        }
        variables["messages"] = messages;
        variables["tools"] = request.tools;
        variables["documents"] = request.documents;
        variables["add_generation_prompt"] = prompt;
        try {
            return program.render(variables, request.now);
        } catch (const Error& e) {
            throw e.within("the chat template");
        }
    }
};

ChatTemplate::ChatTemplate(std::string_view source, const Json& specialTokens)
try : m_parts(new Parts {JinjaTemplate(source), specialTokens}) {
} catch (const Error& e) {
    throw e.within("the chat template");
}

ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

bool ChatTemplate::marksAnswers() const
{
    return m_parts->program.marksAnswers();
}

bool ChatTemplate::names(std::string_view word) const
{
    return m_parts->program.names(word);
}

RenderedTemplate ChatTemplate::render(const ChatRequest& request) const
{
    Json messages = normalized(request.messages);
    if (!request.continueFinalMessage) {
        return m_parts->render(request, messages, request.addGenerationPrompt);
    }
    if (request.addGenerationPrompt) {
        throw Error(ErrorKind::Format,
                    "add_generation_prompt and continue_final_message exclude each other");
    }
    if (!m_parts->program.names("content")) {
        throw Error(ErrorKind::Format,
                    "the last message cannot be continued: the chat template reads no content");
    }
    const std::string final = tagFinalMessage(messages);
    RenderedTemplate rendered = m_parts->render(request, messages, false);
    cutAtTag(rendered, final);
    return rendered;
}

LearnedText ChatTemplate::learned(const ChatRequest& request) const
{
    const Json messages = normalized(request.messages);
    RenderedTemplate whole = m_parts->render(request, messages, false);
    if (marksAnswers()) {
        return {std::move(whole.text), std::move(whole.generation)};
    }
    LearnedText out;
    Json before = Json::array();
    for (const Json& message : messages) {
        const auto role = message.find("role");
        const bool isAnswer = role != message.end() && *role == "assistant";
        const std::string prompt =
            isAnswer ? m_parts->render(request, before, true).text : std::string();
        before.push_back(message);
        if (!isAnswer) {
            continue;
        }
        const std::string with = before.size() == messages.size()
            ? whole.text
            : m_parts->render(request, before, false).text;
        if (!whole.text.starts_with(prompt) || !whole.text.starts_with(with)
            || with.size() < prompt.size()) {
            throw Error(
                ErrorKind::Format,
                fmt::format(
                    "the chat template writes answer {} otherwise when more follows, or another "
                    "prompt before it, so that its prefix is not that of the whole and cannot be "
                    "told what is to be learned; use a template with {{% generation %}} blocks",
                    out.answers.size() + 1));
        }
        out.answers.push_back({prompt.size(), with.size()});
    }
    out.text = std::move(whole.text);
    return out;
}

} // namespace pissarro::core::inline prompt

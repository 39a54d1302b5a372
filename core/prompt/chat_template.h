// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/template.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline prompt {

// A conversation for a chat template, as transformers' apply_chat_template takes it. The JSON keeps the order of keys,
// since templates print it.
struct ChatRequest; // chat_request.h: holds JSON

// What a rendered conversation teaches.
struct LearnedText {
    std::string text;
    std::vector<TextSpan> answers; // of the assistant's messages, in order
};

// A model's chat template with its special tokens.
// Threads: immutable; may be used from any thread at once.
class ChatTemplate {
public:
    // specialTokens: an object of texts, "bos_token" and so on. Throws: Error{Format}.
    ChatTemplate(std::string_view source, const nlohmann::ordered_json& specialTokens);
    ~ChatTemplate();
    ChatTemplate(ChatTemplate&&) noexcept;
    ChatTemplate& operator=(ChatTemplate&&) noexcept;

    // The conversation as text, to be tokenized without special tokens: the template writes them.
    // Throws: Error{Format}, with what the template itself says where it refuses the conversation.
    RenderedTemplate render(const ChatRequest& request) const;

    // The conversation and where its answers stand in it: what {% generation %} marks, or, without such blocks, from
    // the end of the rendering before an answer (with a generation prompt) to the end of the rendering with it.
    // Throws: Error{Format} also where such a rendering is not the beginning of the whole: the template writes an
    //   answer otherwise once more follows, and no mask would be right.
    LearnedText learned(const ChatRequest& request) const;

    bool marksAnswers() const;
    bool names(std::string_view word) const; // `word` stands somewhere in the source

private:
    struct Parts;
    std::unique_ptr<const Parts> m_parts;
};

} // namespace pissarro::core::inline prompt

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/chat_template.h"

#include "core/base/error.h"
#include "core/prompt/chat_request.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {

std::vector<std::pair<std::string, std::string>> Tokenizer::specialTokens() const
{
    auto out = m_namedTokens;
    for (const auto& [name, id] : {std::pair("bos_token", m_bosId), std::pair("eos_token", m_eosId),
                                   std::pair("pad_token", m_padId)}) {
        const bool isNamed = std::any_of(out.begin(), out.end(), [name = name](const auto& token) {
            return token.first == name;
        });
        if (!isNamed && id >= 0) {
            out.emplace_back(name, piece(id));
        }
    }
    return out;
}

ChatTemplate Tokenizer::openChatTemplate() const
{
    if (m_chatTemplate.empty()) {
        throw Error(ErrorKind::Format,
                    "the model has no chat template (expected one in tokenizer_config.json or the "
                    "GGUF); use a plain prompt");
    }
    nlohmann::ordered_json tokens = nlohmann::ordered_json::object();
    for (const auto& [name, text] : specialTokens()) {
        tokens[name] = text;
    }
    return {m_chatTemplate, tokens};
}

std::string Tokenizer::applyChatTemplate(const std::vector<ChatMessage>& messages) const
{
    ChatRequest request;
    request.addGenerationPrompt = true;
    for (const ChatMessage& message : messages) {
        request.messages.push_back(
            {{"role", message.role}, {"content", replaceInvalidUtf8(message.content)}});
    }
    return openChatTemplate().render(request).text;
}

} // namespace pissarro::core::inline tokenizer

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/tokenizer.h"
#include "core/data/utf8_p.h"
#include "core/io/message_text.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

namespace pissarro::core {
namespace {

// A conversation with the system message apart, as most templates treat it.
struct Conversation {
    std::optional<std::string> system;
    std::vector<ChatMessage> turns;
};

Conversation conversationOf(const std::vector<ChatMessage>& messages)
{
    Conversation talk;
    talk.turns = messages;
    if (!messages.empty() && messages.front().role == "system") {
        talk.system = messages.front().content;
        talk.turns.erase(talk.turns.begin());
    }
    return talk;
}

// Jinja's trim and Python's strip.
std::string trimmed(const std::string& text)
{
    std::string_view rest = text;
    for (std::size_t at = 0; !rest.empty() && isWhitespace(nextCodePoint(rest, at)); at = 0) {
        rest.remove_prefix(std::min(at, rest.size())); // the text may end within a character
    }
    while (!rest.empty() && isWhitespace(lastCodePoint(rest))) {
        std::size_t last = rest.size() - 1;
        while (last > 0 && (static_cast<unsigned char>(rest[last]) & 0xC0U) == 0x80) {
            --last;
        }
        rest = rest.substr(0, last);
    }
    return std::string(rest);
}

void demandAlternatingTurns(const std::vector<ChatMessage>& turns)
{
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const char* expected = i % 2 == 0 ? "user" : "assistant";
        if (turns[i].role != expected) {
            throw Error(ErrorKind::Format,
                        "turn " + std::to_string(i + 1) + " of the conversation is by "
                            + shownText(turns[i].role)
                            + " (this model's chat template expects user and assistant in turn, "
                              "user first)");
        }
    }
}

// The template's string literals, in order, with \n and \' resolved.
std::vector<std::string> literalsOf(const std::string& text)
{
    std::vector<std::string> literals;
    bool inCode = false;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '{' && (text[i + 1] == '{' || text[i + 1] == '%')) {
            inCode = true;
        } else if ((text[i] == '}' || text[i] == '%') && text[i + 1] == '}') {
            inCode = false;
        }
        if (!inCode || (text[i] != '\'' && text[i] != '"')) {
            continue;
        }
        const char quote = text[i];
        std::string literal;
        for (++i; i < text.size() && text[i] != quote; ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) {
                ++i;
                literal += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
            } else {
                literal += text[i];
            }
        }
        literals.push_back(std::move(literal));
    }
    return literals;
}

std::string chatMl(const std::string& source, const std::vector<ChatMessage>& messages)
{
    constexpr std::string_view kSystem = "<|im_start|>system\n";
    constexpr std::string_view kEnd = "<|im_end|>";
    std::string out;
    if (messages.empty() || messages.front().role != "system") {
        // SmolLM2 and Qwen2 speak of themselves where the conversation does not: that text is in
        // the template.
        for (const std::string& literal : literalsOf(source)) {
            const std::size_t end = literal.find(kEnd);
            if (literal.starts_with(kSystem) && end != std::string::npos && end > kSystem.size()) {
                out = literal;
                break;
            }
        }
    }
    for (const ChatMessage& message : messages) {
        out += "<|im_start|>" + message.role + "\n" + message.content + "<|im_end|>\n";
    }
    return out + "<|im_start|>assistant\n";
}

std::string today()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts {};
    localtime_r(&now, &parts);
    std::array<char, 32> text {};
    std::strftime(text.data(), text.size(), "%d %b %Y", &parts);
    return text.data();
}

std::string llama3(const std::string& source, const std::string& bos,
                   const std::vector<ChatMessage>& messages)
{
    const auto turn = [](const std::string& role, const std::string& content) {
        return "<|start_header_id|>" + role + "<|end_header_id|>\n\n" + content + "<|eot_id|>";
    };
    std::string out = bos;
    Conversation talk = conversationOf(messages);
    if (source.find("Cutting Knowledge Date") != std::string::npos) { // LLaMA 3.1 and later
        const bool asksDate = source.find("strftime_now") != std::string::npos;
        out += turn("system",
                    "Cutting Knowledge Date: December 2023\nToday Date: "
                        + (asksDate ? today() : "26 Jul 2024") + "\n\n"
                        + trimmed(talk.system.value_or("")));
    } else if (talk.system) {
        out += turn("system", trimmed(*talk.system));
    }
    for (const ChatMessage& message : talk.turns) {
        out += turn(message.role, trimmed(message.content));
    }
    return out + "<|start_header_id|>assistant<|end_header_id|>\n\n";
}

std::string llama2(const std::string& bos, const std::string& eos,
                   const std::vector<ChatMessage>& messages)
{
    const Conversation talk = conversationOf(messages);
    demandAlternatingTurns(talk.turns);
    std::string out;
    for (std::size_t i = 0; i < talk.turns.size(); ++i) {
        std::string content = talk.turns[i].content;
        if (i == 0 && talk.system) {
            content = "<<SYS>>\n" + *talk.system + "\n<</SYS>>\n\n" + content;
        }
        out += talk.turns[i].role == "user" ? bos + "[INST] " + trimmed(content) + " [/INST]"
                                            : " " + trimmed(content) + " " + eos;
    }
    return out;
}

// Mistral's templates differ by spaces around the marks from version to version: they are read from
// the template.
std::string mistral(const std::string& source, const std::string& bos, const std::string& eos,
                    const std::vector<ChatMessage>& messages)
{
    std::string open = "[INST] ";
    std::string close = " [/INST]";
    for (const std::string& literal : literalsOf(source)) {
        if (literal.find("[/INST]") != std::string::npos) {
            close = literal;
        } else if (literal.find("[INST]") != std::string::npos) {
            open = literal;
        }
    }
    const std::size_t answer = source.find("assistant", source.find("[/INST]"));
    const std::string tail = answer == std::string::npos ? std::string() : source.substr(answer);
    const auto has = [&](const char* mark) { return tail.find(mark) != std::string::npos; };
    const bool spaceBefore = has("' ' + message") || has("\" \" + message");
    const bool spaceBehind = has("eos_token + ' '") || has("eos_token + \" \"");
    const bool trims = has("|trim") || has("| trim");
    const bool takesSystem = source.find("system_message") != std::string::npos;
    const Conversation talk = conversationOf(messages);
    if (talk.system && !takesSystem) {
        throw Error(
            ErrorKind::Format,
            "the model's chat template takes no system message; put it into the first user turn");
    }
    demandAlternatingTurns(talk.turns);
    const bool systemLast = source.find("loop.last and system_message") != std::string::npos;
    std::string out = bos;
    for (std::size_t i = 0; i < talk.turns.size(); ++i) {
        const std::string& content = talk.turns[i].content;
        const std::size_t systemTurn = systemLast ? talk.turns.size() - 1 : 0;
        if (talk.turns[i].role == "user") {
            out += open + (talk.system && i == systemTurn ? *talk.system + "\n\n" : "") + content
                + close;
        } else {
            out += (spaceBefore ? " " : "") + (trims ? trimmed(content) : content) + eos
                + (spaceBehind ? " " : "");
        }
    }
    return out;
}

std::string gemma(const std::string& source, const std::string& bos,
                  const std::vector<ChatMessage>& messages)
{
    const Conversation talk = conversationOf(messages);
    const bool takesSystem = source.find("first_user_prefix") != std::string::npos; // Gemma 3
    if (talk.system && !takesSystem) {
        throw Error(
            ErrorKind::Format,
            "the model's chat template takes no system message; put it into the first user turn");
    }
    demandAlternatingTurns(talk.turns);
    std::string out = bos;
    for (std::size_t i = 0; i < talk.turns.size(); ++i) {
        const std::string& role = talk.turns[i].role;
        out += "<start_of_turn>" + (role == "assistant" ? "model" : role) + "\n"
            + (i == 0 && talk.system ? *talk.system + "\n\n" : "") + trimmed(talk.turns[i].content)
            + "<end_of_turn>\n";
    }
    return out + "<start_of_turn>model\n";
}

} // namespace

std::string Tokenizer::applyChatTemplate(const std::vector<ChatMessage>& messages) const
{
    const std::string& source = m_chatTemplate;
    const auto has = [&](const char* mark) { return source.find(mark) != std::string::npos; };
    const std::string bos = m_bosId >= 0 ? piece(m_bosId) : "";
    const std::string eos = m_eosId >= 0 ? piece(m_eosId) : "";
    if (source.empty()) {
        throw Error(ErrorKind::Format,
                    "the model has no chat template (expected one in tokenizer_config.json or the "
                    "GGUF); use a plain prompt");
    }
    if (has("<|im_start|>")) {
        return chatMl(source, messages);
    }
    if (has("<|start_header_id|>")) {
        return llama3(source, bos, messages);
    }
    if (has("<start_of_turn>")) {
        return gemma(source, bos, messages);
    }
    if (has("<<SYS>>")) {
        return llama2(bos, eos, messages);
    }
    if (has("[INST]")) {
        return mistral(source, bos, eos, messages);
    }
    throw Error(ErrorKind::Format,
                "the model's chat template is of no known family (expected ChatML, LLaMA 2, LLaMA "
                "3, Gemma or Mistral); "
                "use a plain prompt");
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace pissarro::core::inline prompt {

// What a chat template is given, beside the special tokens of its tokenizer.
struct ChatRequest {
    nlohmann::ordered_json messages; // a list of objects with a role
    nlohmann::ordered_json tools; // a list of schemas; null: none
    nlohmann::ordered_json documents; // null: none
    bool addGenerationPrompt = false; // ends where the assistant is to speak
    bool continueFinalMessage = false; // ends within the last message, for it to be gone on with
    nlohmann::ordered_json variables = nlohmann::ordered_json::object(); // go before special tokens
    std::optional<std::string> now; // what strftime_now says; absent: the clock
};

} // namespace pissarro::core::inline prompt

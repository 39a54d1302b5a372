// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/tokenizer.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace pissarro::core::inline dataset {

// A row of a data file, whatever its columns: a conversation that ends with an answer.
struct Dialogue {
    std::string columns; // "question, answer": those that were recognised
    // Every turn, for a chat template: objects with role and content and what else stood there.
    nlohmann::ordered_json messages = nlohmann::ordered_json::array();
    // By message: an answer that is to be learned. The last one, unless weight or train say which.
    std::vector<bool> learned;
    bool saysWhich = false;
    nlohmann::ordered_json tools; // null: none
    std::set<std::string> unused; // fields that hold a text of several words and that nothing uses
    bool callsTools = false; // a message holds tool_calls, or is a tool's

    // The same for the other templates: the turns before the last answer, and that answer.
    std::vector<ChatMessage> turns;
    std::string response;
};

// Recognises the columns of one row. Threads: any.
// Throws: Error{Format} naming the fields that were found and those that were looked for.
Dialogue dialogueOf(const nlohmann::ordered_json& row);

// The turns as one text: a single user turn is itself (behind the system message and an empty
// line); a longer talk is written "User: …", "Assistant: …", a line each.
std::string plainText(const std::vector<ChatMessage>& turns);

} // namespace pissarro::core::inline dataset

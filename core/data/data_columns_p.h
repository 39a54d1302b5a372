// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/tokenizer.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pissarro::core {

// A row of a data file, whatever its columns: the turns before the answer, and the answer.
struct Dialogue {
    std::string columns; // "question, answer": those that were recognised
    std::vector<ChatMessage> turns; // the last one is the user's, system first where there is one
    std::string response;
};

// Recognises the columns of one row. Threads: any.
// Throws: Error{Format} naming the fields that were found and those that were looked for.
Dialogue dialogueOf(const nlohmann::json& row);

// The turns as one text: a single user turn is itself (behind the system message and an empty
// line); a longer talk is written "User: …", "Assistant: …", a line each.
std::string plainText(const std::vector<ChatMessage>& turns);

} // namespace pissarro::core

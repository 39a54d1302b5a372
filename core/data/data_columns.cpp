// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/data_columns_p.h"
#include "core/io/message_text.h"

#include <algorithm>
#include <array>

namespace pissarro::core {
namespace {

using nlohmann::json;

constexpr const char* kKnown = "instruction and output, question and answer, query and response, "
                               "prompt and completion, messages, or conversations";

const json* presentField(const json& row, const char* name)
{
    const auto place = row.find(name);
    return place == row.end() || place->is_null() ? nullptr : &*place;
}

std::string textOf(const json& value, const std::string& name)
{
    if (!value.is_string()) {
        throw Error(ErrorKind::Format,
                    "the field \"" + name + "\" is " + value.type_name() + " (expected text)");
    }
    return value.get<std::string>();
}

std::string fieldsFound(const json& row)
{
    std::string names;
    for (const auto& [name, value] : row.items()) {
        names += (names.empty() ? "" : ", ") + shownText(name, 24);
        if (names.size() > 120) {
            names += ", …";
            break;
        }
    }
    return names.empty() ? "no field" : names;
}

std::string roleOf(const std::string& name)
{
    if (name == "human" || name == "user") {
        return "user";
    }
    if (name == "gpt" || name == "assistant" || name == "model" || name == "bot") {
        return "assistant";
    }
    if (name == "system") {
        return "system";
    }
    throw Error(ErrorKind::Format,
                "a message is by " + shownText(name, 24)
                    + " (expected system, user or assistant; in ShareGPT system, human or gpt)");
}

Dialogue conversation(const json& list, const char* column, const char* roleKey,
                      const char* textKey)
{
    if (!list.is_array()) {
        throw Error(ErrorKind::Format,
                    std::string("the field \"") + column + "\" is " + list.type_name()
                        + " (expected a list of messages)");
    }
    Dialogue dialogue;
    dialogue.columns = column;
    for (const json& entry : list) {
        const json* role = entry.is_object() ? presentField(entry, roleKey) : nullptr;
        const json* text = entry.is_object() ? presentField(entry, textKey) : nullptr;
        if (role == nullptr || text == nullptr) {
            throw Error(ErrorKind::Format,
                        std::string("a message in \"") + column + "\" lacks \"" + roleKey
                            + "\" or \"" + textKey + "\" (expected both)");
        }
        dialogue.turns.push_back({roleOf(textOf(*role, roleKey)), textOf(*text, textKey)});
    }
    while (!dialogue.turns.empty() && dialogue.turns.back().role != "assistant") {
        dialogue.turns.pop_back();
    }
    if (dialogue.turns.size() < 2) {
        throw Error(ErrorKind::Format,
                    std::string("the field \"") + column
                        + "\" has no answer to learn (expected a user's message and an assistant's "
                          "after it)");
    }
    dialogue.response = std::move(dialogue.turns.back().content);
    dialogue.turns.pop_back();
    return dialogue;
}

} // namespace

Dialogue dialogueOf(const json& row)
{
    if (!row.is_object()) {
        throw Error(ErrorKind::Format,
                    std::string("is ") + row.type_name() + " (expected an object)");
    }
    if (const json* list = presentField(row, "messages")) {
        return conversation(*list, "messages", "role", "content");
    }
    if (const json* list = presentField(row, "conversations")) {
        return conversation(*list, "conversations", "from", "value");
    }
    constexpr std::array<std::pair<const char*, const char*>, 4> kPairs {{
        {"instruction", "output"},
        {"question", "answer"},
        {"query", "response"},
        {"prompt", "completion"},
    }};
    const auto fits = [&](const auto& pair) {
        return presentField(row, pair.first) != nullptr
            && presentField(row, pair.second) != nullptr;
    };
    const auto* pair = std::find_if(kPairs.begin(), kPairs.end(), fits);
    if (pair == kPairs.end()) {
        const auto half = std::find_if(kPairs.begin(), kPairs.end(), [&](const auto& names) {
            return presentField(row, names.first) != nullptr;
        });
        throw Error(ErrorKind::Format,
                    (half != kPairs.end()
                         ? std::string("has no response field \"") + half->second + "\""
                         : std::string("has no known columns"))
                        + ": found " + fieldsFound(row) + " (expected " + kKnown + ")");
    }
    Dialogue dialogue;
    dialogue.columns = std::string(pair->first) + ", " + pair->second;
    std::string prompt = textOf(*presentField(row, pair->first), pair->first);
    const json* input =
        std::string_view(pair->first) == "instruction" ? presentField(row, "input") : nullptr;
    if (input != nullptr) {
        dialogue.columns = "instruction, input, output";
        const std::string more = textOf(*input, "input");
        prompt += more.empty() ? "" : "\n" + more;
    }
    dialogue.turns.push_back({"user", std::move(prompt)});
    dialogue.response = textOf(*presentField(row, pair->second), pair->second);
    return dialogue;
}

std::string plainText(const std::vector<ChatMessage>& turns)
{
    const bool hasSystem = !turns.empty() && turns.front().role == "system";
    std::string text = hasSystem ? turns.front().content + "\n\n" : "";
    const std::size_t first = hasSystem ? 1 : 0;
    const bool single = turns.size() == first + 1;
    for (std::size_t i = first; i < turns.size(); ++i) {
        text += i > first ? "\n" : "";
        text += single ? "" : turns[i].role == "assistant" ? "Assistant: " : "User: ";
        text += turns[i].content;
    }
    return text;
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_columns_p.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>

namespace pissarro::core::inline dataset {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKnown = "instruction and output, question and answer, query and response, "
                               "prompt and completion, messages, or conversations";

std::string textOf(const Json& value, const std::string& name)
{
    auto text = jsonAs<std::string>(value);
    if (!text) {
        throw Error(ErrorKind::Format,
                    fmt::format("the field \"{}\" is {} (expected text)", name, jsonKind(value)));
    }
    return std::move(*text);
}

std::string fieldsFound(const Json& row)
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
    if (name == "system" || name == "developer") { // OpenAI's newer name for it
        return "system";
    }
    if (name == "tool" || name == "observation") {
        return "tool";
    }
    throw Error(ErrorKind::Format,
                fmt::format("a message is by {} (expected system, developer, user, assistant or "
                            "tool; in ShareGPT system, human or gpt)",
                            shownText(name, 24)));
}

// A content is a text, or a list of parts of which those of text are read.
std::string contentOf(const Json& value, const char* name)
{
    if (!value.is_array()) {
        return textOf(value, name);
    }
    std::string text;
    for (const Json& part : value) {
        const Json* kind = part.is_object() ? jsonField(part, "type") : nullptr;
        const Json* words = part.is_object() ? jsonField(part, "text") : nullptr;
        const std::string type =
            (kind != nullptr ? jsonAs<std::string>(*kind) : std::nullopt).value_or("text");
        if (words == nullptr || type != "text") {
            throw Error(
                ErrorKind::Format,
                fmt::format("the field \"{}\" has a part of the type {} (expected text: images and "
                            "the like are not read)",
                            name,
                            shownText(words == nullptr && kind == nullptr ? "unknown" : type, 24)));
        }
        text += textOf(*words, "text");
    }
    return text;
}

// `weight` (0 or 1) and `train` (true or false) of an answer: whether it is learned.
bool isLearned(const Json& message)
{
    bool learned = true;
    if (const Json* weight = jsonField(message, "weight")) {
        const auto number = jsonAs<double>(*weight);
        if (number != 0.0 && number != 1.0) {
            throw Error(ErrorKind::Format,
                        fmt::format("a message has the weight {} (expected 0, not learned, or 1)",
                                    shownText(weight->dump(), 24)));
        }
        learned = number == 1.0;
    }
    for (const char* name : {"train", "training"}) {
        if (const Json* train = jsonField(message, name)) {
            const auto flag = jsonAs<bool>(*train);
            if (!flag) {
                throw Error(ErrorKind::Format,
                            fmt::format("the field \"{}\" of a message is {} (expected true or "
                                        "false)",
                                        name, jsonKind(*train)));
            }
            learned = learned && *flag;
        }
    }
    return learned;
}

bool isProse(const Json& value)
{
    const std::string* const text = jsonText(value);
    return text != nullptr && text->find_first_of(" \n\t") != std::string::npos;
}

void notePlainly(Dialogue& dialogue, const Json& object, const std::string& path,
                 std::initializer_list<const char*> used)
{
    for (const auto& [name, value] : object.items()) {
        const bool isUsed = std::any_of(used.begin(), used.end(),
                                        [&, &key = name](const char* one) { return key == one; });
        if (!isUsed && isProse(value)) {
            dialogue.unused.insert(path + name);
        }
    }
}

void addMessage(Dialogue& dialogue, Json message, bool learned)
{
    dialogue.learned.push_back(learned && message.at("role") == "assistant");
    dialogue.messages.push_back(std::move(message));
}

void addText(Dialogue& dialogue, const char* role, const std::string& text)
{
    addMessage(dialogue, {{"role", role}, {"content", text}}, true);
}

// One message of a list, by whatever keys it has: role and content, or from and value.
void addEntry(Dialogue& dialogue, const Json& entry, const char* column, bool mayLearn)
{
    const auto either = [&](const char* one, const char* other) {
        const Json* value = entry.is_object() ? jsonField(entry, one) : nullptr;
        return value != nullptr || !entry.is_object() ? value : jsonField(entry, other);
    };
    const Json* role = either("role", "from");
    const Json* content = either("content", "value");
    const Json* calls = either("tool_calls", "function_call");
    if (role == nullptr || (content == nullptr && calls == nullptr)) {
        const bool isNull =
            entry.is_object() && (entry.contains("content") || entry.contains("value"));
        throw Error(ErrorKind::Format,
                    fmt::format("a message in \"{}\" {} (expected both)", column,
                                role != nullptr && isNull
                                    ? "has the content null and calls no tool"
                                    : "lacks role or content (in ShareGPT from and value)"));
    }
    Json message = {{"role", roleOf(textOf(*role, "role"))}};
    if (content != nullptr) {
        message["content"] = contentOf(*content, "content");
    }
    for (const auto& [name, value] : entry.items()) {
        const bool isRead = name == "role" || name == "from" || name == "content" || name == "value"
            || name == "weight" || name == "train" || name == "training";
        if (!isRead && !value.is_null()) {
            message[name] = value; // a chat template may speak of it
        }
    }
    dialogue.callsTools = dialogue.callsTools || calls != nullptr || message["role"] == "tool";
    for (const char* name : {"weight", "train", "training"}) {
        dialogue.saysWhich = dialogue.saysWhich || jsonField(entry, name) != nullptr;
    }
    addMessage(dialogue, std::move(message), mayLearn && isLearned(entry));
}

void addConversation(Dialogue& dialogue, const Json& list, const char* column, bool mayLearn)
{
    if (!list.is_array()) {
        throw Error(ErrorKind::Format,
                    fmt::format("the field \"{}\" is {} (expected a list of messages)", column,
                                jsonKind(list)));
    }
    for (const Json& entry : list) {
        addEntry(dialogue, entry, column, mayLearn);
    }
}

// The question that a conversation ends with has no answer to learn.
void dropOpenQuestion(Dialogue& dialogue, const std::string& column)
{
    Json& messages = dialogue.messages;
    while (!messages.empty() && messages.back().at("role") != "assistant") {
        messages.erase(messages.size() - 1);
        dialogue.learned.pop_back();
    }
    if (messages.size() < 2) {
        throw Error(
            ErrorKind::Format,
            fmt::format("the field \"{}\" has no answer to learn (expected a user's message "
                        "and an assistant's after it)",
                        column));
    }
}

// What LLaMA-Factory has beside the columns: a system text, and earlier turns as pairs.
void addSystem(Dialogue& dialogue, const Json& row)
{
    const Json* system = jsonField(row, "system");
    system = system != nullptr ? system : jsonField(row, "system_prompt");
    const std::string text = system != nullptr ? textOf(*system, "system") : std::string();
    if (!text.empty()) {
        addText(dialogue, "system", text);
        dialogue.columns = "system, ";
    }
}

void addHistory(Dialogue& dialogue, const Json& row)
{
    const Json* history = jsonField(row, "history");
    if (history == nullptr) {
        return;
    }
    const auto refuse = [] {
        throw Error(ErrorKind::Format,
                    "the field \"history\" is not a list of pairs (expected [[\"question\", "
                    "\"answer\"], …])");
    };
    if (!history->is_array()) {
        refuse();
    }
    for (const Json& pair : *history) {
        if (!pair.is_array() || pair.size() != 2) {
            refuse();
        }
        addText(dialogue, "user", textOf(pair[0], "history"));
        addText(dialogue, "assistant", textOf(pair[1], "history"));
    }
    dialogue.columns += history->empty() ? "" : "history, ";
}

void addTools(Dialogue& dialogue, const Json& row)
{
    const Json* tools = jsonField(row, "tools");
    if (tools == nullptr || *tools == "" || (tools->is_array() && tools->empty())) {
        return;
    }
    dialogue.tools = *tools;
    if (const std::string* const text = jsonText(*tools)) { // some sets hold the schemas as one
        try {
            dialogue.tools = parseOrderedJson(*text); // within limits of depth and size
        } catch (const Error&) {
            dialogue.tools = nullptr;
        }
    }
    if (!dialogue.tools.is_array()) {
        throw Error(ErrorKind::Format,
                    "the field \"tools\" holds no schemas (expected a list of JSON schemas)");
    }
}

// The other templates know a text of turns and the last answer.
void flatten(Dialogue& dialogue)
{
    if (!dialogue.saysWhich) {
        std::fill(dialogue.learned.begin(), dialogue.learned.end() - 1, false);
    }
    for (const Json& message : dialogue.messages) {
        dialogue.turns.push_back(
            {jsonFieldAs<std::string>(message, "role").value_or(std::string()),
             jsonFieldAs<std::string>(message, "content").value_or(std::string())});
    }
    dialogue.response = std::move(dialogue.turns.back().content);
    dialogue.turns.pop_back();
}

void addPair(Dialogue& dialogue, const Json& row, const char* question, const char* answer)
{
    const Json& asked = *jsonField(row, question);
    const Json& answered = *jsonField(row, answer);
    dialogue.columns += fmt::format("{}, {}", question, answer);
    if (asked.is_array()) { // conversational prompt and completion, as TRL has them
        addConversation(dialogue, asked, question, false);
        if (answered.is_array()) {
            addConversation(dialogue, answered, answer, true);
        } else {
            addText(dialogue, "assistant", textOf(answered, answer));
        }
        dropOpenQuestion(dialogue, answer);
        return;
    }
    std::string prompt = textOf(asked, question);
    const Json* input =
        std::string_view(question) == "instruction" ? jsonField(row, "input") : nullptr;
    if (input != nullptr) {
        const std::string more = textOf(*input, "input");
        prompt += more.empty() ? "" : "\n" + more;
        const std::size_t place = dialogue.columns.find("instruction, ");
        dialogue.columns.insert(place + std::string_view("instruction, ").size(), "input, ");
    }
    addText(dialogue, "user", prompt);
    addText(dialogue, "assistant", textOf(answered, answer));
    dialogue.learned.back() = isLearned(row);
}

void refuseUnknown(const Json& row, const char* half)
{
    throw Error(
        ErrorKind::Format,
        Clause {fmt::format("{}: found {} (expected {})",
                            half != nullptr ? fmt::format("has no response field \"{}\"", half)
                                            : "has no known columns",
                            fieldsFound(row), kKnown)});
}

void addPairOf(Dialogue& dialogue, const Json& row)
{
    constexpr std::array<std::pair<const char*, const char*>, 4> kPairs {{
        {"instruction", "output"},
        {"question", "answer"},
        {"query", "response"},
        {"prompt", "completion"},
    }};
    const char* half = nullptr;
    for (const auto& [question, answer] : kPairs) {
        if (jsonField(row, question) == nullptr) {
            continue;
        }
        if (jsonField(row, answer) != nullptr) {
            addPair(dialogue, row, question, answer);
            notePlainly(dialogue, row, "",
                        {question, answer, "input", "system", "system_prompt", "history", "tools"});
            return;
        }
        half = half != nullptr ? half : answer;
    }
    refuseUnknown(row, half);
}

} // namespace

Dialogue dialogueOf(const Json& row)
{
    if (!row.is_object()) {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("is {} (expected an object)", jsonKind(row))});
    }
    Dialogue dialogue;
    addSystem(dialogue, row);
    addHistory(dialogue, row);
    addTools(dialogue, row);
    const bool hasSystem = !dialogue.messages.empty() && dialogue.messages[0]["role"] == "system";
    const char* list = jsonField(row, "messages") != nullptr ? "messages"
        : jsonField(row, "conversations") != nullptr         ? "conversations"
                                                             : nullptr;
    if (list == nullptr) {
        addPairOf(dialogue, row);
    } else {
        const std::size_t first = dialogue.messages.size();
        addConversation(dialogue, *jsonField(row, list), list, true);
        if (hasSystem && dialogue.messages.size() > first
            && dialogue.messages[first]["role"] == "system") {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format(
                            "has a system text in the field \"system\" and another in \"{}\" "
                            "(expected one of them)",
                            list)});
        }
        dropOpenQuestion(dialogue, list);
        dialogue.columns += list;
        notePlainly(dialogue, row, "",
                    {"messages", "conversations", "system", "system_prompt", "history", "tools"});
    }
    flatten(dialogue);
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

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
// What a row of a data file is, by the names of its columns.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_columns_p.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace pissarro::core::inline dataset {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKnown =
    "instruction and output, question and answer, query and response, prompt and completion, "
    "messages, conversations, chosen or text; others are named by --map";

constexpr std::array kBeside {"system", "system_prompt", "history", "tools"};

std::string fieldsFound(const Json& row)
{
    std::string names;
    for (const auto& [name, value] : row.items()) {
        names += (names.empty() ? "" : ", ") + shownText(name, 24);
        if (names.size() > 80) {
            names += ", …";
            break;
        }
    }
    return names.empty() ? "no field" : names;
}

bool isProse(const Json& value)
{
    const std::string* const text = jsonText(value);
    return text != nullptr && text->find_first_of(" \n\t") != std::string::npos;
}

void noteUnused(Dialogue& dialogue, const Json& row, std::initializer_list<const char*> used)
{
    for (const auto& [name, value] : row.items()) {
        const auto is = [&, &key = name](const char* one) { return key == one; };
        if (std::none_of(used.begin(), used.end(), is)
            && std::none_of(kBeside.begin(), kBeside.end(), is) && isProse(value)) {
            dialogue.unused.insert(name);
        }
    }
}

// Pictures beside the words: the words alone would be another question.
void refusePictures(const Json& row)
{
    for (const char* name : {"images", "image", "videos", "video", "audios", "audio"}) {
        const Json* value = jsonField(row, name);
        const std::string* const text = value != nullptr ? jsonText(*value) : nullptr;
        if (value != nullptr && !value->empty() && (text == nullptr || !text->empty())) {
            throw Error(
                ErrorKind::Format,
                Clause {fmt::format("has {}, which are not read (expected words alone)", name)});
        }
    }
}

// What LLaMA-Factory has beside the columns: a system text, and earlier turns as pairs.
void addSystem(Dialogue& dialogue, const Json& row)
{
    for (const char* name : {"system", "system_prompt"}) {
        const Json* value = jsonField(row, name);
        if (value == nullptr) {
            continue;
        }
        const std::string text = textIn(*value, name);
        if (!text.empty()) {
            addText(dialogue, "system", text);
            dialogue.columns += fmt::format("{}, ", name);
        }
        return;
    }
}

void addHistory(Dialogue& dialogue, const Json& row)
{
    const Json* history = jsonField(row, "history");
    if (history == nullptr || *history == "") {
        return;
    }
    const auto refuse = [] {
        throw Error(ErrorKind::Format,
                    "the field \"history\" is not a list of pairs (expected [[\"question\", "
                    "\"answer\"], …])");
    };
    const std::optional<Json> pairs = listIn(*history);
    if (!pairs) {
        refuse();
    }
    for (const Json& pair : *pairs) {
        if (!pair.is_array() || pair.size() != 2) {
            refuse();
        }
        addText(dialogue, "user", textIn(pair[0], "history"));
        addText(dialogue, "assistant", textIn(pair[1], "history"));
    }
    dialogue.columns += pairs->empty() ? "" : "history, ";
}

void addTools(Dialogue& dialogue, const Json& row)
{
    const Json* tools = jsonField(row, "tools");
    if (tools == nullptr || *tools == "" || *tools == "[]"
        || (tools->is_array() && tools->empty())) {
        return;
    }
    std::optional<Json> list = listIn(*tools);
    if (!list) {
        throw Error(ErrorKind::Format,
                    "the field \"tools\" holds no schemas (expected a list of JSON schemas)");
    }
    if (!list->empty()) {
        dialogue.tools = std::move(*list);
    }
}

// Text that was meant to be filled in before.
bool holdsPlaceholder(std::string_view text)
{
    for (std::size_t at = text.find("{{"); at != std::string_view::npos;
         at = text.find("{{", at + 2)) {
        std::size_t end = at + 2;
        while (end < text.size() && end - at < 40
               && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'
                   || text[end] == ' ')) {
            ++end;
        }
        if (end > at + 2 && text.substr(end).starts_with("}}")) {
            return true;
        }
    }
    return false;
}

// The other templates know a text of turns and the last answer.
void flatten(Dialogue& dialogue)
{
    for (const Json& message : dialogue.messages) {
        dialogue.turns.push_back(
            {jsonFieldAs<std::string>(message, "role").value_or(std::string()),
             jsonFieldAs<std::string>(message, "content").value_or(std::string())});
    }
    dialogue.response = std::move(dialogue.turns.back().content);
    dialogue.turns.pop_back();
    if (holdsPlaceholder(dialogue.response)) {
        dialogue.remarks.insert(RowRemark::Placeholder);
    }
}

// The answer of a pair; of a list of answers the first, which such sets rank highest.
void addAnswer(Dialogue& dialogue, const Json& answer, const char* name)
{
    if (!answer.is_array() || answer.empty() || jsonText(answer[0]) == nullptr) {
        addText(dialogue, "assistant", textIn(answer, name));
        return;
    }
    addText(dialogue, "assistant", textIn(answer[0], name));
    if (answer.size() > 1) {
        dialogue.remarks.insert(RowRemark::Ranked);
    }
}

// KTO's mark of an answer that is not wanted, and what messages have by themselves.
bool isWanted(const Json& row)
{
    const Json* label = jsonField(row, "label");
    return isToBeLearned(row) && (label == nullptr || jsonAs<bool>(*label).value_or(true));
}

// What an instruction is about, in a column of its own; null: there is none.
const char* besideOf(const Json& row, std::string_view question)
{
    for (const char* name : {"input", "context"}) {
        if (question == "instruction" && jsonField(row, name) != nullptr) {
            return name;
        }
    }
    return nullptr;
}

void addPair(Dialogue& dialogue, const Json& row, const char* question, const char* answer)
{
    const Json& asked = *jsonField(row, question);
    const Json& answered = *jsonField(row, answer);
    if (asked.is_array()) { // conversational prompt and completion, as TRL has them
        dialogue.columns += fmt::format("{}, {}", question, answer);
        addMessages(dialogue, asked, question, false);
        if (answered.is_array()) {
            addMessages(dialogue, answered, answer, true);
        } else {
            addText(dialogue, "assistant", textIn(answered, answer));
        }
        dropOpenQuestion(dialogue, answer);
        dialogue.learned.back() = dialogue.learned.back() && isWanted(row);
        return;
    }
    std::string prompt = textIn(asked, question);
    const char* const beside = besideOf(row, question);
    if (beside != nullptr) {
        const std::string more = textIn(*jsonField(row, beside), beside);
        prompt += more.empty() ? "" : "\n" + more;
    }
    dialogue.columns += beside != nullptr ? fmt::format("{}, {}, {}", question, beside, answer)
                                          : fmt::format("{}, {}", question, answer);
    addText(dialogue, "user", prompt);
    addAnswer(dialogue, answered, answer);
    dialogue.learned.back() = isWanted(row);
}

struct Columns {
    const char* question;
    const char* answer;
};
constexpr std::array<Columns, 9> kPairs {{
    {"instruction", "output"},
    {"instruction", "response"},
    {"question", "answer"},
    {"query", "response"},
    {"prompt", "completion"},
    {"question", "response"},
    {"prompt", "response"},
    {"query", "answer"},
    {"input", "output"},
}};

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
    const char* half = nullptr;
    for (const Columns& pair : kPairs) {
        if (jsonField(row, pair.question) == nullptr) {
            continue;
        }
        if (jsonField(row, pair.answer) != nullptr) {
            addPair(dialogue, row, pair.question, pair.answer);
            const char* const beside = besideOf(row, pair.question);
            noteUnused(dialogue, row,
                       {pair.question, pair.answer, beside != nullptr ? beside : pair.answer});
            return;
        }
        half = half != nullptr ? half : pair.answer;
    }
    refuseUnknown(row, half);
}

// The preferred one of two answers: what stands before it may be a text, messages, or be told in it again.
void addChosen(Dialogue& dialogue, const Json& row, const char* name)
{
    const Json& chosen = *jsonField(row, name);
    dialogue.remarks.insert(RowRemark::Chosen);
    dialogue.columns += name;
    const std::size_t first = dialogue.messages.size();
    const char* before = nullptr;
    for (const char* one : {"messages", "conversations", "prompt", "question", "instruction"}) {
        before = before == nullptr && jsonField(row, one) != nullptr ? one : before;
    }
    const Json* asked = before != nullptr ? jsonField(row, before) : nullptr;
    if (const std::string* const text = jsonText(chosen)) {
        if (asked == nullptr && addTranscript(dialogue, *text)) {
            dropOpenQuestion(dialogue, name);
        } else if (asked == nullptr) {
            refuseUnknown(row, "prompt");
        } else if (asked->is_array()) {
            addMessages(dialogue, *asked, before, false);
            addText(dialogue, "assistant", *text);
        } else {
            addText(dialogue, "user", textIn(*asked, before));
            addText(dialogue, "assistant", *text);
        }
    } else if (chosen.is_array()) {
        const bool tellsAll = asked == nullptr || !asked->is_array()
            || (!asked->empty() && chosen.size() > asked->size() && chosen[0] == (*asked)[0]);
        if (!tellsAll) {
            addMessages(dialogue, *asked, before, false);
        }
        addMessages(dialogue, chosen, name, true);
        dropOpenQuestion(dialogue, name);
    } else {
        if (asked != nullptr && asked->is_array()) {
            addMessages(dialogue, *asked, before, false);
        }
        addMessage(dialogue, chosen, name, true);
        dropOpenQuestion(dialogue, name);
    }
    if (dialogue.messages.size() <= first + (first == 0 ? 1 : 0)) {
        refuseUnknown(row, "prompt");
    }
    // The turns before are those of both answers: what is preferred is the last one.
    if (!dialogue.saysWhich) {
        std::fill(dialogue.learned.begin(), dialogue.learned.end() - 1, false);
    }
}

void addConversation(Dialogue& dialogue, const Json& row, const char* list)
{
    const bool hasSystem = !dialogue.messages.empty() && dialogue.messages[0]["role"] == "system";
    const std::size_t first = dialogue.messages.size();
    addMessages(dialogue, *jsonField(row, list), list, true);
    if (hasSystem && dialogue.messages.size() > first
        && dialogue.messages[first]["role"] == "system") {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("has a system text in the field \"system\" and another in "
                                        "\"{}\" (expected one of them)",
                                        list)});
    }
    dropOpenQuestion(dialogue, list);
    dialogue.columns += list;
    if (!isWanted(row)) {
        std::fill(dialogue.learned.begin(), dialogue.learned.end(), false);
    }
    noteUnused(dialogue, row, {list});
}

// The row by its roles alone, each under the name that it is known by.
Json mappedRow(const Json& row, const ColumnMap& columns)
{
    Json mapped = Json::object();
    for (const auto& [role, column] : columns) {
        const auto found = row.find(column);
        if (found == row.end()) {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format("has no column {} for {}: found {}",
                                            shownText(column, 40), role, fieldsFound(row))});
        }
        mapped[role] = *found;
    }
    return mapped;
}

Dialogue dialogueOf(const Json& row)
{
    Dialogue dialogue;
    addSystem(dialogue, row);
    addHistory(dialogue, row);
    addTools(dialogue, row);
    const auto has = [&](const char* name) { return jsonField(row, name) != nullptr; };
    if (has("chosen") || has("chosen_messages")) {
        addChosen(dialogue, row, has("chosen") ? "chosen" : "chosen_messages");
    } else if (has("messages") || has("conversations")) {
        addConversation(dialogue, row, has("messages") ? "messages" : "conversations");
    } else if (const bool isPair =
                   std::any_of(kPairs.begin(), kPairs.end(),
                               [&](const Columns& pair) { return has(pair.question); });
               has("text") && !isPair) {
        dialogue.columns = "text";
        dialogue.text = textIn(*jsonField(row, "text"), "text");
        dialogue.messages = Json::array();
        dialogue.learned.clear();
        noteUnused(dialogue, row, {"text"});
        return dialogue;
    } else {
        addPairOf(dialogue, row);
    }
    flatten(dialogue);
    return dialogue;
}

} // namespace

std::vector<Dialogue> dialoguesOf(const Json& row, const ColumnMap& columns)
{
    if (!row.is_object()) {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("is {} (expected an object)", jsonKind(row))});
    }
    refusePictures(row);
    std::vector<Dialogue> out;
    const Json* instances = jsonField(row, "instances");
    if (!columns.empty()) {
        out.push_back(dialogueOf(mappedRow(row, columns)));
        out.back().columns = columnMapText(columns);
    } else if (instances != nullptr && instances->is_array()
               && jsonField(row, "instruction") != nullptr
               && jsonField(row, "output")
                   == nullptr) { // of Self-Instruct: one question, several cases
        for (const Json& instance : *instances) {
            if (!instance.is_object()) {
                throw Error(
                    ErrorKind::Format,
                    Clause {"has an instance that is no object (expected input and output)"});
            }
            Json one = row;
            one.erase("instances");
            for (const auto& [name, value] : instance.items()) {
                one[name] = value;
            }
            out.push_back(dialogueOf(one));
        }
        if (out.empty()) {
            throw Error(ErrorKind::Format, Clause {"has no instance (expected one or more)"});
        }
    } else {
        out.push_back(dialogueOf(row));
    }
    return out;
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

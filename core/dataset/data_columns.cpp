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

std::string fieldsFound(const Json& row)
{
    std::string names;
    for (const auto& [name, value] : row.items()) {
        names += (names.empty() ? "" : ", ") + shownText(name, 24);
        names += value.is_null() ? " (null)" : "";
        if (names.size() > 80) {
            names += ", …";
            break;
        }
    }
    return names.empty() ? "no field" : names;
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
bool isWanted(Dialogue& dialogue, const Json& row)
{
    dialogue.used.insert(dialogue.used.end(), kLearnedMarks.begin(), kLearnedMarks.end());
    const std::optional<bool> label = jsonFieldAs<bool>(row, "label");
    if (label) {
        dialogue.used.emplace_back("label");
    }
    return isToBeLearned(row) && label.value_or(true);
}

void forgetUnwanted(Dialogue& dialogue, const Json& row)
{
    if (!isWanted(dialogue, row)) {
        std::fill(dialogue.learned.begin(), dialogue.learned.end(), false);
    }
}

// What an instruction is about, in a column of its own; null: there is none.
const char* besideOf(const Json& row, std::string_view question)
{
    const char* found = nullptr;
    for (const char* name : {"input", "context"}) {
        const Json* value = question == "instruction" ? jsonField(row, name) : nullptr;
        if (value != nullptr && (found == nullptr || *jsonField(row, found) == "")) {
            found = name;
        }
    }
    return found;
}

// A question of text with what it is about.
void addQuestion(Dialogue& dialogue, const Json& row, const char* question)
{
    std::string prompt = textIn(*jsonField(row, question), question);
    dialogue.used.emplace_back(question);
    if (const char* const beside = besideOf(row, question)) {
        const std::string more = textIn(*jsonField(row, beside), beside);
        prompt += more.empty() ? "" : "\n" + more;
        dialogue.used.emplace_back(beside);
    }
    addText(dialogue, "user", prompt);
}

void addPair(Dialogue& dialogue, const Json& row, const char* question, const char* answer)
{
    const Json& asked = *jsonField(row, question);
    const Json& answered = *jsonField(row, answer);
    dialogue.used.emplace_back(answer);
    if (asked.is_array()) { // conversational prompt and completion, as TRL has them
        dialogue.used.emplace_back(question);
        dialogue.columns += fmt::format("{}, {}", question, answer);
        addMessages(dialogue, asked, question, false);
        if (answered.is_array()) {
            addMessages(dialogue, answered, answer, true);
        } else {
            addText(dialogue, "assistant", textIn(answered, answer));
        }
        dropOpenQuestion(dialogue, answer);
    } else {
        const char* const beside = besideOf(row, question);
        dialogue.columns += beside != nullptr ? fmt::format("{}, {}, {}", question, beside, answer)
                                              : fmt::format("{}, {}", question, answer);
        addQuestion(dialogue, row, question);
        addAnswer(dialogue, answered, answer);
    }
    forgetUnwanted(dialogue, row);
}

// The field whose name says that it is what is looked for, and that is null.
const char* nullField(const Json& row)
{
    const auto isNull = [&](const char* name) {
        return row.contains(name) && row.at(name).is_null();
    };
    for (const ColumnPair& pair : kColumnPairs) {
        const bool isAsked = jsonField(row, pair.question) != nullptr;
        if (isAsked && isNull(pair.answer)) {
            return pair.answer;
        }
        if (isNull(pair.question) && row.contains(pair.answer)) {
            return pair.question;
        }
    }
    for (const char* name : {"chosen", "chosen_messages", "messages", "conversations", "text"}) {
        if (isNull(name)) {
            return name;
        }
    }
    return nullptr;
}

[[noreturn]] void refuseUnknown(const Json& row, const char* half)
{
    if (const char* const empty = nullField(row)) {
        throw Error(ErrorKind::Format,
                    fmt::format("the field \"{}\" is null (expected text or messages)", empty));
    }
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
    for (const ColumnPair& pair : kColumnPairs) {
        if (jsonField(row, pair.question) == nullptr) {
            continue;
        }
        if (jsonField(row, pair.answer) != nullptr) {
            addPair(dialogue, row, pair.question, pair.answer);
            return;
        }
        half = half != nullptr ? half : pair.answer;
    }
    refuseUnknown(row, half);
}

void addAsked(Dialogue& dialogue, const Json& row, const char* name)
{
    const Json& asked = *jsonField(row, name);
    if (asked.is_array()) {
        dialogue.used.emplace_back(name);
        addMessages(dialogue, asked, name, false);
    } else {
        addQuestion(dialogue, row, name);
    }
}

void addPreferred(Dialogue& dialogue, const Json& chosen, const char* name)
{
    if (chosen.is_array()) {
        addMessages(dialogue, chosen, name, true);
    } else {
        addMessage(dialogue, chosen, name, true);
    }
}

// The preferred answer in messages: some tell what was asked again.
void addChosenMessages(Dialogue& dialogue, const Json& row, const char* name, const char* before)
{
    const Json& chosen = *jsonField(row, name);
    const Json* asked = before != nullptr ? jsonField(row, before) : nullptr;
    bool tellsAll = asked == nullptr;
    if (asked != nullptr && asked->is_array()) {
        tellsAll = chosen.is_array() && !asked->empty() && chosen.size() > asked->size()
            && chosen[0] == (*asked)[0];
        if (tellsAll) {
            dialogue.used.emplace_back(before);
        }
    } else if (asked != nullptr) {
        Dialogue told;
        addPreferred(told, chosen, name);
        for (const Json& message : told.messages) {
            const Json* const content = jsonField(message, "content");
            tellsAll = tellsAll || message.at("role") == "user";
            if (content != nullptr && *content == *asked) {
                dialogue.used.emplace_back(before);
            }
        }
    }
    if (!tellsAll) {
        addAsked(dialogue, row, before);
    }
    addPreferred(dialogue, chosen, name);
    dropOpenQuestion(dialogue, name);
}

// The preferred one of two answers: what stands before it may be a text, messages, or be told in it again.
void addChosen(Dialogue& dialogue, const Json& row, const char* name)
{
    dialogue.remarks.insert(RowRemark::Chosen);
    dialogue.columns += name;
    dialogue.used.insert(dialogue.used.end(), {name, "rejected", "rejected_messages"});
    const std::size_t first = dialogue.messages.size();
    const char* before = nullptr;
    for (const char* one : {"messages", "conversations", "prompt", "question", "instruction"}) {
        before = before == nullptr && jsonField(row, one) != nullptr ? one : before;
    }
    const std::string* const text = jsonText(*jsonField(row, name));
    if (text == nullptr) {
        addChosenMessages(dialogue, row, name, before);
    } else if (before != nullptr) {
        addAsked(dialogue, row, before);
        addText(dialogue, "assistant", *text);
    } else if (addTranscript(dialogue, *text)) {
        dropOpenQuestion(dialogue, name);
    } else {
        refuseUnknown(row, "prompt");
    }
    if (dialogue.messages.size() <= first + (first == 0 ? 1 : 0)) {
        refuseUnknown(row, "prompt");
    }
    // The turns before are those of both answers: what is preferred is the last one.
    if (!dialogue.saysWhich) {
        std::fill(dialogue.learned.begin(), dialogue.learned.end() - 1, false);
    }
    forgetUnwanted(dialogue, row);
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
    dialogue.used.emplace_back(list);
    forgetUnwanted(dialogue, row);
}

void addWholeText(Dialogue& dialogue, const Json& row)
{
    dialogue.columns = "text";
    dialogue.text = textIn(*jsonField(row, "text"), "text");
    dialogue.messages = Json::array(); // a system text and a history have no place in it
    dialogue.learned = {isToBeLearned(row)};
    dialogue.used = {"text", "tools"};
    dialogue.used.insert(dialogue.used.end(), kLearnedMarks.begin(), kLearnedMarks.end());
}

// The row by its roles alone, each under the name that it is known by.
Json mappedRow(const Json& row, const ColumnMap& columns)
{
    const auto ways = columns.count("output") + columns.count("messages") + columns.count("text");
    Json mapped = Json::object();
    for (const auto& [role, column] : columns) {
        const auto found = row.find(column);
        if (found == row.end()) {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format("has no column {} for {}: found {}",
                                            shownText(column, 40), role, fieldsFound(row))});
        }
        const bool isNeeded =
            role == "instruction" || role == "output" || role == "messages" || role == "text";
        if (found->is_null() && isNeeded && ways == 1) {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format("has null in the column {} for {} (expected text or "
                                            "messages)",
                                            shownText(column, 40), role)});
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
                   std::any_of(kColumnPairs.begin(), kColumnPairs.end(),
                               [&](const ColumnPair& pair) { return has(pair.question); });
               has("text") && !isPair) {
        addWholeText(dialogue, row);
        return dialogue;
    } else {
        addPairOf(dialogue, row);
    }
    flatten(dialogue);
    return dialogue;
}

void noteUnused(Dialogue& dialogue, const Json& row, const std::vector<std::string_view>& used)
{
    for (const auto& [name, value] : row.items()) {
        if (std::find(used.begin(), used.end(), name) == used.end()) {
            dialogue.unused.add(name, value);
        }
    }
}

Dialogue mappedDialogue(const Json& row, const ColumnMap& columns)
{
    Dialogue dialogue = dialogueOf(mappedRow(row, columns));
    dialogue.columns = columnMapText(columns);
    std::vector<std::string_view> used;
    for (const std::string_view role : dialogue.used) {
        const auto found = columns.find(std::string(role));
        if (found != columns.end()) {
            used.emplace_back(found->second);
        }
    }
    noteUnused(dialogue, row, used);
    return dialogue;
}

// Of Self-Instruct: one question, several cases.
std::vector<Dialogue> instanceDialogues(const Json& row)
{
    std::vector<Dialogue> out;
    for (const Json& instance : row.at("instances")) {
        if (!instance.is_object()) {
            throw Error(ErrorKind::Format,
                        Clause {"has an instance that is no object (expected input and output)"});
        }
        Json one = row;
        one.erase("instances");
        UnusedFields hidden;
        for (const auto& [name, value] : instance.items()) {
            if (one.contains(name) && one.at(name) != value) {
                hidden.add(name, one.at(name));
            }
            one[name] = value;
        }
        out.push_back(dialogueOf(one));
        out.back().unused.rows.merge(hidden.rows);
        out.back().unused.figures.merge(hidden.figures);
        noteUnused(out.back(), one, out.back().used);
    }
    if (out.empty()) {
        throw Error(ErrorKind::Format, Clause {"has no instance (expected one or more)"});
    }
    return out;
}

} // namespace

std::vector<Dialogue> dialoguesOf(const Json& row, const ColumnMap& columns)
{
    if (!row.is_object()) {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("is {} (expected an object)", jsonKind(row))});
    }
    refusePictures(row);
    const Json* instances = jsonField(row, "instances");
    std::vector<Dialogue> out;
    if (!columns.empty()) {
        out.push_back(mappedDialogue(row, columns));
    } else if (instances != nullptr && instances->is_array()
               && jsonField(row, "instruction") != nullptr && jsonField(row, "output") == nullptr) {
        out = instanceDialogues(row);
    } else {
        out.push_back(dialogueOf(row));
        noteUnused(out.back(), row, out.back().used);
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

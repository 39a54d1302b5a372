// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/column_map.h"
#include "core/dataset/unused_fields_p.h"
#include "core/tokenizer/tokenizer.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline dataset {

// Columns of a question and its answer, by their names; those first are looked for first.
struct ColumnPair {
    const char* question;
    const char* answer;
};
constexpr std::array<ColumnPair, 9> kColumnPairs {{
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

// What was decided about a row and is worth a sentence, counted over the file.
enum class RowRemark {
    Chosen, // of a pair of answers the preferred one
    Ranked, // of a list of answers the first
    Placeholder, // holds {{name}} or the like, which is learned as it stands
    Earlier, // answers that the template cannot learn: it knows one, the last
    OpenEnd, // ends with messages that no answer follows
    MarkedQuestion, // a message that is no answer is marked as to be learned
};

// A row of a data file, whatever its columns: a conversation that ends with an answer.
struct Dialogue {
    std::string columns; // "question, answer": those that were recognised
    // Every turn, for a chat template: objects with role and content and what else stood there.
    nlohmann::ordered_json messages = nlohmann::ordered_json::array();
    // By message: an answer that is to be learned. Every one, unless weight or train say which. Of a text: one.
    std::vector<bool> learned;
    bool saysWhich = false;
    nlohmann::ordered_json tools; // null: none
    std::vector<std::string_view> used; // fields of the row
    UnusedFields unused;
    std::set<RowRemark> remarks;
    bool callsTools = false; // a message holds tool_calls, or is a tool's

    std::optional<std::string>
        text; // instead of all that: a text, learned from its first character

    // The same for the other templates: the turns before the last answer, and that answer.
    std::vector<ChatMessage> turns;
    std::string response;
};

// Recognises the columns of one row; a row with several answers to one question of a list (instances) is several dialogues.
// Threads: any.
// Throws: Error{Format} naming the fields that were found and those that were looked for.
std::vector<Dialogue> dialoguesOf(const nlohmann::ordered_json& row, const ColumnMap& columns = {});

// The turns as one text: a single user turn is itself (behind the system message and an empty
// line); a longer talk is written "User: …", "Assistant: …", a line each.
std::string plainText(const std::vector<ChatMessage>& turns);

// -- what stands beside question and answer (columns_beside.cpp)

// Pictures beside the words: the words alone would be another question. Throws: Error{Format}.
void refusePictures(const nlohmann::ordered_json& row);
// What LLaMA-Factory has beside the columns: a system text, and earlier turns as pairs.
void addSystem(Dialogue& dialogue, const nlohmann::ordered_json& row);
void addHistory(Dialogue& dialogue, const nlohmann::ordered_json& row);
void addTools(Dialogue& dialogue, const nlohmann::ordered_json& row);

// -- messages, whatever keys they have (message_reader.cpp)

// A text; a number is the text that it is written as. Throws: Error{Format} naming the field.
std::string textIn(const nlohmann::ordered_json& value, const std::string& name);
// The list that a field holds, also as text of JSON, as tables have it; null: it holds none.
std::optional<nlohmann::ordered_json> listIn(const nlohmann::ordered_json& value);
// `weight`, `loss_weight` (0 or 1), `train` and `training` (true or false; also as a table's text): whether an answer, or a row,
// is learned.
bool isToBeLearned(const nlohmann::ordered_json& message);
inline constexpr std::array kLearnedMarks {"weight", "loss_weight", "train", "training"};
void addText(Dialogue& dialogue, const char* role, const std::string& text);
// One message: role and content, or from and value, with the marks of a row and ms-swift's `loss` (true or false).
// mayLearn: it is an answer that may be learned.
void addMessage(Dialogue& dialogue, const nlohmann::ordered_json& entry, const char* column,
                bool mayLearn);
void addMessages(Dialogue& dialogue, const nlohmann::ordered_json& list, const char* column,
                 bool mayLearn);
// "\n\nHuman: …\n\nAssistant: …" as a conversation. False: it is none.
bool addTranscript(Dialogue& dialogue, const std::string& text);
// The question that a conversation ends with has no answer to learn; it is remarked. Throws: Error{Format} where nothing is left.
void dropOpenQuestion(Dialogue& dialogue, const std::string& column);

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
// From the bytes of a data file to its rows, the template applied.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_columns_p.h"
#include "core/dataset/dataset.h"
#include "core/dataset/row_reader_p.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/prompt/chat_request.h"
#include "core/text/foreign_text.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace pissarro::core::inline dataset {
namespace {

constexpr std::size_t kRowLimitBytes = 16U << 20U;

Dialogue readDialogue(const RawRow& row)
{
    if (row.text.size() > kRowLimitBytes) {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("has {} bytes (expected at most {}); split it into rows",
                                        row.text.size(), kRowLimitBytes)});
    }
    nlohmann::ordered_json parsed;
    try {
        parsed = parseOrderedJson(row.text);
    } catch (const Error& e) {
        if (row.text == "{") {
            throw Error(
                ErrorKind::Format,
                Clause {"opens an object that goes on over several lines (expected an object on "
                        "each line, or the rows in an array of their own)"});
        }
        throw row.atFileEnd
            ? Error(e.kind(), Clause {fmt::format("{} (the file ends within it)", e.what())})
            : e;
    }
    return dialogueOf(parsed);
}

// Formats that people have beside JSON, known by their names.
void refuseOtherFormats(const std::filesystem::path& path)
{
    for (const char* ending : {".csv", ".tsv", ".parquet", ".arrow", ".xlsx", ".txt"}) {
        if (path.extension() == ending) {
            throw Error(ErrorKind::Format,
                        fmt::format("{}: is a {} file by its name, which is not read as data "
                                    "(expected .jsonl, an object on each line, or .json, an array "
                                    "of them); convert it",
                                    shownPath(path), ending + 1));
        }
    }
}

// Turns rows into prompts and answers by one template, and counts what it cannot use.
class RowMaker {
public:
    RowMaker(PromptTemplate promptTemplate, const Tokenizer* tokenizer)
        : m_template(promptTemplate)
    {
        if (promptTemplate.isModels()) {
            m_chat.emplace(tokenizer->openChatTemplate());
        }
    }

    DataRow rowOf(Dialogue dialogue, std::int64_t line);
    std::vector<Said> notes() const;

private:
    DataRow chatRow(const Dialogue& dialogue, DataRow row);
    std::string promptOf(ChatRequest request) const;
    static LearnedText keptAnswers(const Dialogue& dialogue, LearnedText chat);
    void refuseTools(const Dialogue& dialogue) const;
    std::string who() const; // "the model's chat template does"
    void countUnused(const Dialogue& dialogue);

    PromptTemplate m_template;
    std::optional<ChatTemplate> m_chat;
    std::map<std::string, std::int64_t> m_unused; // rows by field
};

std::string RowMaker::who() const
{
    return m_chat ? "the model's chat template does"
                  : fmt::format("the prompt templates {} do", ownPromptTemplates());
}

// A template that does not speak of tools would drop them.
void RowMaker::refuseTools(const Dialogue& dialogue) const
{
    if (dialogue.callsTools && !(m_chat && m_chat->names("tool_calls"))) {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("has a message that calls a tool or is a tool's "
                                        "(tool_calls), which {} not write; leave the row out{}",
                                        who(), m_chat ? "" : ", or use --template chat")});
    }
    if (!dialogue.tools.is_null() && !(m_chat && m_chat->names("tools"))) {
        throw Error(
            ErrorKind::Format,
            Clause {fmt::format("has tools, which {} not write; take the column out", who())});
    }
}

void RowMaker::countUnused(const Dialogue& dialogue)
{
    std::set<std::string> unused = dialogue.unused;
    for (const auto& message : dialogue.messages) {
        for (const auto& [name, value] : message.items()) {
            const std::string* const text = jsonText(value);
            const bool isText = text != nullptr && text->find(' ') != std::string::npos;
            if (name != "role" && name != "content" && isText && !(m_chat && m_chat->names(name))) {
                unused.insert("messages: " + name);
            }
        }
    }
    for (const std::string& name : unused) {
        constexpr std::size_t kNamesLimit = 32;
        if (m_unused.size() < kNamesLimit || m_unused.contains(name)) {
            ++m_unused[name];
        }
    }
}

// The conversation up to its last answer, to be gone on with.
std::string RowMaker::promptOf(ChatRequest request) const
{
    request.messages.erase(request.messages.size() - 1);
    request.addGenerationPrompt = true;
    return m_chat->render(request).text;
}

// Without the answers that are not to be learned.
LearnedText RowMaker::keptAnswers(const Dialogue& dialogue, LearnedText chat)
{
    const auto answers =
        std::count_if(dialogue.messages.begin(), dialogue.messages.end(),
                      [](const auto& message) { return message.at("role") == "assistant"; });
    if (std::count(dialogue.learned.begin(), dialogue.learned.end(), true) == answers) {
        return chat;
    }
    if (static_cast<std::ptrdiff_t>(chat.answers.size()) != answers) {
        throw Error(ErrorKind::Format,
                    fmt::format("not every answer is to be learned, and the chat template marks {} "
                                "stretches for {} answers, so that it cannot be told which",
                                chat.answers.size(), answers));
    }
    std::vector<TextSpan> kept;
    std::size_t at = 0;
    for (std::size_t i = 0; i < dialogue.messages.size(); ++i) {
        if (dialogue.messages[i].at("role") != "assistant") {
            continue;
        }
        if (dialogue.learned[i]) {
            kept.push_back(chat.answers[at]);
        }
        ++at;
    }
    chat.answers = std::move(kept);
    return chat;
}

DataRow RowMaker::chatRow(const Dialogue& dialogue, DataRow row)
{
    ChatRequest request;
    request.messages = dialogue.messages;
    request.tools = dialogue.tools;
    row.prompt = promptOf(request);
    try {
        row.chat = keptAnswers(dialogue, m_chat->learned(request));
    } catch (const Error& e) {
        row.whyNotLearned = e.what(); // told when the row is to be learned from
        row.response = dialogue.response;
        return row;
    }
    row.learned = !row.chat->answers.empty();
    const std::string& text = row.chat->text;
    row.response =
        text.starts_with(row.prompt) ? text.substr(row.prompt.size()) : dialogue.response;
    return row;
}

DataRow RowMaker::rowOf(Dialogue dialogue, std::int64_t line)
{
    refuseTools(dialogue);
    countUnused(dialogue);
    DataRow row;
    row.line = line;
    if (m_chat) {
        return chatRow(dialogue, std::move(row));
    }
    row.prompt = core::promptOf(dialogue.turns, m_template, nullptr);
    row.response = std::move(dialogue.response);
    row.learned = dialogue.learned.back();
    return row;
}

std::vector<Said> RowMaker::notes() const
{
    std::vector<Said> out;
    for (const auto& [name, count] : m_unused) {
        out.push_back({PISSARRO_SAID_N("pissarro::core",
                                       "the field %1 holds text in %2 rows and is not used"),
                       "the field %1 holds text in %2 row and is not used",
                       count,
                       {shownText(name, 40), fmt::format("{}", count)}});
    }
    return out;
}

} // namespace

std::string promptOf(const std::vector<ChatMessage>& turns, PromptTemplate promptTemplate,
                     const Tokenizer* chatTokenizer)
{
    if (promptTemplate.isModels()) {
        return chatTokenizer->applyChatTemplate(turns);
    }
    return promptTemplate.info().prompt(plainText(turns));
}

DataFile readDataFile(const std::filesystem::path& path, PromptTemplate promptTemplate,
                      const Tokenizer* chatTokenizer, const JobContext& job)
{
    if (promptTemplate.isModels() && chatTokenizer == nullptr) {
        throw Error(ErrorKind::InvalidArgument, "the chat template needs the model's tokenizer");
    }
    requireUtf8(path);
    refuseOtherFormats(path);
    const auto mapped = MappedFile::open(path);
    const std::span<const std::byte> bytes = mapped->bytes();
    DataFile file;
    file.path = path;
    RowMaker maker(promptTemplate, chatTokenizer);
    try {
        refuseForeign(bytes);
        RowReader reader({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        while (const std::optional<RawRow> raw = reader.next()) {
            job.throwIfCancelled();
            try {
                Dialogue dialogue = readDialogue(*raw);
                if (file.rows.empty()) {
                    file.columns = dialogue.columns;
                }
                file.rows.push_back(maker.rowOf(std::move(dialogue), raw->line));
            } catch (const Error& e) {
                const std::string line = fmt::format("line {}", raw->line);
                throw e.isClause() ? Error(e.kind(), fmt::format("{} {}", line, e.what()))
                                   : e.within(line);
            }
        }
        requireIntact(bytes.data());
        if (file.rows.empty()) {
            throw Error(ErrorKind::Format,
                        "holds no rows (expected a JSON object on each line, or an array of them)");
        }
    } catch (const Error& e) {
        requireIntact(bytes.data()); // a row that ends in zeros is not the file's fault
        throw e.within(shownPath(path));
    }
    file.notes = maker.notes();
    return file;
}

} // namespace pissarro::core::inline dataset

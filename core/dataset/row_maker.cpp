// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/row_maker_p.h"
#include "core/prompt/chat_request.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pissarro::core::inline dataset {

namespace {

std::ptrdiff_t answersOf(const Dialogue& dialogue)
{
    return std::count_if(dialogue.messages.begin(), dialogue.messages.end(),
                         [](const auto& message) { return message.at("role") == "assistant"; });
}

// Without the answers that are not to be learned.
LearnedText keptAnswers(const Dialogue& dialogue, LearnedText chat)
{
    const auto answers = answersOf(dialogue);
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

Said counted(std::string many, std::string one, std::int64_t count)
{
    return {std::move(many), std::move(one), count, {fmt::format("{}", count)}};
}

Said remarkOf(RowRemark remark, std::int64_t count)
{
    switch (remark) {
    case RowRemark::Chosen:
        return counted(PISSARRO_SAID_N("pissarro::core",
                                       "of %1 pairs of answers the preferred one is learned, the "
                                       "other is not used"),
                       "of %1 pair of answers the preferred one is learned, the other is not used",
                       count);
    case RowRemark::Ranked:
        return counted(PISSARRO_SAID_N("pissarro::core",
                                       "of %1 lists of answers the first is learned, the others "
                                       "are not used"),
                       "of %1 list of answers the first is learned, the others are not used",
                       count);
    case RowRemark::Earlier:
        return counted(PISSARRO_SAID_N("pissarro::core",
                                       "%1 answers before the last one of their conversation are "
                                       "not learned: only the template chat, the model's own, "
                                       "learns every answer"),
                       "%1 answer before the last one of its conversation is not learned: only "
                       "the template chat, the model's own, learns every answer",
                       count);
    case RowRemark::OpenEnd:
        return counted(PISSARRO_SAID_N("pissarro::core",
                                       "%1 conversations end with messages that no answer follows: "
                                       "those are left out"),
                       "%1 conversation ends with messages that no answer follows: those are left "
                       "out",
                       count);
    case RowRemark::MarkedQuestion:
        return counted(PISSARRO_SAID_N("pissarro::core",
                                       "%1 rows mark a message of the question as to be learned: "
                                       "it is not, answers alone are"),
                       "%1 row marks a message of the question as to be learned: it is not, "
                       "answers alone are",
                       count);
    case RowRemark::Placeholder:
        break;
    }
    return counted(PISSARRO_SAID_N("pissarro::core",
                                   "%1 rows hold a placeholder such as {{name}} in their answer, "
                                   "which is learned as it stands"),
                   "%1 row holds a placeholder such as {{name}} in its answer, which is learned as "
                   "it stands",
                   count);
}

} // namespace

void RowCounts::add(const RowCounts& later)
{
    columns = columns.empty() ? later.columns : columns;
    unused.add(later.unused);
    for (const auto& [remark, count] : later.remarks) {
        remarks[remark] += count;
    }
}

std::vector<Said> RowCounts::notes() const
{
    std::vector<Said> out;
    for (const auto& [remark, count] : remarks) {
        out.push_back(remarkOf(remark, count));
    }
    const std::vector<Said> fields = unused.notes();
    out.insert(out.end(), fields.begin(), fields.end());
    return out;
}

RowMaker::RowMaker(const DataOptions& options, const Tokenizer* tokenizer)
    : m_options(options)
{
    if (options.promptTemplate.isModels()) {
        if (tokenizer == nullptr) {
            throw Error(ErrorKind::InvalidArgument,
                        "the chat template needs the model's tokenizer");
        }
        m_chat.emplace(tokenizer->openChatTemplate());
    }
}

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

// ChatTemplate fills the names of a thought from one another.
bool RowMaker::writes(const std::string& key) const
{
    const bool isThought = key == "reasoning" || key == "thinking" || key == "reasoning_content";
    return m_chat
        && (m_chat->names(key)
            || (isThought && (m_chat->names("thinking") || m_chat->names("reasoning_content"))));
}

void RowMaker::count(const Dialogue& dialogue)
{
    RowCounts one;
    one.columns = dialogue.columns;
    one.unused = dialogue.unused;
    for (const auto& message : dialogue.messages) {
        for (const auto& [name, value] : message.items()) {
            if (name != "role" && name != "content" && !writes(name)) {
                one.unused.add(name, value, "messages");
            }
        }
    }
    for (const RowRemark remark : dialogue.remarks) {
        one.remarks[remark] = 1;
    }
    const auto learned = std::count(dialogue.learned.begin(), dialogue.learned.end(), true);
    if (!m_chat && learned > 1) {
        one.remarks[RowRemark::Earlier] = learned - 1;
    }
    m_counts.add(one);
}

// The conversation up to its last answer, to be gone on with.
std::string RowMaker::promptOf(ChatRequest request) const
{
    request.messages.erase(request.messages.size() - 1);
    request.addGenerationPrompt = true;
    return m_chat->render(request).text;
}

// Where the last answer alone is learned, no other has to be told apart.
LearnedText RowMaker::learnedOf(const Dialogue& dialogue, const ChatRequest& request,
                                const std::string& prompt) const
{
    const auto wanted = std::count(dialogue.learned.begin(), dialogue.learned.end(), true);
    const bool onlyLast = wanted == 1 && dialogue.learned.back() && answersOf(dialogue) > 1;
    if (onlyLast && !m_chat->marksAnswers()) {
        std::string whole = m_chat->render(request).text;
        if (whole.starts_with(prompt)) {
            const TextSpan answer {prompt.size(), whole.size()};
            return {std::move(whole), {answer}};
        }
    }
    return keptAnswers(dialogue, m_chat->learned(request));
}

DataRow RowMaker::chatRow(const Dialogue& dialogue, DataRow row)
{
    ChatRequest request;
    request.messages = dialogue.messages;
    request.tools = dialogue.tools;
    if (!m_options.now.empty()) {
        request.now = m_options.now;
    }
    row.prompt = promptOf(request);
    try {
        row.chat = learnedOf(dialogue, request, row.prompt);
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
    std::vector<bool>& learned = dialogue.learned;
    if (!dialogue.saysWhich && m_options.learned == LearnedTurns::Last) {
        std::fill(learned.begin(), learned.end() - 1, false);
    }
    count(dialogue);
    DataRow row;
    row.line = line;
    if (dialogue.text) {
        row.response = std::move(*dialogue.text);
        row.learned = learned.back();
        return row;
    }
    if (m_chat) {
        return chatRow(dialogue, std::move(row));
    }
    // What stands behind the last answer that is to be learned is no part of its question.
    const auto last = std::find(learned.rbegin(), learned.rend(), true);
    row.learned = last != learned.rend();
    const auto kept = static_cast<std::size_t>(learned.rend() - last);
    if (row.learned && kept < learned.size()) {
        dialogue.response = std::move(dialogue.turns[kept - 1].content);
        dialogue.turns.erase(dialogue.turns.begin() + static_cast<std::ptrdiff_t>(kept - 1),
                             dialogue.turns.end());
    }
    row.prompt = core::promptOf(dialogue.turns, m_options.promptTemplate, nullptr);
    row.response = std::move(dialogue.response);
    return row;
}

std::vector<DataRow> RowMaker::rowsOf(const RowSource& source, const RawRow& raw)
{
    if (raw.text.size() > kRowLimitBytes) {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("has {} bytes (expected at most {}); split it into rows",
                                        raw.text.size(), kRowLimitBytes)});
    }
    std::vector<DataRow> rows;
    for (Dialogue& dialogue : dialoguesOf(source.parse(raw), m_options.columns)) {
        rows.push_back(rowOf(std::move(dialogue), raw.line));
    }
    return rows;
}

std::string badRowText(std::int64_t line, const Error& error)
{
    return fmt::format("line {}{}{}", line, error.isClause() ? " " : ": ", error.what());
}

void addBadRow(BadRows& bad, std::int64_t line, std::string why)
{
    ++bad.count;
    if (bad.first.size() < BadRows::kMostTold) {
        bad.first.push_back({line, std::move(why)});
    }
}

void addBadRows(BadRows& bad, BadRows later)
{
    bad.count += later.count;
    for (BadRow& row : later.first) {
        if (bad.first.size() < BadRows::kMostTold) {
            bad.first.push_back(std::move(row));
        }
    }
}

std::vector<Said> badRowNotes(const BadRows& bad)
{
    if (bad.count == 0) {
        return {};
    }
    return {
        {PISSARRO_SAID_N("pissarro::core", "%1 rows left out that cannot be read; the first: %2"),
         "%1 row left out that cannot be read: %2",
         bad.count,
         {fmt::format("{}", bad.count), bad.first.front().why}}};
}

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/dataset.h"

#include "core/base/error.h"
#include "core/data/data_columns_p.h"
#include "core/data/shuffle_p.h"
#include "core/io/intact.h"
#include "core/io/json_text.h"
#include "core/io/mapped_file.h"
#include "core/io/message_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace pissarro::core {
namespace {

constexpr std::size_t kRowLimitBytes = 16U << 20U;

// Source: tatsu-lab/stanford_alpaca without its input section, as GraphPKU/PiSSA trains.
constexpr const char* kAlpacaHead = "Below is an instruction that describes a task. Write a "
                                    "response that appropriately completes the request.\n\n"
                                    "### Instruction:\n";
constexpr const char* kAlpacaTail = "\n\n### Response:";

// The text of one row in the file, and where it stands.
struct RawRow {
    std::string_view text;
    std::int64_t line = 1;
    bool atFileEnd = false; // nothing, not even a line feed, comes after it
};

bool isJsonSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view withoutSpace(std::string_view text)
{
    while (!text.empty() && isJsonSpace(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && isJsonSpace(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// Walks a file row by row without parsing: an object a line, or the elements of one array.
class RowReader {
public:
    explicit RowReader(std::string_view text)
        : m_text(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text)
    {
        skipSpace();
        m_isArray = m_at < m_text.size() && m_text[m_at] == '[';
        if (m_isArray) {
            ++m_at;
        } else {
            m_at = 0;
            m_line = 1;
        }
    }

    std::optional<RawRow> next() { return m_isArray ? nextElement() : nextLine(); }

private:
    void step()
    {
        m_line += m_text[m_at] == '\n' ? 1 : 0;
        ++m_at;
    }
    void skipSpace()
    {
        while (m_at < m_text.size() && isJsonSpace(m_text[m_at])) {
            step();
        }
    }
    std::optional<RawRow> nextLine();
    std::optional<RawRow> nextElement();
    void skipValue();

    std::string_view m_text;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
    bool m_isArray = false;
    bool m_isFirst = true;
};

std::optional<RawRow> RowReader::nextLine()
{
    while (m_at < m_text.size()) {
        const std::size_t end = std::min(m_text.find('\n', m_at), m_text.size());
        const RawRow row {withoutSpace(m_text.substr(m_at, end - m_at)), m_line,
                          end == m_text.size()};
        m_at = end + 1;
        ++m_line;
        if (!row.text.empty()) {
            return row;
        }
    }
    return std::nullopt;
}

// To the end of one element: the comma or bracket that closes it is left.
void RowReader::skipValue()
{
    int depth = 0;
    bool inString = false;
    for (; m_at < m_text.size(); step()) {
        const char c = m_text[m_at];
        if (inString) {
            if (c == '\\' && m_at + 1 < m_text.size()) {
                step();
            } else if (c == '"') {
                inString = false;
            }
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
            return;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
}

std::optional<RawRow> RowReader::nextElement()
{
    skipSpace();
    if (m_at < m_text.size() && m_text[m_at] == ']') {
        ++m_at;
        skipSpace();
        if (m_at < m_text.size()) {
            throw Error(
                ErrorKind::Format,
                "line " + std::to_string(m_line)
                    + " has text behind the array of rows (expected the file to end there)");
        }
        return std::nullopt;
    }
    if (!m_isFirst && m_at < m_text.size() && m_text[m_at] == ',') {
        ++m_at;
        skipSpace();
    }
    m_isFirst = false;
    if (m_at >= m_text.size()) {
        throw Error(ErrorKind::Format,
                    "the array of rows is not closed on line " + std::to_string(m_line)
                        + " (expected a ']'): the file was cut; get it again");
    }
    const std::size_t begin = m_at;
    const std::int64_t line = m_line;
    skipValue();
    return RawRow {withoutSpace(m_text.substr(begin, m_at - begin)), line, m_at >= m_text.size()};
}

Dialogue readDialogue(const RawRow& row)
{
    if (row.text.size() > kRowLimitBytes) {
        throw Error(ErrorKind::Format,
                    "has " + std::to_string(row.text.size()) + " bytes (expected at most "
                        + std::to_string(kRowLimitBytes) + "); split it into rows");
    }
    nlohmann::json parsed;
    try {
        parsed = parseJson(row.text);
    } catch (const Error& e) {
        throw row.atFileEnd ? Error(e.kind(), e.what() + std::string(" (the file ends within it)"))
                            : e;
    }
    return dialogueOf(parsed);
}

std::string promptOf(const Dialogue& dialogue, PromptTemplate promptTemplate,
                     const Tokenizer* chatTokenizer)
{
    switch (promptTemplate) {
    case PromptTemplate::Chat:
        return chatTokenizer->applyChatTemplate(dialogue.turns);
    case PromptTemplate::Plain:
        return plainText(dialogue.turns);
    case PromptTemplate::Alpaca:
        break;
    }
    return kAlpacaHead + plainText(dialogue.turns) + kAlpacaTail;
}

std::string whyNoneIsUsable(const DataFile& file, std::int64_t maxLength,
                            std::int64_t shortestPrompt)
{
    return "none of the " + std::to_string(file.rows.size())
        + " rows has a token to learn within the maximum length of " + std::to_string(maxLength)
        + " (the shortest prompt alone has " + std::to_string(shortestPrompt)
        + " tokens); raise the maximum length";
}

} // namespace

PromptTemplate parsePromptTemplate(std::string_view name)
{
    if (name == "alpaca") {
        return PromptTemplate::Alpaca;
    }
    if (name == "chat") {
        return PromptTemplate::Chat;
    }
    if (name == "plain") {
        return PromptTemplate::Plain;
    }
    throw Error(ErrorKind::InvalidArgument,
                "the prompt template \"" + std::string(name)
                    + "\" is unknown (expected alpaca, chat or plain)");
}

DataFile readDataFile(const std::filesystem::path& path, PromptTemplate promptTemplate,
                      const Tokenizer* chatTokenizer, const JobContext& job)
{
    if (promptTemplate == PromptTemplate::Chat && chatTokenizer == nullptr) {
        throw Error(ErrorKind::InvalidArgument, "the chat template needs the model's tokenizer");
    }
    const auto mapped = MappedFile::open(path);
    const std::span<const std::byte> bytes = mapped->bytes();
    DataFile file;
    file.path = path;
    try {
        RowReader reader({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        while (const std::optional<RawRow> raw = reader.next()) {
            job.throwIfCancelled();
            try {
                Dialogue dialogue = readDialogue(*raw);
                if (file.rows.empty()) {
                    file.columns = dialogue.columns;
                }
                std::string prompt = promptOf(dialogue, promptTemplate, chatTokenizer);
                file.rows.push_back({raw->line, std::move(prompt), std::move(dialogue.response)});
            } catch (const Error& e) {
                const bool isClause = std::string_view(e.what()).starts_with("is ")
                    || std::string_view(e.what()).starts_with("has ");
                throw Error(e.kind(),
                            "line " + std::to_string(raw->line) + (isClause ? " " : ": ")
                                + e.what());
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
    return file;
}

Example makeExample(const DataRow& row, std::int64_t rowIndex, const Tokenizer& tokenizer,
                    std::int64_t maxLength)
{
    // A chat template writes the beginning-of-sequence token itself: it is not put a second time.
    const std::int32_t bos = tokenizer.bosId();
    const bool addSpecial = bos < 0 || !row.prompt.starts_with(tokenizer.piece(bos));
    Example example;
    example.row = rowIndex;
    example.ids = tokenizer.encode(row.prompt + row.response, addSpecial);
    const std::size_t promptTokens = tokenizer.encode(row.prompt, addSpecial).size();
    const std::int32_t eos = tokenizer.eosId();
    if (eos >= 0) {
        example.ids.push_back(eos);
    }
    example.truncated = static_cast<std::int64_t>(example.ids.size()) > maxLength;
    if (example.truncated) {
        example.ids.resize(static_cast<std::size_t>(std::max<std::int64_t>(maxLength, 0)));
    }
    example.promptTokens = static_cast<std::int32_t>(std::min(promptTokens, example.ids.size()));
    return example;
}

TokenizedData tokenizeData(const DataFile& file, const Tokenizer& tokenizer, std::int64_t maxLength,
                           const JobContext& job)
{
    if (maxLength < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    "the maximum length is " + std::to_string(maxLength)
                        + " (expected at least 1 token)");
    }
    if (tokenizer.eosId() < 0) {
        throw Error(ErrorKind::Format,
                    "the model's tokenizer names no end-of-sequence token (expected eos_token in "
                    "tokenizer_config.json)");
    }
    TokenizedData data;
    DatasetSummary& summary = data.summary;
    summary.rows = static_cast<std::int64_t>(file.rows.size());
    std::int64_t shortestPrompt = 0;
    for (std::size_t i = 0; i < file.rows.size(); ++i) {
        job.throwIfCancelled();
        if (i % 64 == 0) {
            job.checkpoint(static_cast<double>(i) / static_cast<double>(file.rows.size()),
                           "tokenizing");
        }
        Example example =
            makeExample(file.rows[i], static_cast<std::int64_t>(i), tokenizer, maxLength);
        if (example.lossTokens() < 1) {
            const auto prompt =
                static_cast<std::int64_t>(tokenizer.encode(file.rows[i].prompt).size());
            shortestPrompt = shortestPrompt == 0 ? prompt : std::min(shortestPrompt, prompt);
            summary.truncated += 1;
            continue;
        }
        const auto length = static_cast<std::int64_t>(example.ids.size());
        summary.usable += 1;
        summary.truncated += example.truncated ? 1 : 0;
        summary.tokens += length;
        summary.lossTokens += example.lossTokens();
        summary.longest = std::max(summary.longest, length);
        summary.lengths.push_back(static_cast<std::int32_t>(length));
        data.examples.push_back(std::move(example));
    }
    if (data.examples.empty()) {
        throw Error(ErrorKind::Format, whyNoneIsUsable(file, maxLength, shortestPrompt))
            .within(shownPath(file.path));
    }
    return data;
}

std::int64_t heldOutCount(std::int64_t examples, double share)
{
    if (share <= 0.0 || examples < 2) {
        return 0;
    }
    return std::clamp<std::int64_t>(std::llround(share * static_cast<double>(examples)), 1,
                                    examples - 1);
}

TokenizedData holdOut(TokenizedData& data, double share, std::uint64_t seed)
{
    const auto count = static_cast<std::int64_t>(data.examples.size());
    if (count < 2) {
        throw Error(ErrorKind::Format,
                    "the data holds one usable example (expected two or more, so that some can be "
                    "held out for evaluation); set eval_ratio to 0");
    }
    const std::int64_t wanted = heldOutCount(count, share);
    // An epoch that training never reaches: its order is not that of any epoch.
    const auto order = shuffledOrder(static_cast<std::uint32_t>(count), seed,
                                     std::numeric_limits<std::uint64_t>::max());
    std::vector<bool> isHeld(data.examples.size(), false);
    for (std::int64_t i = 0; i < wanted; ++i) {
        isHeld[order[static_cast<std::size_t>(i)]] = true;
    }
    TokenizedData held;
    held.summary = data.summary;
    std::vector<Example> kept;
    for (std::size_t i = 0; i < data.examples.size(); ++i) {
        (isHeld[i] ? held.examples : kept).push_back(std::move(data.examples[i]));
    }
    data.examples = std::move(kept);
    return held;
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/shuffle_p.h"
#include "core/dataset/tally_p.h"
#include "core/dataset/token_spans_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::core::inline dataset {
namespace {

// The text's ids, ready to be gone on with: an end-of-sequence token that the tokenizer puts behind every text would end
// the prompt, and double the one that ends the answer.
std::vector<std::int32_t> openIds(const Tokenizer& tokenizer, const std::string& text, bool special,
                                  const JobContext& job)
{
    std::vector<std::int32_t> ids = tokenizer.encode(text, special, job);
    const std::int32_t eos = tokenizer.eosId();
    if (special && eos >= 0 && !ids.empty() && ids.back() == eos) {
        const std::vector<std::int32_t> bare = tokenizer.encode(text, false, job);
        if (bare.empty() || bare.back() != eos) {
            ids.pop_back();
        }
    }
    return ids;
}

// A conversation as the chat template writes it, all of it, with a mask.
Example chatExample(const LearnedText& chat, const Tokenizer& tokenizer, std::int64_t maxLength,
                    const JobContext& job)
{
    Example example;
    example.ids = tokenizer.encode(chat.text, false, job);
    example.learned = tokensWithin(tokenizer, chat.text, example.ids, chat.answers, job);
    example.truncated = static_cast<std::int64_t>(example.ids.size()) > maxLength;
    if (example.truncated) {
        const auto kept = static_cast<std::size_t>(std::max<std::int64_t>(maxLength, 0));
        example.ids.resize(kept);
        example.learned.resize(kept);
    }
    const auto first = std::find(example.learned.begin(), example.learned.end(), true);
    example.promptTokens = static_cast<std::int32_t>(first - example.learned.begin());
    return example;
}

} // namespace

Example makeExample(const DataRow& row, std::int64_t rowIndex, const Tokenizer& tokenizer,
                    std::int64_t maxLength, const JobContext& job)
{
    if (row.chat) {
        Example example = chatExample(*row.chat, tokenizer, maxLength, job);
        example.row = rowIndex;
        return example;
    }
    // A text that begins with the beginning-of-sequence token is not given a second one.
    const std::int32_t bos = tokenizer.bosId();
    const std::string& begins = row.prompt.empty() ? row.response : row.prompt;
    const bool addSpecial = bos < 0 || !begins.starts_with(tokenizer.piece(bos));
    Example example;
    example.row = rowIndex;
    example.ids = openIds(tokenizer, row.prompt + row.response, addSpecial, job);
    const std::size_t promptTokens = openIds(tokenizer, row.prompt, addSpecial, job).size();
    const std::int32_t eos = tokenizer.eosId();
    if (eos >= 0) {
        example.ids.push_back(eos);
    }
    example.truncated = static_cast<std::int64_t>(example.ids.size()) > maxLength;
    if (example.truncated) {
        example.ids.resize(static_cast<std::size_t>(std::max<std::int64_t>(maxLength, 0)));
    }
    // Nothing stands before the first token that could foretell it.
    example.promptTokens = static_cast<std::int32_t>(
        std::min(std::max<std::size_t>(promptTokens, 1), example.ids.size()));
    return example;
}

namespace {

// "%1 of %2 rows …": the plural is that of all rows, "1 of 40 rows".
void addCount(std::vector<Said>& notes, const DatasetSummary& summary, std::int64_t count,
              std::string many, std::string one, std::int64_t maxLength)
{
    if (count > 0) {
        notes.push_back({std::move(many),
                         std::move(one),
                         summary.rows,
                         {fmt::format("{}", count), fmt::format("{}", summary.rows),
                          fmt::format("{}", maxLength)}});
    }
}

// What the maximum length leaves out.
std::vector<Said> lengthNotes(const DatasetSummary& summary, std::int64_t maxLength)
{
    std::vector<Said> out;
    addCount(out, summary, summary.tooLong,
             PISSARRO_SAID_N("pissarro::core",
                             "%1 of %2 rows left out: the prompt alone fills the maximum length of "
                             "%3 tokens"),
             "%1 of %2 row left out: the prompt alone fills the maximum length of %3 tokens",
             maxLength);
    addCount(
        out, summary, summary.truncated - summary.tooLong,
        PISSARRO_SAID_N("pissarro::core", "%1 of %2 rows cut at the maximum length of %3 tokens"),
        "%1 of %2 row cut at the maximum length of %3 tokens", maxLength);
    return out;
}

} // namespace

void countExample(DatasetSummary& summary, const Example& example)
{
    const auto length = static_cast<std::int64_t>(example.ids.size());
    summary.usable += 1;
    summary.truncated += example.truncated ? 1 : 0;
    summary.tokens += length;
    summary.lossTokens += example.lossTokens();
    summary.longest = std::max(summary.longest, length);
    summary.lengths.push_back(static_cast<std::int32_t>(length));
}

void Tally::add(const DataRow& row, Example example, const Tokenizer& tokenizer,
                const JobContext& job)
{
    DatasetSummary& summary = m_data.summary;
    summary.rows += 1;
    m_anyToLearn = m_anyToLearn || row.learned;
    if (!row.learned) {
        summary.unlearned += 1;
        return;
    }
    if (example.lossTokens() < 1) {
        const auto prompt =
            static_cast<std::int64_t>(tokenizer.encode(row.prompt, true, job).size());
        m_shortestPrompt = m_shortestPrompt == 0 ? prompt : std::min(m_shortestPrompt, prompt);
        summary.truncated += 1;
        summary.tooLong += 1;
        return;
    }
    countExample(summary, example);
    m_data.examples.push_back(std::move(example));
}

void Tally::append(Tally later)
{
    DatasetSummary& summary = m_data.summary;
    const std::int64_t before = summary.rows;
    const DatasetSummary& more = later.m_data.summary;
    summary.rows += more.rows;
    summary.usable += more.usable;
    summary.truncated += more.truncated;
    summary.tooLong += more.tooLong;
    summary.unlearned += more.unlearned;
    summary.tokens += more.tokens;
    summary.lossTokens += more.lossTokens;
    summary.longest = std::max(summary.longest, more.longest);
    summary.lengths.insert(summary.lengths.end(), more.lengths.begin(), more.lengths.end());
    for (Example& example : later.m_data.examples) {
        example.row += before;
        m_data.examples.push_back(std::move(example));
    }
    m_anyToLearn = m_anyToLearn || later.m_anyToLearn;
    if (m_shortestPrompt == 0 || later.m_shortestPrompt == 0) {
        m_shortestPrompt += later.m_shortestPrompt;
    } else {
        m_shortestPrompt = std::min(m_shortestPrompt, later.m_shortestPrompt);
    }
}

std::string noneIsUsable(std::int64_t rows, std::int64_t maxLength, std::int64_t shortestPrompt)
{
    return fmt::format("none of the {} rows has a token to learn within the maximum length of {} "
                       "(the shortest prompt alone has {} tokens); raise the maximum length",
                       rows, maxLength, shortestPrompt);
}

TokenizedData Tally::result(std::int64_t maxLength)
{
    if (m_data.examples.empty()) {
        throw Error(ErrorKind::Format,
                    m_anyToLearn
                        ? noneIsUsable(m_data.summary.rows, maxLength, m_shortestPrompt)
                        : std::string(
                            "every row is marked as not to be learned (weight 0 or train false)"));
    }
    m_data.notes = lengthNotes(m_data.summary, maxLength);
    addCount(m_data.notes, m_data.summary, m_data.summary.unlearned,
             PISSARRO_SAID_N("pissarro::core",
                             "%1 of %2 rows left out: marked as not to be learned (weight 0 or "
                             "train false)"),
             "%1 of %2 row left out: marked as not to be learned (weight 0 or train false)",
             maxLength);
    return std::move(m_data);
}

void requireLength(std::int64_t maxLength)
{
    if (maxLength < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the maximum length is {} (expected at least 1 token)", maxLength));
    }
}

void requireEnd(const Tokenizer& tokenizer, const DataRow& row)
{
    if (tokenizer.eosId() < 0 && !row.chat && row.whyNotLearned.empty()) {
        throw Error(ErrorKind::Format,
                    "the model's tokenizer names no end-of-sequence token (expected eos_token in "
                    "tokenizer_config.json)");
    }
}

TokenizedData tokenizeData(const DataFile& file, const Tokenizer& tokenizer, std::int64_t maxLength,
                           const JobContext& job)
{
    requireLength(maxLength);
    for (const DataRow& row : file.rows) {
        requireEnd(tokenizer, row);
    }
    Tally tally;
    for (std::size_t i = 0; i < file.rows.size(); ++i) {
        job.throwIfCancelled();
        if (i % 64 == 0) {
            job.checkpoint(static_cast<double>(i) / static_cast<double>(file.rows.size()),
                           PISSARRO_SAID("pissarro::core", "tokenizing"));
        }
        const DataRow& row = file.rows[i];
        if (!row.whyNotLearned.empty()) {
            throw Error(
                ErrorKind::Format,
                fmt::format("{}: line {}: {}", shownPath(file.path), row.line, row.whyNotLearned));
        }
        tally.add(row,
                  row.learned
                      ? makeExample(row, static_cast<std::int64_t>(i), tokenizer, maxLength, job)
                      : Example(),
                  tokenizer, job);
    }
    try {
        return tally.result(maxLength);
    } catch (const Error& e) {
        throw e.within(shownPath(file.path));
    }
}

TokenizedData cutTo(const TokenizedData& whole, std::int64_t maxLength)
{
    requireLength(maxLength);
    TokenizedData cut;
    cut.kind = whole.kind;
    cut.columns = whole.columns;
    cut.bad = whole.bad;
    DatasetSummary& summary = cut.summary;
    summary.rows = whole.summary.rows;
    summary.unlearned = whole.summary.unlearned;
    summary.tooLong = whole.summary.tooLong;
    summary.truncated = whole.summary.tooLong;
    const auto limit = static_cast<std::size_t>(maxLength);
    for (const Example& from : whole.examples) {
        const std::size_t size = std::min(from.ids.size(), limit);
        const bool isCut = from.truncated || size < from.ids.size();
        if (from.lossTokensWithin(size) < 1) {
            summary.truncated += isCut ? 1 : 0;
            summary.tooLong += 1;
            continue;
        }
        Example example = from;
        example.truncated = isCut;
        example.ids.resize(size);
        example.learned.resize(std::min(example.learned.size(), size));
        example.types.resize(std::min(example.types.size(), size));
        countExample(summary, example);
        cut.examples.push_back(std::move(example));
    }
    cut.notes = lengthNotes(summary, maxLength);
    return cut;
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

} // namespace pissarro::core::inline dataset

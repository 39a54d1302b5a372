// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/shuffle_p.h"
#include "core/dataset/token_spans_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::core::inline dataset {
namespace {

std::string whyNoneIsUsable(const DataFile& file, std::int64_t maxLength,
                            std::int64_t shortestPrompt)
{
    if (std::none_of(file.rows.begin(), file.rows.end(),
                     [](const DataRow& row) { return row.learned; })) {
        return "every row is marked as not to be learned (weight 0 or train false)";
    }
    return fmt::format("none of the {} rows has a token to learn within the maximum length of {} "
                       "(the shortest prompt alone has {} tokens); raise the maximum length",
                       file.rows.size(), maxLength, shortestPrompt);
}

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
    const bool addSpecial = bos < 0 || !row.prompt.starts_with(tokenizer.piece(bos));
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
    example.promptTokens = static_cast<std::int32_t>(std::min(promptTokens, example.ids.size()));
    return example;
}

namespace {

std::vector<Said> leftOut(const DatasetSummary& summary, std::int64_t maxLength)
{
    std::vector<Said> out;
    const auto add = [&](std::int64_t count, std::string many, std::string one) {
        if (count > 0) { // the plural is that of all rows: "1 of 40 rows"
            out.push_back({std::move(many),
                           std::move(one),
                           summary.rows,
                           {fmt::format("{}", count), fmt::format("{}", summary.rows),
                            fmt::format("{}", maxLength)}});
        }
    };
    add(summary.tooLong,
        PISSARRO_SAID_N("pissarro::core",
                        "%1 of %2 rows left out: the prompt alone fills the maximum length of %3 "
                        "tokens"),
        "%1 of %2 row left out: the prompt alone fills the maximum length of %3 tokens");
    add(summary.truncated - summary.tooLong,
        PISSARRO_SAID_N("pissarro::core", "%1 of %2 rows cut at the maximum length of %3 tokens"),
        "%1 of %2 row cut at the maximum length of %3 tokens");
    add(summary.unlearned,
        PISSARRO_SAID_N("pissarro::core",
                        "%1 of %2 rows left out: marked as not to be learned (weight 0 or train "
                        "false)"),
        "%1 of %2 row left out: marked as not to be learned (weight 0 or train false)");
    return out;
}

} // namespace

TokenizedData tokenizeData(const DataFile& file, const Tokenizer& tokenizer, std::int64_t maxLength,
                           const JobContext& job)
{
    if (maxLength < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the maximum length is {} (expected at least 1 token)", maxLength));
    }
    const bool endsItself = std::all_of(file.rows.begin(), file.rows.end(), [](const DataRow& row) {
        return row.chat || !row.whyNotLearned.empty();
    });
    if (tokenizer.eosId() < 0 && !endsItself) {
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
                           PISSARRO_SAID("pissarro::core", "tokenizing"));
        }
        if (!file.rows[i].whyNotLearned.empty()) {
            throw Error(ErrorKind::Format,
                        fmt::format("{}: line {}: {}", shownPath(file.path), file.rows[i].line,
                                    file.rows[i].whyNotLearned));
        }
        const DataRow& row = file.rows[i];
        if (!row.learned) {
            summary.unlearned += 1;
            continue;
        }
        Example example = makeExample(row, static_cast<std::int64_t>(i), tokenizer, maxLength, job);
        if (example.lossTokens() < 1) {
            const auto prompt =
                static_cast<std::int64_t>(tokenizer.encode(row.prompt, true, job).size());
            shortestPrompt = shortestPrompt == 0 ? prompt : std::min(shortestPrompt, prompt);
            summary.truncated += 1;
            summary.tooLong += 1;
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
    data.notes = leftOut(summary, maxLength);
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

} // namespace pissarro::core::inline dataset

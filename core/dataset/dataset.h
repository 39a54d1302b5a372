// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/dataset/column_map.h"
#include "core/dataset/prompt_template.h"
#include "core/prompt/chat_template.h"
#include "core/text/said.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline dataset {

// What is asked, ready to be answered: the turns end with what a person says. Under the chat template it is to be encoded
// without special tokens, which it writes itself. Requires: for the model's own template its tokenizer. Throws: Error{Format} as
// Tokenizer::applyChatTemplate().
std::string promptOf(const std::vector<ChatMessage>& turns, PromptTemplate promptTemplate,
                     const Tokenizer* chatTokenizer);

// Which answers of a conversation are learned under the chat template, where its messages do not say it (weight, train).
enum class LearnedTurns { All, Last };

struct DataOptions {
    PromptTemplate promptTemplate;
    ColumnMap columns = {}; // empty: found by their names
    LearnedTurns learned = LearnedTurns::All;
    bool strict = true; // the first bad row is an error; false: bad rows are left out and told of
    // What a chat template's strftime_now says, "2026-02-03T04:05:06"; empty: the clock.
    std::string now = {};
};

// Where a row stands in the file (unpacked, where it is packed). size 0: it is made of several.
struct RowPlace {
    std::int32_t file = 0; // of those that a list of files names (data_mix.h)
    std::int64_t line = 0; // from 1
    std::int64_t begin = 0; // in bytes
    std::int64_t size = 0;
};

// One row of a data file after its columns were recognised.
struct DataRow {
    std::int64_t line = 0; // from 1, in the file
    std::string prompt; // template applied
    std::string response; // without the end-of-sequence token
    // The whole conversation as the model's chat template writes it, with the answers that are to be learned; absent:
    // another template. It is encoded without special tokens, since the template writes them.
    std::optional<LearnedText> chat;
    std::string
        whyNotLearned; // why the chat template cannot say what is learned; the prompt is right all the same
    bool learned = true; // false: the row says that its answer is not to be learned (weight 0)
};

// Rows that cannot be used, each with its reason: "line 7 is not JSON: …".
struct BadRow {
    std::int64_t line = 0;
    std::string why;
};
struct BadRows {
    static constexpr std::size_t kMostTold = 200;
    std::int64_t count = 0;
    std::vector<BadRow> first; // at most kMostTold
};

// A data file's rows, all read.
// Shapes known: instruction[, input or context] and output or response · question, query or prompt and answer, response or
// completion (texts or messages) · messages · conversations (ShareGPT) · chosen (the preferred one of a pair) · instances
// (Self-Instruct) · text · trees of messages (parent_id), each with system, history and tools beside it. The turns before
// an answer are its prompt; under the chat template every answer is learned, under the others the last one, of marked ones
// the last that is to be learned. What else a row holds is named in the notes, mere bookkeeping apart (unused_fields.cpp).
struct DataFile {
    std::filesystem::path path;
    Said kind; // "JSON lines"
    std::string columns; // "question, answer": which were recognised
    std::vector<DataRow> rows;
    BadRows bad;
    std::vector<Said> notes; // what the rows hold and nothing uses, counted; a sentence each
};

// Reads .json and .jsonl (an object a line, an array of objects, objects one behind the other), .csv, .tsv and .txt, packed by
// gzip or zstd or not; or a list of such files, NAME.mix.json (data_mix.h), whose weights tokenizeFile() alone heeds.
// Throws: Error{Io}; Error{Format} naming the file, the line and the fields that were found: of a bad row where `strict`, where
//   none is good, and where what follows cannot be told apart any more.
DataFile readDataFile(const std::filesystem::path& path, const DataOptions& options,
                      const Tokenizer* chatTokenizer, const JobContext& job = {});
DataFile readDataFile(const std::filesystem::path& path, PromptTemplate promptTemplate,
                      const Tokenizer* chatTokenizer, const JobContext& job = {});

constexpr std::int32_t kIgnoreLabel = -100; // a label that the loss skips

// A row in tokens, as the reference recipe makes it: prompt and response tokenized together and cut to maxLength,
// labels of the prompt's own tokens ignored, one end-of-sequence token after the response.
struct Example {
    std::int64_t row = 0; // index into DataFile::rows
    std::vector<std::int32_t> ids;
    std::int32_t promptTokens = 0; // ids before it carry no loss
    bool truncated = false;
    std::vector<bool>
        learned; // by token, of a conversation of several answers; empty: all behind the prompt
    RowPlace place {};
    // Of a text, or two, that is judged as a whole: no token is learned then.
    std::vector<std::int32_t> types =
        {}; // which of two texts each token is of; empty: all of the first
    std::optional<double> target = {}; // its class, or its number

    bool isLearned(std::size_t token) const
    {
        return learned.empty() ? token >= static_cast<std::size_t>(promptTokens) : learned[token];
    }
    // Of its first `size` tokens; a text that is judged as a whole counts as one.
    std::int64_t lossTokensWithin(std::size_t size) const
    {
        if (target) {
            return size > 0 ? 1 : 0;
        }
        const std::size_t end = std::min(size, ids.size());
        if (learned.empty()) {
            const auto prompt = static_cast<std::size_t>(promptTokens);
            return end > prompt ? static_cast<std::int64_t>(end - prompt) : 0;
        }
        return std::count(learned.begin(), learned.begin() + static_cast<std::ptrdiff_t>(end), true);
    }
    std::int64_t lossTokens() const { return lossTokensWithin(ids.size()); }
};

// Throws: Cancelled within a long row.
Example makeExample(const DataRow& row, std::int64_t rowIndex, const Tokenizer& tokenizer,
                    std::int64_t maxLength, const JobContext& job = {});

// What a data set costs, shown under the form's field.
struct DatasetSummary {
    std::int64_t rows = 0;
    std::int64_t usable = 0; // rows with a token that counts
    std::int64_t truncated = 0;
    std::int64_t tooLong = 0; // left out: no token to learn stands within the maximum length
    std::int64_t unlearned = 0; // left out: the row says that none of it is to be learned
    std::int64_t tokens = 0; // of usable rows, after the cut
    std::int64_t lossTokens = 0;
    std::int64_t longest = 0; // tokens, after the cut
    std::vector<std::int32_t> lengths; // tokens of each usable row, after the cut
};

struct TokenizedData {
    std::vector<Example> examples; // usable ones, in file order
    DatasetSummary summary;
    std::vector<Said> notes; // what was left out, counted; a sentence each
    Said kind; // as a DataFile has them; empty of rows that were given
    std::string columns;
    BadRows bad;
    bool regression = false; // of texts judged as a whole: targets are numbers, not classes
};

// Tokenizes every row. Rows whose response is cut away wholly are left out and counted.
// Throws: Error{Format} naming the file when no row is usable, with the reason; Cancelled.
TokenizedData tokenizeData(const DataFile& file, const Tokenizer& tokenizer, std::int64_t maxLength,
                           const JobContext& job);

// readDataFile() and tokenizeData() in one: rows are read, rendered and tokenized on as many threads as this process may use,
// and nothing of their texts is kept. Not strict, a row whose answers the chat template cannot tell apart is a bad one.
// The tokens of a file of more than some megabytes are kept between runs, known by the file and the tokenizer.
// Cost: memory of the tokens, about five bytes each, and some megabytes a thread; the file's size is no matter.
TokenizedData tokenizeFile(const std::filesystem::path& path, const DataOptions& options,
                           const Tokenizer& tokenizer, std::int64_t maxLength,
                           const JobContext& job = {});

// The same rows with a smaller maximum length, as if they had been tokenized with it. notes: what that length leaves out.
// whole: tokenized with maxLength or more.
TokenizedData cutTo(const TokenizedData& whole, std::int64_t maxLength);

// How many of `examples` holdOut() takes.
std::int64_t heldOutCount(std::int64_t examples, double share);

// Takes round(share N) of the N examples out of `data`, at least one and not all, and returns them in file order;
// which ones depends on `seed` alone. Throws: Error{Format} when there are fewer than two.
TokenizedData holdOut(TokenizedData& data, double share, std::uint64_t seed);

} // namespace pissarro::core::inline dataset

namespace pissarro::core {

template <>
struct EnumNames<LearnedTurns> {
    static constexpr std::array all {
        Named<LearnedTurns> {LearnedTurns::All, "all"},
        Named<LearnedTurns> {LearnedTurns::Last, "last"},
    };
};

} // namespace pissarro::core

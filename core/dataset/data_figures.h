// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/dataset/dataset.h"
#include "core/file/output.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline dataset {

// How long rows are, in tokens.
struct LengthFigures {
    std::int64_t rows = 0;
    std::int64_t shortest = 0;
    std::int64_t median = 0;
    std::int64_t most = 0; // 95 of 100 rows are no longer
    std::int64_t longest = 0;
    double mean = 0.0;
    std::int64_t binWidth = 1;
    std::vector<std::int64_t>
        bins; // rows of [i binWidth, (i + 1) binWidth); the last one has all beyond it
    bool isOpen = false; // the last bin has longer ones
};
LengthFigures lengthFigures(std::vector<std::int32_t> lengths, int mostBins = 60);

// What a maximum length does to rows that were tokenized without one.
struct CutFigures {
    std::int64_t rows = 0; // all that were to be learned from
    std::int64_t cut = 0;
    std::int64_t leftOut = 0; // of those: nothing to learn is left of them
    std::int64_t tokens = 0; // of an epoch
    std::int64_t lossTokens = 0;
    std::int64_t tokensLost = 0;
};
CutFigures cutFigures(const TokenizedData& whole, std::int64_t maxLength);
// The length that cuts at most so many of 100 rows.
std::int64_t lengthThatCuts(const LengthFigures& figures, std::vector<std::int32_t> lengths,
                            double percent);

// Share of padding in the micro-batches of the first epoch, each as long as its longest row.
// maxLength: longer rows are cut.
double paddingShare(const std::vector<std::int32_t>& lengths, std::int64_t maxLength,
                    std::int64_t batchSize, std::uint64_t seed);

// Rows that say the same, by their tokens.
struct Duplicates {
    struct Pair {
        std::int64_t first = 0; // index into the examples
        std::int64_t again = 0;
    };
    std::int64_t rows = 0; // that repeat one before them
    std::int64_t sameQuestion = 0; // another answer to a question that stood before
    std::vector<Pair> pairs; // of `rows`, at most 200
};
// Cost: 40 bytes a row.
Duplicates duplicatesOf(const TokenizedData& data, const JobContext& job = {});

// Rows found by a check: how many, and the lines of the first.
struct FoundRows {
    static constexpr std::size_t kMostTold = 200;
    std::int64_t count = 0;
    std::vector<std::int64_t> lines;
};

// A row that shares 13 words in a row with a row of the test set, or asks the same question.
struct SharedText {
    std::int64_t line = 0; // of the data
    std::int64_t testLine = 0;
    double share = 0.0; // of the test row's words that stand in such stretches
    std::string shared; // the first stretch, as the data have it
    std::string text; // of the data's row, its beginning
    std::string testText;
};

struct TextChecks {
    std::int64_t rows = 0;
    FoundRows emptyAnswers;
    FoundRows invisible; // no-break, zero-width and like characters, which a model learns to write
    std::int64_t testRows = 0; // 0: no test set was given
    std::int64_t near = 0; // rows of the data near one of the test set
    std::int64_t nearTest = 0; // rows of the test set that are
    std::vector<SharedText> shared; // those of the largest share, at most 200
};

// Reads a data file as words and, where there is one, holds them against a test set: stretches of 13 words as GPT-3's
// authors took them (lower case, letters and digits alone), those of more than ten test rows left out as boilerplate.
// Rows that cannot be read are left out.
// Cost: 24 bytes a word of the test set.
// Throws: Error{Io}, Error{Format} naming the file; Error{InvalidArgument} for a test set of more than 50 million words.
TextChecks checkTexts(const std::filesystem::path& data, const ColumnMap& columns,
                      const std::filesystem::path& testSet, const JobContext& job = {});

// The first rows as they stand in the file, columns by name, for whoever maps them.
struct DataHead {
    struct Row {
        std::int64_t line = 0;
        std::vector<std::string> values; // by column; a value that is no text as JSON
        std::string problem; // why it cannot be read; empty: it can
    };
    Said kind;
    std::vector<std::string> columns; // in the order in which they are met
    std::vector<Row> rows;
    bool isAll = true; // the file has no more rows
};
// Cost: reads as much of the file as these rows take, however large it is.
DataHead dataHead(const std::filesystem::path& path, std::size_t rows = 200,
                  const JobContext& job = {});
// One row, found by its place. Throws: Error{Io}; Error{Format} where the file is another by now.
DataHead rowAt(const std::filesystem::path& path, const RowPlace& place,
               const JobContext& job = {});

// Where bad rows are written, and what may be replaced there.
struct BadRowsFile {
    std::filesystem::path path;
    OutputRule rule;
};
// Writes every bad row, a line of JSON each: line, why, and the beginning of its text. Returns how many; of none no file.
// Throws: Error{Io}, Error{InvalidArgument} for a place that may not be written; Error{Format}; Cancelled.
std::int64_t writeBadRows(const std::filesystem::path& data, const DataOptions& options,
                          const Tokenizer* chatTokenizer, const BadRowsFile& target,
                          const JobContext& job = {});

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/dataset/dataset.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pissarro::core::inline dataset {

struct BadRowsFile;

// What the texts of a file are sorted into.
struct LabelSet {
    // Classes, known by their numbers from 0 on; 1: each text has a number; 0: not known yet: a number stands for itself, a name
    // for its place among those that were found.
    std::int64_t count = 0;
    std::vector<std::string> names = {}; // [count], or empty: a label may also be one of these
};

// A data file whose rows are a text, or two that belong together, and a label: GLUE's tasks and what is laid out like them.
// Columns by their names (sentence1 and sentence2, premise and hypothesis, question and sentence, question1 and question2, text
// and pair, sentence or text alone; label), or by options.columns, of which text, pair and label count. Two texts are encoded
// as the tokenizer frames a pair; what is longer than maxLength is cut at the end, of two texts the longer first. Examples
// have types and a target, and no token that is learned.
// Throws: Error{Io}; Error{Format} naming the file, the line and what is wrong with a row where options.strict, where none is
//   good, and where nothing behind it can be told apart; Error{InvalidArgument} for a maximum length without room; Cancelled.
TokenizedData labelledTexts(const std::filesystem::path& path, const DataOptions& options,
                            const LabelSet& labels, const Tokenizer& tokenizer,
                            std::int64_t maxLength, const JobContext& job = {});

// A row as a person reads it: its texts, a line each.
struct ShownText {
    std::int64_t row = 0; // of Example::row
    std::string text;
};
// The first `rows` of the rows that labelledTexts() takes; 0: all. Throws: as that; bad rows are left out.
std::vector<ShownText> shownTexts(const std::filesystem::path& path, const DataOptions& options,
                                  std::int64_t rows = 0, const JobContext& job = {});

// The roles text, pair and label that names of columns say, as labelledTexts() finds them. Empty: there is no text or no label.
ColumnMap guessedTextColumns(const std::vector<std::string>& columns);

// writeBadRows() of a file that labelledTexts() reads. Throws: as that, but for bad rows.
std::int64_t writeBadTexts(const std::filesystem::path& data, const DataOptions& options,
                           const LabelSet& labels, const BadRowsFile& target,
                           const JobContext& job = {});

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"

#include <cstdint>
#include <string>

namespace pissarro::core::inline dataset {

// Examples with what is told of them, row by row in the order of the file.
class Tally {
public:
    // `example` is looked at where the row is to be learned.
    void add(const DataRow& row, Example example, const Tokenizer& tokenizer,
             const JobContext& job);
    void append(Tally later); // of rows that stand behind these
    std::int64_t rows() const { return m_data.summary.rows; }
    // Throws: Error{Format} with the reason when no row is usable.
    TokenizedData result(std::int64_t maxLength);

private:
    TokenizedData m_data;
    std::int64_t m_shortestPrompt = 0; // tokens, of rows whose prompt is too long
    bool m_anyToLearn = false;
};

// Counts an example that is used.
void countExample(DatasetSummary& summary, const Example& example);
// Why nothing can be learned from so many rows.
std::string noneIsUsable(std::int64_t rows, std::int64_t maxLength, std::int64_t shortestPrompt);
// Throws: Error{InvalidArgument}.
void requireLength(std::int64_t maxLength);
// Throws: Error{Format} when nothing could end the row.
void requireEnd(const Tokenizer& tokenizer, const DataRow& row);

} // namespace pissarro::core::inline dataset

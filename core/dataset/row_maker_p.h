// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/data_columns_p.h"
#include "core/dataset/dataset.h"
#include "core/dataset/row_source_p.h"

#include <map>
#include <string>
#include <vector>

namespace pissarro::core::inline dataset {

// What is told of rows, counted.
struct RowCounts {
    std::string columns; // of the first row
    UnusedFields unused;
    std::map<RowRemark, std::int64_t> remarks;

    void add(const RowCounts& later); // of rows that stand behind these
    std::vector<Said> notes() const;
};

// Turns rows into prompts and answers by one template, and counts what it cannot use.
// Threads: one at a time; several may read one source.
class RowMaker {
public:
    // Throws: Error{Format} where the model's chat template cannot be read.
    RowMaker(const DataOptions& options, const Tokenizer* tokenizer);

    // Throws: Error{Format}: it is a bad row.
    std::vector<DataRow> rowsOf(const RowSource& source, const RawRow& raw);
    const RowCounts& counts() const { return m_counts; }

private:
    DataRow rowOf(Dialogue dialogue, std::int64_t line);
    DataRow chatRow(const Dialogue& dialogue, DataRow row);
    std::string promptOf(ChatRequest request) const;
    LearnedText learnedOf(const Dialogue& dialogue, const ChatRequest& request,
                          const std::string& prompt) const;
    void refuseTools(const Dialogue& dialogue) const;
    std::string who() const; // "the model's chat template does"
    bool writes(const std::string& key) const; // of a message
    void count(const Dialogue& dialogue);

    DataOptions m_options;
    std::optional<ChatTemplate> m_chat;
    RowCounts m_counts;
};

// What is wrong with a row as a sentence that begins with its line.
std::string badRowText(std::int64_t line, const Error& error);
void addBadRow(BadRows& bad, std::int64_t line, std::string why);
void addBadRows(BadRows& bad, BadRows later);
// "3 rows are left out …", where there are any.
std::vector<Said> badRowNotes(const BadRows& bad);

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/said.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline dataset {

constexpr std::size_t kRowLimitBytes = 16U << 20U;

// The text of one row in the file, and where it stands.
struct RawRow {
    std::string_view text;
    std::int64_t line = 1;
    bool atFileEnd = false; // nothing, not even a line feed, comes after it
    const char* problem = nullptr; // why it is none: "opens a quote …"
};

// Walks a data file row by row; what a row says is read apart from that, on any thread.
class RowSource {
public:
    virtual ~RowSource() = default;

    // Throws: Error{Format} naming the line where nothing behind it can be told apart any more.
    virtual std::optional<RawRow> next() = 0;
    // A row as an object by its columns. Threads: any. Throws: Error{Format}: it is none.
    virtual nlohmann::ordered_json parse(const RawRow& row) const = 0;

    virtual double fraction() const = 0; // of the file that has been walked
    virtual std::string kind() const = 0; // "JSON lines"
    virtual std::vector<Said> notes() const { return {}; } // on the file as a whole
};

// Its bytes as rows: what they are is told by the name (.csv, .tsv, .tab, .txt; .gz and .zst are left out of it), else they are
// JSON. `text` outlives the source.
// Throws: Error{Format} for a format that is not read, and for a file that is another one than its name says.
std::unique_ptr<RowSource> openRows(std::string_view text, const std::string& fileName);

// The forms.
std::unique_ptr<RowSource> jsonRows(std::string_view text);
std::unique_ptr<RowSource> textRows(std::string_view text); // a line a row, empty ones left out
// Columns by a separator: ',', ';' or '\t'. '\0': the one that the first line has most of (no tabulator is looked for in
// a file of commas).
std::unique_ptr<RowSource> tableRows(std::string_view text, char separator);
// The conversations of a tree of messages, each a row of the tree (parent_id, role, text): one for each leaf. An answer that
// several share is learned once. Null: the first row of `source`, which is read, is no message of a tree.
// Cost: the whole file in memory.
std::unique_ptr<RowSource> treeRows(const std::unique_ptr<RowSource>& source);

// Without the mark that some programs put before UTF-8.
std::string_view withoutByteOrderMark(std::string_view text);

} // namespace pissarro::core::inline dataset

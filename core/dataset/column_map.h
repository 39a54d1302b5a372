// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline dataset {

// What a column can be: a role that a row is read by.
struct ColumnRole {
    std::string_view name; // "instruction": flags, files
    std::string_view help; // what stands in such a column
};
const std::vector<ColumnRole>& columnRoles(); // lists keep this order

// Which column plays which role, where names do not say it: role to column. With a map no other column is read.
// Empty: columns are found by their names.
using ColumnMap = std::map<std::string, std::string>;

// "instruction=question,output=answer"; a column whose name holds a comma or "=" stands in double quotes, a quote in it
// doubled. The text of a map gives the same map.
// Throws: Error{InvalidArgument} for a role that is none (naming those there are), a role or a column that is missing, and a map
//   by which nothing could be learned: it has output, messages or text.
ColumnMap parseColumnMap(std::string_view text);
std::string columnMapText(const ColumnMap& map);

// The roles that names of columns say, as readers find them: where a person begins to choose. Empty: they say nothing.
ColumnMap guessedColumns(const std::vector<std::string>& columns);

} // namespace pissarro::core::inline dataset

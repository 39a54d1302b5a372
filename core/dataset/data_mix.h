// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/column_map.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace pissarro::core::inline dataset {

// A file of rows, and how often an epoch takes each of them.
struct DataPart {
    std::filesystem::path path;
    double weight = 1.0; // 2: every row twice; 0.5: every other one
    ColumnMap columns; // empty: those of the whole
};

// The files that a data file stands for: itself, or, by the name NAME.mix.json, those that it lists, their paths relative to it:
//   {"files": [{"path": "a.jsonl", "weight": 2}, {"path": "b.csv", "map": "instruction=q,output=a"}]}
// Throws: Error{Io}, Error{Format} naming the file and what is wrong.
std::vector<DataPart> dataParts(const std::filesystem::path& path);

// What an output must not replace where `path` is read: it and the files that it lists. A list that cannot be read is told of by
// whoever reads it.
std::vector<std::filesystem::path> dataPlaces(const std::filesystem::path& path);

// How often the row `row`, from 0, is taken: evenly, so that of n rows round(n weight) come, whatever n.
std::int64_t timesTaken(std::int64_t row, double weight);

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/data_mix.h"
#include "core/dataset/dataset.h"
#include "core/dataset/row_source_p.h"
#include "core/file/packed_file.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace pissarro::core::inline dataset {

constexpr const char* kNoRows =
    "holds no rows (expected a JSON object on each line, an array of them, or a table)";

// A data file at its first row.
struct OpenData {
    UnpackedFile file;
    std::string_view text;
    std::unique_ptr<RowSource> rows;

    RowPlace placeOf(const RawRow& row) const;
    // Throws: Error{Io} where the file was cut while it was read: what then looks wrong is not the file's fault.
    void requireWhole() const;
    Said kind() const; // "JSON lines, gzip"
};

Said mixKind(const std::vector<DataPart>& parts); // "3 files"
DataOptions optionsOf(const DataPart& part,
                      DataOptions whole); // with its own columns, where it has some

// limitBytes: of a packed file no more is unpacked.
// Throws: Error{Io}, Error{Format} naming the file.
OpenData openData(const std::filesystem::path& path, const JobContext& job,
                  std::uint64_t limitBytes = kWholeFile);

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace pissarro::core::inline file {

class MappedFile;

// What a file is packed by, by its first bytes.
enum class Packing { None, Gzip, Zstd };
Packing packingOf(std::string_view firstBytes);

// A file's content, unpacked where it is packed by gzip or zstd (members and frames one behind the other are one content).
struct UnpackedFile {
    std::shared_ptr<const MappedFile> file; // of a packed one: an unnamed temporary, gone with it
    Packing packing = Packing::None;
    bool isWhole = true; // false: no more than `limitBytes` were unpacked
};

constexpr std::uint64_t kWholeFile = ~std::uint64_t {0};

// Maps `path`. A packed one is unpacked into the folder for temporary files: memory does not grow with it.
// limitBytes: so much of a packed file is enough, for whoever looks at its beginning.
// Throws: Error{Io} naming the file, also where the disk is full; Error{Format} for one that is torn, or that grows more than
//   4,000-fold beyond 256 MB, which no text does; Cancelled within a megabyte.
UnpackedFile openUnpacked(const std::filesystem::path& path, const JobContext& job = {},
                          std::uint64_t limitBytes = kWholeFile);

} // namespace pissarro::core::inline file

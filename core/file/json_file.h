// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline file {

// Reads and parses a small JSON file (config.json, an index): at most limitBytes.
// Throws: Error{Io}; Error{Format}; both begin with the path. Cancelled within the file.
nlohmann::json readJsonFile(const std::filesystem::path& path, std::uint64_t limitBytes = 32U << 20,
                            const JobContext& job = {});

// The same of what this program writes for itself: no key may stand twice in it. Throws also: Error{Format} naming that key.
nlohmann::json readOwnJsonFile(const std::filesystem::path& path,
                               std::uint64_t limitBytes = 32U << 20, const JobContext& job = {});

} // namespace pissarro::core::inline file

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline file {

// Reads and parses a small JSON file (config.json, an index): at most limitBytes.
// Throws: Error{Io}; Error{Format}; both begin with the path.
nlohmann::json readJsonFile(const std::filesystem::path& path,
                            std::uint64_t limitBytes = 32U << 20);

} // namespace pissarro::core::inline file

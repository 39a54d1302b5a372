// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>

namespace pissarro::core::inline tasks {

// Calls `read` with the value of each line that is not empty, of a file of 4 GB at most, and how far it is then, to 1.
// Throws: Error{Io}; Error{Format} naming file and line where a line is no JSON or `read` throws one; what else it throws;
//   Cancelled, also within the file.
void forEachJsonLine(const std::filesystem::path& file,
                     const std::function<void(const nlohmann::json& row, double fraction)>& read,
                     const JobContext& job);

} // namespace pissarro::core::inline tasks

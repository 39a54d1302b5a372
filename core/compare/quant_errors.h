// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace pissarro::core::inline compare {

// What `quant-error -o FILE.json` measured, as far as a report shows it: how much less than of QLoRA four bits take away, in
// percent of the nuclear norm, by type of matrix and method.
struct MeasuredQuantErrors {
    std::filesystem::path file;
    std::int64_t rank = 0;
    std::int64_t iters = 0; // T
    std::map<std::string, std::map<std::string, double>> byType; // "q_proj": {"loftq": 8.1, …}
    std::map<std::string, double> average; // by method
};

// Throws: Error{Io}; Error{Format} naming the file; Cancelled within the file.
MeasuredQuantErrors readQuantErrors(const std::filesystem::path& file, const JobContext& job = {});

} // namespace pissarro::core::inline compare

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jobs/job_context.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace pissarro::core {

struct ExportReport {
    std::filesystem::path directory;
    std::int64_t rank = 0; // as stored: PiSSA's is doubled
    double maxLogitDifference =
        0.0; // between the trained model and base + exported adapter, on a real batch
};

// Puts the run's adapter, converted to a plain LoRA for the untouched base, into `directory` (PEFT layout, written
// beside and renamed), and checks it: the logits of base + exported adapter must equal those of the trained model.
// Throws: Error{Format} when the run has no adapter, Error{Numeric} when the check fails (nothing is left behind).
ExportReport exportLora(const std::filesystem::path& runDirectory,
                        const std::filesystem::path& directory, const JobContext& job);

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/export/export_form.h"
#include "core/file/output.h"
#include "core/run/run_checkpoints.h"
#include "core/weights/model_writer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pissarro::core::inline exports {

struct ExportOptions {
    ExportForm form = ExportForm::Lora;
    std::string
        dtype; // of a base that is written: float32, bfloat16, float16; empty: as the base is stored
    std::uint64_t shardBytes = kShardBytes; // weights of more are written as several files
    OutputRule output; // whether an earlier output is replaced
    StateChoice checkpoint; // the best where evaluations chose one, else the last
};

struct ExportReport {
    std::filesystem::path directory;
    StoredState state; // of the run that was taken
    std::filesystem::path adapterDirectory; // empty for Merged
    std::filesystem::path base; // that the adapter is for; empty for Merged
    // That is the four-bit one which the run made for itself: on the untouched model the adapter is not the trained one.
    bool isForOwnBase = false;
    std::int64_t rank = 0; // of the adapter as stored: PiSSA's plain LoRA is doubled; 0 for Merged
    std::string dtype; // of the base written; empty for Lora
    // False: the run keeps nothing but RUN/model, and that is what was compared with.
    bool comparedWithState = true;
    // Between the trained model and what was written, read back from disk, on a probe of 32 tokens in float32.
    double maxLogitDifference = 0.0;
    double meanLogitDifference = 0.0;
};

// Writes the run's result into `directory` (beside and renamed) and proves it before it is called done. What is there is
// replaced by options.output's rule only; the run, its model, data and adapter never (core/file/output.h).
//   * every weight written reads back bit for bit;
//   * the folder, opened again, gives the trained model's logits: within 2e-3 for float32; for 16-bit weights within
//     0.5 on average, the rounding that a right residual shows;
//   * before rounding to 16 bits, untouched base + plain LoRA gives them within 2e-3 too.
// RUN/adapter and RUN/model are taken as they are where they hold the chosen state, and have to be that state: the adapter
// by its logits, the model bit for bit. Of another state the raw one is converted.
// Formula: merged W' = W + s [B_t | -B_0] [A_t ; A_0] for PiSSA, W + s B_t A_t for LoRA, in float32, rounded once.
// A full fine-tuning has only the merged form.
// Throws: Error{Format} when the run has no such form or state, Error{Numeric} when a check fails, Error{Io};
//   Cancelled. Nothing is left behind then.
ExportReport exportRun(const std::filesystem::path& runDirectory, const ExportOptions& options,
                       const std::filesystem::path& directory, const JobContext& job);

// The states of a run that can be exported: the usual one first, then newest first.
// Throws: Error{Format} where there is none, saying what to do; Error{Io}.
std::vector<StoredState> exportableStates(const std::filesystem::path& runDirectory);

} // namespace pissarro::core::inline exports

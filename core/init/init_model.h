// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_options.h"
#include "core/base/job_context.h"
#include "core/model/model_files.h"

#include <cstdint>
#include <filesystem>

namespace pissarro::core::inline init {

struct InitReport {
    std::filesystem::path baseDirectory; // the folder to train on; empty for LoRA without copyBase
    std::filesystem::path adapterDirectory; // DIR/<method>_init
    std::int64_t modules = 0;
    std::int64_t trainableParameters = 0;
    double seconds = 0.0; // decomposition and writing
    double decompositionSeconds = 0.0; // SVD and residual alone
};

// Writes the base to train on (residual for PiSSA, with config and tokenizer) as a Hugging Face folder at `directory`
// and the fresh adapter in PEFT layout at directory/<method>_init, one matrix in memory at a time.
// The base keeps its dtype; that of a GGUF becomes float32. `directory` is written beside and renamed; what is there is
// replaced by options.output's rule only, the model never (core/file/output.h).
// Throws: Error{InvalidArgument} for a rank above a matrix's smaller side (names the matrix), Error{Numeric} for NaN or
//   Inf in a matrix, Error{Io}; Cancelled, leaving nothing behind.
InitReport initModel(const ModelFiles& files, const AdapterOptions& options,
                     const std::filesystem::path& directory, const JobContext& job);

} // namespace pissarro::core::inline init

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"
#include "core/model/model_files.h"
#include "core/model/rank_pattern.h"
#include "core/run/run_spec.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace pissarro::core::inline training {

// What a run will hold at its peak, by kind, in bytes; all twins together.
struct MemoryEstimate {
    std::int64_t weights = 0; // frozen bases, or the trained weights of full fine-tuning
    std::int64_t adapters = 0; // trained factors and their gradients
    std::int64_t optimizer = 0; // its state
    std::int64_t activations = 0; // saved for the backward pass, and logits
    std::int64_t fixed = 0; // program and libraries

    std::int64_t total() const { return weights + adapters + optimizer + activations + fixed; }
};

// Formula: core/train/README.md. `tokens`: of the largest micro-batch, padding left out.
MemoryEstimate estimateMemory(const ModelFiles& files, const RunSpec& spec,
                              const std::vector<Method>& twins, std::int64_t tokens);
// The spec's target matrices in bfloat16 and in its four bits, absmax included; 0 for targets that name nothing.
struct FourBitBytes {
    std::int64_t dense = 0;
    std::int64_t quantized = 0;
};
FourBitBytes fourBitBytes(const ModelFiles& files, const RunSpec& spec);
// That largest micro-batch, of the first epoch of a data set, or of all its steps where they are fewer; without a summary
// as many tokens as the spec allows.
std::int64_t largestMicroBatch(const DatasetSummary* summary, const RunSpec& spec);

// What a run's folder will hold at most, all twins together, in bytes.
struct DiskEstimate {
    std::int64_t checkpoints = 0; // those kept and the one being written
    std::int64_t outcome =
        0; // factors of step 0, adapter or model, and those of the best evaluation

    std::int64_t total() const { return checkpoints + outcome; }
};
// Formula: core/train/README.md. `steps`: of the run.
DiskEstimate estimateDisk(const ModelFiles& files, const RunSpec& spec,
                          const std::vector<Method>& twins, std::int64_t steps);
// Free bytes where `folder` is or will be made; -1: not known.
std::int64_t freeDiskBytes(const std::filesystem::path& folder);

std::int64_t processMemoryBytes(); // resident set now
std::int64_t peakMemoryBytes(); // peak resident set of this process since resetPeakMemory()
void resetPeakMemory(); // the peak begins anew

} // namespace pissarro::core::inline training

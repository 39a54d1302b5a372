// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/rank_pattern.h"
#include "core/model/model_files.h"
#include "core/train/run_spec.h"

#include <cstdint>
#include <vector>

namespace pissarro::core {

// What a run will hold at its peak, by kind, in bytes; all twins together.
struct MemoryEstimate {
    std::int64_t weights = 0; // frozen bases, or the trained weights of full fine-tuning
    std::int64_t adapters = 0; // trained factors and their gradients
    std::int64_t optimizer = 0; // AdamW's two moments
    std::int64_t activations = 0; // saved for the backward pass, and logits
    std::int64_t fixed = 0; // program and libraries

    std::int64_t total() const { return weights + adapters + optimizer + activations + fixed; }
};

// Formula: core/train/README.md. `longest` is the longest row in tokens, at most spec.maxLength.
MemoryEstimate estimateMemory(const ModelFiles& files, const RunSpec& spec,
                              const std::vector<Method>& twins, std::int64_t longest);

std::int64_t machineMemoryBytes(); // total RAM
std::int64_t processMemoryBytes(); // resident set now
std::int64_t peakMemoryBytes(); // peak resident set of this process

} // namespace pissarro::core

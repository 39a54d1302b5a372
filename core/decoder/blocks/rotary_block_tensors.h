// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/ops/ops_tensors.h"
#include "core/model/plan/model_plan.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pissarro::core::inline decoder::inline blocks {

// The rotary positions of a model. What turns by them is Ops::rotate(), forward by 1.0 and backward by -1.0; a token that is
// fed to a cache turns by its own position as any other.
// Memory: the table alone; queries and keys turn in place.
// Threads: one user at a time.
class RotaryBlock {
public:
    RotaryBlock(const ModelConfig& config, at::Device device);

    // Of `positions` at least. The table grows on demand: the reference is good until the next call.
    const RotaryTable& upTo(std::int64_t positions);

private:
    at::Tensor m_frequencies_H; // [headDim / 2] on the CPU
    at::Device m_device;
    RotaryTable m_table;
};

} // namespace pissarro::core::inline decoder::inline blocks

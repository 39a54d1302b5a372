// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace pissarro::core::inline decoder::inline blocks {

// Dropout on adapters' inputs while a micro-batch trains (PEFT's lora_dropout; Srivastava et al. 2014): each number that an
// adapter reads is 0 with probability `rate`, and what it makes of the others counts 1 / (1 - rate). Each adapter has a
// mask of its own. Masks are not kept: they are made again from what stands here where the backward pass needs them, so
// that a layer that is computed again, and a run that goes on, have the same ones; and so has any split of a step's rows
// into micro-batches, whose tokens have the same places in the step.
struct Dropout {
    double rate = 0.0; // 0: none; below 1
    std::uint64_t seed = 0; // the run's
    std::int64_t step = 0;
    std::int64_t before = 0; // tokens of the step's earlier micro-batches

    double gain() const { return 1.0 / (1.0 - rate); } // of what is kept
};

// 1 where a number of x_NI is kept for the adapter of `module`, 0 where it is dropped; uint8, where x is. Row n is that of
// token `before` + n of the step. Requires: 0 < rate < 1.
at::Tensor keptNumbers(const Dropout& dropout, const std::string& module, const at::Tensor& x_NI);

} // namespace pissarro::core::inline decoder::inline blocks

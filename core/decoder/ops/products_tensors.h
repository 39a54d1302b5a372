// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace pissarro::core {

// The products of a decoder: by our own bfloat16 kernels where the processor has the instruction and the product is
// large enough to repay the packing, by LibTorch otherwise (float32, float64, GPUs, processors with matrix tiles).
// Shapes: all 2-D with contiguous rows.

enum class Side {
    Rows, // w [O, K]: y = x w^T, the forward direction
    Columns // w [K, O]: y = x w, the backward direction
};

// A second product that is added before y is rounded: the low-rank term. Undefined tensors: none.
struct ExtraTerm {
    at::Tensor x_NR;
    at::Tensor w; // [O, R] or [R, O], the same side as the main weight
};

// In bfloat16 up to so many rows are multiplied by our own kernels on every processor, Side::Rows: the weight is read as it
// lies, packing it would cost more than it saves.
inline constexpr std::int64_t kThinRows = 40;

// y_NO = x_NK w + extra + bias_O + add_NO; bias and add may be undefined.
at::Tensor product(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                   const ExtraTerm& extra = {}, const at::Tensor& bias_O = {},
                   const at::Tensor& add_NO = {});

// How many rows the products of a batch of `rows` should have, at least as many. LibTorch's products in bfloat16 (oneDNN)
// generate code for each shape and keep it, megabytes a shape: batches of as many lengths as there are steps would fill the
// memory with it, and making it takes as long as the rows that are added. Where our own kernels or others run: `rows`.
std::int64_t productRows(std::int64_t rows, at::ScalarType type, at::Device device);

// g_MO += scale a_NM^T b_NO, in the gradient's own type (float32 for bfloat16 operands).
void addOuterProduct(at::Tensor& g_MO, const at::Tensor& a_NM, const at::Tensor& b_NO,
                     double scale);

} // namespace pissarro::core

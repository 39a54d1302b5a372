// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/model_plan.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pissarro::core {

// The kernels of core/kernels as tensor functions, rows split among LibTorch's threads; on CUDA the same formulas in ATen.
// Legend: N tokens, D width, F intermediate, C columns, V vocabulary. All tensors contiguous, one floating dtype.

// Cosines and sines of the rotary positions, float32 as transformers computes them. A model's: RotaryBlock.
struct RotaryTable {
    at::Tensor cos_TH; // [positions, headDim / 2]
    at::Tensor sin_TH;
};

struct Normed {
    at::Tensor y_ND;
    at::Tensor rstd_N; // float32, or float64 for float64
};
Normed rmsNorm(const at::Tensor& x_ND, const at::Tensor& w_D, double eps, double offset);
// Adds the gradient of x to dx_ND in place.
void rmsNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const at::Tensor& rstd_N,
                     const at::Tensor& w_D, double offset, at::Tensor& dx_ND);
// Gradient of w: sum over tokens of dy xhat, float32 or float64.
at::Tensor rmsNormWeightGradient(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                 const at::Tensor& rstd_N);

// Rotates the first `heads` heads of each row of x_NC in place; direction -1 is the gradient.
void rotate(at::Tensor& x_NC, const at::Tensor& positions_N, const RotaryTable& table,
            std::int64_t heads, double direction);

at::Tensor gated(const at::Tensor& ab_N2F, Activation activation); // [N, F]: act(a) b
struct GatedGradient {
    at::Tensor dab_N2F;
    at::Tensor out_NF; // the forward output again
};
GatedGradient gatedBackward(const at::Tensor& ab_N2F, const at::Tensor& dout_NF,
                            Activation activation);

// Sum over rows of logsumexp(logits) - logits[label]; with scale != 0 logits_NV becomes scale (softmax - onehot).
double crossEntropyInPlace(at::Tensor& logits_NV, const at::Tensor& labels_N, double scale);
at::Tensor crossEntropyPerRow(const at::Tensor& logits_NV,
                              const at::Tensor& labels_N); // float64 [N]

} // namespace pissarro::core

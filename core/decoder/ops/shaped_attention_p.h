// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/ops/ops_tensors.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline decoder::inline ops {

// Attention whose scores are more than scaled products, as fused kernels compute them: capped softly, or with ALiBi's
// slopes. Rows of queries are taken some at a time, so that what is held stays small, and keys that none of them sees are
// left out.
// Shapes: q [1, heads, T, D], k and v [1, heads, S, D], the queries the last T of S; keyMask [S] or undefined.
struct ShapedHeads {
    at::Tensor q, k, v;
};
at::Tensor attendShaped(const ShapedHeads& heads, const AttentionShape& shape,
                        const at::Tensor& keyMask_S);
// Gradients of q, k and v, of what attendShaped() gave without a mask. Formula: with p = softmax(f(s)), s = scale q k^T:
//   dv = p^T dy; df = p (dy v^T - sum(dy y)); ds = df f'(s), where f' of c tanh(s / c) is 1 - tanh(s / c)^2.
ShapedHeads attendShapedBackward(const at::Tensor& dy, const ShapedHeads& heads,
                                 const at::Tensor& y, const AttentionShape& shape);

} // namespace pissarro::core::inline decoder::inline ops

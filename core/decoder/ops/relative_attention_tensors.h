// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/encoder_parts.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pissarro::core::inline decoder::inline ops {

// Attention in which a query and a key also meet vectors of the distance between them (DeBERTa, arXiv:2006.03654).
// Shapes: H heads, T tokens of one text, D width of a head, P rows of the table of distances; all of one type. Where the type
//   is narrow it is computed in float32.
struct RelativeHeads {
    at::Tensor q_HTD, k_HTD, v_HTD;
    at::Tensor distanceKeys_HPD; // that queries meet; undefined: they meet none
    at::Tensor distanceQueries_HPD; // that keys meet; undefined: none
};

// The table's row of each distance, query less key, from -(length - 1) to length - 1.
// Formula: with buckets b, m = b / 2: distances up to m have rows of their own, larger ones share row
//   m + ceil(log(|d| / m) / log((furthest - 1) / m) (m - 1)), computed in float32 as transformers does.
at::Tensor distanceRows(const RelativePositions& positions, std::int64_t length, at::Device device);

// softmax(scale (q k^T + q dk[r]^T + k dq[r]^T)) v with r = rows[query - key + T - 1]; all tokens see one another.
// keyMask_T (may be undefined): keys where it is 0 are not seen. Cost: some rows of scores at a time.
at::Tensor attendRelative(const RelativeHeads& heads, const at::Tensor& rows, double scale,
                          const at::Tensor& keyMask_T);
// Gradients of every part, of what attendRelative() gave without a mask.
RelativeHeads attendRelativeBackward(const at::Tensor& dy_HTD, const RelativeHeads& heads,
                                     const at::Tensor& y_HTD, const at::Tensor& rows, double scale);

} // namespace pissarro::core::inline decoder::inline ops

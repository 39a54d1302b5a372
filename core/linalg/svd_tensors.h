// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pissarro::core {

// The leading singular triplets of a matrix: W is close to U diag(S) V^T.
// Shapes: O = out_features, I = in_features, R = rank. Signs of the columns are free.
struct TruncatedSvd {
    at::Tensor u_OR; // orthonormal columns, dtype of the input
    at::Tensor s_R; // descending, >= 0
    at::Tensor v_IR; // orthonormal columns
};

// The R leading triplets, exactly.
//
// Formula:  eigenvectors of the smaller Gram matrix in float64, the other side as W v / s. The squaring costs half
//   of the digits of float64, so a triplet with s_i >= 1e-5 s_1 is right to float32; where the R-th is smaller than
//   that (nearly rank-deficient W), LAPACK's divide-and-conquer SVD in float64 is used instead.
// Cost:     O(O I K + K^3), K = min(O, I); float64 copies of W and of the Gram matrix.
// Requires: w_OI 2-D, float32 or float64, not empty; 0 < rank <= K.
// Throws:   Error{InvalidArgument}; Error{Numeric} for NaN or Inf.
TruncatedSvd exactSvd(const at::Tensor& w_OI, std::int64_t rank);

struct RandomizedSvdOptions {
    std::int64_t rank = 16;
    int niter = 16; // power iterations, each with orthonormalisation; more = closer to exact
    std::int64_t oversampling = 8; // columns beyond `rank`; cut to what the matrix has
    std::uint64_t seed = 0;
};

// The R leading triplets by a randomised range finder with subspace iteration.
//
// Formula:  Halko, Martinsson & Tropp 2011 (arXiv:0909.4061), algorithms 4.4 and 5.1.
// Cost:     O(O I (R + oversampling) (2 niter + 2)); no full decomposition.
// Requires, Throws: as exactSvd.
TruncatedSvd randomizedSvd(const at::Tensor& w_OI, const RandomizedSvdOptions& options);

} // namespace pissarro::core

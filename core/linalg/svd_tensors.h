// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/settings/svd_options.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace pissarro::core::inline linalg {

// Singular triplets of a matrix: W is close to U diag(S) V^T where they are the leading ones.
// Shapes: O = out_features, I = in_features, R = rank, K = min(O, I). Signs of the columns are free.
struct TruncatedSvd {
    at::Tensor u_OR; // orthonormal columns, dtype of the input
    at::Tensor s_R; // descending, >= 0
    at::Tensor v_IR; // orthonormal columns
};

// One exact decomposition, from which the triplets of every rank and slice follow by one product.
struct SvdFactors {
    at::Tensor s_K; // every singular value, float64
    at::Tensor
        near_KC; // singular vectors of the smaller side, the first C of K, dtype of the input
};

// Formula:  eigenvectors of the smaller Gram matrix in float64. The squaring costs half of the digits of float64, so a
//   triplet with s_i >= 1e-5 s_1 is right to float32.
// Cost:     O(O I K + K^3).
// Requires: w_OI 2-D, float32 or float64, not empty.
// Throws:   Error{InvalidArgument}; Error{Numeric} for NaN or Inf; Cancelled before the eigenvectors, which cannot be cut.
SvdFactors svdFactors(const at::Tensor& w_OI, const JobContext& job = {});

// The triplets [first, first + rank) of `factors`, which were made of w_OI: the other side is W v / s.
// Where the last of them is below 1e-5 s_1 (a nearly rank-deficient W), LAPACK's divide-and-conquer SVD in float64 is
// used instead, whatever `factors` hold.
// Requires: 0 <= first, 1 <= rank, first + rank <= C. Throws: Error{InvalidArgument}.
TruncatedSvd takeTriplets(const at::Tensor& w_OI, const SvdFactors& factors, std::int64_t rank,
                          std::int64_t first);

// svdFactors() and takeTriplets() in one: the R triplets from `first` on, exactly.
TruncatedSvd exactSvd(const at::Tensor& w_OI, std::int64_t rank, std::int64_t first = 0,
                      const JobContext& job = {});

// The triplets of B A, which never exists: the SVD of a matrix with R on its sides is enough, and the other singular values of
// B A are exactly zero. float64 whatever the factors are.
// Formula:  B = Q_B R_B, A^T = Q_A R_A, R_B R_A^T = U S V^T; B A = (Q_B U) S (Q_A V)^T.
// Cost:     O((O + I) R^2 + R^3). Requires: b_OR 2-D and a_RI 2-D, on the CPU; R may be above O or I.
TruncatedSvd svdOfProduct(const at::Tensor& b_OR, const at::Tensor& a_RI);

// Cosines of the principal angles between two subspaces, given by orthonormal columns; descending, as many as the smaller has,
// cut at 1. Requires: both of one dtype, N rows.
std::vector<double> principalCosines(const at::Tensor& a_NR, const at::Tensor& b_NK);

struct RandomizedSvdOptions {
    std::int64_t rank = 16;
    FastSvd fast;
    std::uint64_t seed = 0;
};

// The R leading triplets by a randomised range finder with subspace iteration.
//
// Formula:  Halko, Martinsson & Tropp 2011 (arXiv:0909.4061), algorithms 4.4 and 5.1. Where it is cheap, the last two
//   iterates are kept and the triplets are sought in the span of both, as in block Krylov (Musco & Musco 2015,
//   arXiv:1504.05477): the same products, a smaller error. Orthonormalised by Cholesky QR. Where the Gram matrix of the
//   smaller side saves flops, the iterations are done on it; the triplets always come from W itself.
// Cost:     O(O I (R + oversampling) (2 niter + 2)); no full decomposition.
// Requires, Throws: as exactSvd; Cancelled between iterations.
TruncatedSvd randomizedSvd(const at::Tensor& w_OI, const RandomizedSvdOptions& options,
                           const JobContext& job = {});

// How far U diag(S) V^T is from W, found without knowing the exact decomposition.
struct SvdErrorEstimate {
    double frobenius = 0.0; // ||W - U S V^T||_F / ||W||_F, exact up to rounding
    // ||W - U S V^T||_2 <= this with probability 1 - 10^-10 (ten Gaussian probes). Halko et al., eq. 4.3.
    double spectralBound = 0.0;
    // max_i ||W v_i - s_i u_i||: some singular value of W lies within this of each s_i (Weyl). Rigorous.
    double tripletResidual = 0.0;
};
// The last of them alone: one product with W.
double tripletResidual(const at::Tensor& w_OI, const TruncatedSvd& svd);
SvdErrorEstimate estimateSvdError(const at::Tensor& w_OI, const TruncatedSvd& svd,
                                  std::uint64_t seed);

} // namespace pissarro::core::inline linalg

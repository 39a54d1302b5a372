// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/linalg/svd_tensors.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace pissarro::core {

namespace {

constexpr std::size_t kKeptIterates = 3;
constexpr std::int64_t kWidestBasis = 160; // columns; the small problem grows with their cube
constexpr double kCholeskyFloor = 1e-4; // of the ratio of R's diagonal: Householder below
constexpr double kDependent = 1e-10; // of the largest eigenvalue of the basis's Gram matrix
constexpr std::int64_t kProbes = 10;

at::Tensor gaussian(std::int64_t rows, std::int64_t columns, std::uint64_t seed,
                    const at::TensorOptions& options)
{
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return at::randn({rows, columns}, generator, at::TensorOptions().dtype(options.dtype()))
        .to(options.device());
}

// An orthonormal basis of the range of y, by Cholesky QR: R from the Gram matrix in float64, Q = Y R^-1.
at::Tensor orthonormal(const at::Tensor& y_OC)
{
    const at::Tensor wide = y_OC.to(at::kDouble);
    const auto [upper, info] = at::linalg_cholesky_ex(wide.t().mm(wide), /*upper=*/true);
    const at::Tensor diagonal = upper.diagonal();
    const bool good = info.item<int>() == 0
        && diagonal.min().item<double>() > kCholeskyFloor * diagonal.max().item<double>();
    if (!good) { // nearly dependent columns
        return std::get<0>(at::linalg_qr(y_OC));
    }
    return at::linalg_solve_triangular(upper, wide, /*upper=*/true, /*left=*/false)
        .to(y_OC.scalar_type());
}

// An orthonormal basis of several blocks that may nearly depend on each other: what depends is dropped.
at::Tensor spanOf(const std::vector<at::Tensor>& blocks)
{
    if (blocks.size() == 1) {
        return blocks.front();
    }
    const at::Tensor all = at::cat(blocks, 1).to(at::kDouble);
    const auto [values, vectors] = at::linalg_eigh(all.t().mm(all), "L"); // ascending
    const std::int64_t dropped =
        (values <= kDependent * values[-1]).sum().item<std::int64_t>();
    const std::int64_t kept = values.size(0) - dropped;
    const at::Tensor whitening =
        vectors.narrow(1, dropped, kept).div(values.narrow(0, dropped, kept).sqrt());
    return all.mm(whitening).to(blocks.front().scalar_type());
}

// The leading triplets within the span of q: the SVD of Q^T W by the eigenvectors of its small Gram matrix.
TruncatedSvd tripletsWithin(const at::Tensor& w_OI, const at::Tensor& q_OB, std::int64_t rank)
{
    const at::Tensor b_BI = q_OB.t().mm(w_OI);
    const at::Tensor wide = b_BI.to(at::kDouble);
    const auto [values, vectors] = at::linalg_eigh(wide.mm(wide.t()), "L");
    const std::int64_t size = values.size(0);
    const at::Tensor s_R = values.narrow(0, size - rank, rank).flip(0).clamp_min(0).sqrt();
    if (s_R[rank - 1].item<double>() <= kCholeskyFloor * s_R[0].item<double>()) {
        const auto [u, s, vh] = at::linalg_svd(b_BI, /*full_matrices=*/false);
        return {q_OB.mm(u.narrow(1, 0, rank)).contiguous(), s.narrow(0, 0, rank).contiguous(),
                vh.narrow(0, 0, rank).t().contiguous()};
    }
    const auto type = w_OI.scalar_type();
    const at::Tensor turn_BR = vectors.narrow(1, size - rank, rank).flip(1);
    return {q_OB.mm(turn_BR.to(type)), s_R.to(type),
            b_BI.t().mm(turn_BR.div(s_R).to(type)).contiguous()};
}

void check(const at::Tensor& w_OI, std::int64_t rank)
{
    if (w_OI.dim() != 2 || w_OI.numel() == 0 || !w_OI.is_floating_point()) {
        throw Error(ErrorKind::InvalidArgument,
                    "an SVD needs a non-empty matrix of floating-point numbers");
    }
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    if (rank < 1 || rank > smaller) {
        throw Error(ErrorKind::InvalidArgument,
                    "rank " + std::to_string(rank) + " does not fit a matrix of "
                        + std::to_string(w_OI.size(0)) + " x " + std::to_string(w_OI.size(1))
                        + " (expected 1 to " + std::to_string(smaller) + ")");
    }
    if (!std::isfinite(at::linalg_vector_norm(w_OI).item<double>())
        && !at::isfinite(w_OI).all().item<bool>()) {
        throw Error(ErrorKind::Numeric,
                    "the matrix holds NaN or Inf, so it has no singular values");
    }
}

} // namespace

TruncatedSvd randomizedSvd(const at::Tensor& w_OI, const RandomizedSvdOptions& options)
{
    check(w_OI, options.rank);
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    const std::int64_t columns = std::min(options.rank + options.oversampling, smaller);
    const std::int64_t widest = std::max(columns, std::min(kWidestBasis, smaller));
    const auto most = std::min<std::size_t>(kKeptIterates,
                                            static_cast<std::size_t>(widest / columns));
    std::vector<at::Tensor> iterates {
        orthonormal(w_OI.mm(gaussian(w_OI.size(1), columns, options.seed, w_OI.options())))};
    for (int i = 0; i < options.niter; ++i) {
        // Orthonormalised at every half step, or the small directions drown.
        const at::Tensor back = orthonormal(w_OI.t().mm(iterates.back()));
        iterates.push_back(orthonormal(w_OI.mm(back)));
        if (iterates.size() > most) {
            iterates.erase(iterates.begin());
        }
    }
    return tripletsWithin(w_OI, spanOf(iterates), options.rank);
}

SvdErrorEstimate estimateSvdError(const at::Tensor& w_OI, const TruncatedSvd& svd,
                                  std::uint64_t seed)
{
    SvdErrorEstimate estimate;
    const at::Tensor scaledU = svd.u_OR * svd.s_R;
    const auto remainder = [&](const at::Tensor& x) { // (W - U S V^T) x
        return w_OI.mm(x).sub_(scaledU.mm(svd.v_IR.t().mm(x)));
    };
    const at::Tensor probes = remainder(gaussian(w_OI.size(1), kProbes, seed, w_OI.options()));
    estimate.spectralBound = 10.0 * std::sqrt(2.0 / std::numbers::pi)
        * at::linalg_vector_norm(probes.to(at::kDouble), 2, at::IntArrayRef {0})
              .max()
              .item<double>();
    estimate.tripletResidual =
        at::linalg_vector_norm(w_OI.mm(svd.v_IR).sub_(scaledU).to(at::kDouble), 2,
                               at::IntArrayRef {0})
            .max()
            .item<double>();
    const double whole = at::linalg_vector_norm(w_OI.to(at::kDouble)).item<double>();
    const double left = at::linalg_vector_norm(at::addmm(w_OI, scaledU, svd.v_IR.t(), 1, -1)
                                                   .to(at::kDouble))
                            .item<double>();
    estimate.frobenius = whole > 0.0 ? left / whole : 0.0;
    return estimate;
}

} // namespace pissarro::core

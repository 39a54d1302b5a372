// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/linalg/gram_tensors.h"
#include "core/linalg/svd_tensors.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace pissarro::core::inline linalg {

namespace {

constexpr std::size_t kKeptIterates = 2;
constexpr std::int64_t kWidestBasis = 64; // columns; the small problem grows with their cube
constexpr double kCholeskyFloor = 1e-4; // of the ratio of R's diagonal: Householder below
constexpr double kRoughFloor = 3e-2; // likewise, where a basis only has to be well conditioned
constexpr double kNear = 5e-2; // of s_R / s_1: the Gram matrix in float32 keeps four digits of it
constexpr double kGramShare = 0.65; // of the full product's flops, as lowerGram() makes it
constexpr double kGramGain = 0.9; // the Gram matrix has to save at least a tenth of the flops
constexpr double kDependent = 1e-10; // of the largest eigenvalue of the basis's Gram matrix
constexpr std::int64_t kProbes = 10;

at::Tensor gaussian(std::int64_t rows, std::int64_t columns, std::uint64_t seed,
                    const at::TensorOptions& options)
{
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return at::randn({rows, columns}, generator, at::TensorOptions().dtype(options.dtype()))
        .to(options.device());
}

// Q = Y R^-1 with R from the Cholesky factorisation of Y^T Y in `type`; undefined where the columns are too dependent for
// that: the smallest of R's diagonal is below `floor` of the largest.
at::Tensor choleskyQr(const at::Tensor& y_OC, at::ScalarType type, double floor)
{
    const at::Tensor y = y_OC.to(type);
    const auto [upper, info] = at::linalg_cholesky_ex(y.t().mm(y), /*upper=*/true);
    const at::Tensor diagonal = upper.diagonal();
    const bool good = info.item<int>() == 0
        && diagonal.min().item<double>() > floor * diagonal.max().item<double>();
    return good ? at::linalg_solve_triangular(upper, y, /*upper=*/true, /*left=*/false)
                      .to(y_OC.scalar_type())
                : at::Tensor();
}

// An orthonormal basis of the range of y.
at::Tensor orthonormal(const at::Tensor& y_OC)
{
    const at::Tensor q = choleskyQr(y_OC, at::kDouble, kCholeskyFloor);
    return q.defined() ? q : std::get<0>(at::linalg_qr(y_OC));
}

// A basis of the range of y that is orthonormal to a few digits: enough between power iterations, at half the cost.
at::Tensor roughlyOrthonormal(const at::Tensor& y_OC)
{
    const at::Tensor q = choleskyQr(y_OC, y_OC.scalar_type(), kRoughFloor);
    return q.defined() ? q : orthonormal(y_OC);
}

// An orthonormal basis of several blocks that may nearly depend on each other: what depends is dropped.
// Requires: the last block is orthonormal.
at::Tensor spanOf(const std::vector<at::Tensor>& blocks)
{
    if (blocks.size() == 1) {
        return blocks.front();
    }
    if (blocks.size() == 2) {
        // What the earlier block adds to the last one; by Cholesky, unless it adds too little.
        const at::Tensor& q_OC = blocks.back();
        const at::Tensor& y_OC = blocks.front();
        const at::Tensor rest =
            choleskyQr(y_OC - q_OC.mm(q_OC.t().mm(y_OC)), y_OC.scalar_type(), kRoughFloor);
        if (rest.defined()) {
            const at::Tensor again =
                choleskyQr(rest - q_OC.mm(q_OC.t().mm(rest)), at::kDouble, kCholeskyFloor);
            if (again.defined()) {
                return at::cat({again, q_OC}, 1);
            }
        }
    }
    const at::Tensor all = at::cat(blocks, 1).to(at::kDouble);
    const auto [values, vectors] = at::linalg_eigh(all.t().mm(all), "L"); // ascending
    const std::int64_t dropped = (values <= kDependent * values[-1]).sum().item<std::int64_t>();
    const std::int64_t kept = values.size(0) - dropped;
    const at::Tensor whitening =
        vectors.narrow(1, dropped, kept).div(values.narrow(0, dropped, kept).sqrt());
    return all.mm(whitening).to(blocks.front().scalar_type());
}

// The leading triplets within the span of q: the SVD of Q^T W by the eigenvectors of its small Gram matrix, in float32
// where the values asked for lie close enough together for that.
TruncatedSvd tripletsWithin(const at::Tensor& w_OI, const at::Tensor& q_OB, std::int64_t rank)
{
    const at::Tensor b_BI = q_OB.t().mm(w_OI);
    const auto type = w_OI.scalar_type();
    for (const auto& [work, floor] : {std::pair(type, type == at::kDouble ? kCholeskyFloor : kNear),
                                      std::pair(at::kDouble, kCholeskyFloor)}) {
        const at::Tensor wide = b_BI.to(work);
        const auto [values, vectors] = at::linalg_eigh(wide.mm(wide.t()), "L");
        const std::int64_t size = values.size(0);
        const at::Tensor s_R = values.narrow(0, size - rank, rank).flip(0).clamp_min(0).sqrt();
        if (s_R[rank - 1].item<double>() > floor * s_R[0].item<double>()) {
            const at::Tensor turn_BR = vectors.narrow(1, size - rank, rank).flip(1);
            return {q_OB.mm(turn_BR.to(type)), s_R.to(type),
                    b_BI.t().mm(turn_BR.div(s_R).to(type)).contiguous()};
        }
    }
    const auto [u, s, vh] = at::linalg_svd(b_BI, /*full_matrices=*/false);
    return {q_OB.mm(u.narrow(1, 0, rank)).contiguous(), s.narrow(0, 0, rank).contiguous(),
            vh.narrow(0, 0, rank).t().contiguous()};
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
                    fmt::format("rank {} does not fit a matrix of {} x {} (expected 1 to {})", rank,
                                w_OI.size(0), w_OI.size(1), smaller));
    }
}

// The first product of W with random numbers shows every NaN and Inf of W: no pass over W for them alone.
void checkFinite(const at::Tensor& product)
{
    if (!std::isfinite(at::linalg_vector_norm(product).item<double>())
        && !at::isfinite(product).all().item<bool>()) {
        throw Error(ErrorKind::Numeric,
                    "the matrix holds NaN or Inf, so it has no singular values");
    }
}

// Y = (W W^T)^niter W times a random matrix, in its range the leading left vectors: as one block, or as the last ones.
std::vector<at::Tensor> iterateDirectly(const at::Tensor& w_OI, const RandomizedSvdOptions& options,
                                        std::int64_t columns, const JobContext& job)
{
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    const std::int64_t widest = std::max(columns, std::min(kWidestBasis, smaller));
    const auto most =
        std::min<std::size_t>(kKeptIterates, static_cast<std::size_t>(widest / columns));
    std::vector<at::Tensor> iterates {
        w_OI.mm(gaussian(w_OI.size(1), columns, options.seed, w_OI.options()))};
    checkFinite(iterates.front());
    for (int i = 0; i < options.fast.niter; ++i) {
        job.throwIfCancelled();
        // Orthonormalised at every half step, or the small directions drown.
        iterates.back() = roughlyOrthonormal(iterates.back());
        iterates.push_back(w_OI.mm(roughlyOrthonormal(w_OI.t().mm(iterates.back()))));
        if (iterates.size() > most) {
            iterates.erase(iterates.begin());
        }
    }
    return iterates;
}

// The same space by the Gram matrix G = W W^T of a wide W, made once: Y = G^(niter + 1) times a random matrix, one more
// half step than the direct way. Each step costs K^2 instead of 2 O I.
at::Tensor iterateByGram(const at::Tensor& w_KL, const RandomizedSvdOptions& options,
                         std::int64_t columns, const JobContext& job)
{
    const at::Tensor lower_KK = lowerGram(w_KL, w_KL.scalar_type(), job).tril();
    const at::Tensor gram_KK = lower_KK + lower_KK.tril(-1).t();
    at::Tensor y_KC = gram_KK.mm(gaussian(w_KL.size(0), columns, options.seed, w_KL.options()));
    checkFinite(y_KC);
    for (int i = 0; i < options.fast.niter; ++i) {
        job.throwIfCancelled();
        y_KC = gram_KK.mm(roughlyOrthonormal(y_KC));
    }
    return y_KC;
}

bool gramIsCheaper(std::int64_t smaller, std::int64_t longer, const RandomizedSvdOptions& options,
                   std::int64_t columns)
{
    const auto k = static_cast<double>(smaller);
    const auto l = static_cast<double>(longer);
    const auto c = static_cast<double>(columns);
    const double direct = (2.0 * options.fast.niter + 1.0) * k * l * c;
    return kGramShare * k * k * l + (options.fast.niter + 1.0) * k * k * c < kGramGain * direct;
}

} // namespace

TruncatedSvd randomizedSvd(const at::Tensor& w_OI, const RandomizedSvdOptions& options,
                           const JobContext& job)
{
    check(w_OI, options.rank);
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    const std::int64_t columns = options.rank
        + std::min(options.fast.oversampling, smaller - options.rank); // cannot overflow
    const std::int64_t longer = std::max(w_OI.size(0), w_OI.size(1));
    if (gramIsCheaper(smaller, longer, options, columns)) {
        // The vectors of the smaller side; those of W^T are those of W the other way round.
        const bool tall = w_OI.size(0) > w_OI.size(1);
        const at::Tensor w_KL = tall ? w_OI.t() : w_OI;
        const at::Tensor q_KC = orthonormal(iterateByGram(w_KL, options, columns, job));
        TruncatedSvd svd = tripletsWithin(w_KL, q_KC, options.rank);
        if (tall) {
            std::swap(svd.u_OR, svd.v_IR);
        }
        return svd;
    }
    std::vector<at::Tensor> iterates = iterateDirectly(w_OI, options, columns, job);
    iterates.back() = orthonormal(iterates.back());
    return tripletsWithin(w_OI, spanOf(iterates), options.rank);
}

double tripletResidual(const at::Tensor& w_OI, const TruncatedSvd& svd)
{
    return at::linalg_vector_norm(w_OI.mm(svd.v_IR).sub_(svd.u_OR * svd.s_R).to(at::kDouble), 2,
                                  at::IntArrayRef {0})
        .max()
        .item<double>();
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
    estimate.tripletResidual = tripletResidual(w_OI, svd);
    const double whole = squaredNorm(w_OI);
    const double left = squaredNorm(at::addmm(w_OI, scaledU, svd.v_IR.t(), 1, -1));
    estimate.frobenius = whole > 0.0 ? std::sqrt(left / whole) : 0.0;
    return estimate;
}

} // namespace pissarro::core::inline linalg

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/linalg/svd_tensors.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

namespace pissarro::core {

namespace {

constexpr double kGramFloor =
    1e-5; // below s_i / s_1 of this the squared problem has too few digits

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
}

void checkFinite(const at::Tensor& values)
{
    if (!at::isfinite(values).all().item<bool>()) {
        throw Error(ErrorKind::Numeric,
                    "the matrix holds NaN or Inf, so it has no singular values");
    }
}

TruncatedSvd lapackSvd(const at::Tensor& w_OI, std::int64_t rank)
{
    const auto [u, s, vh] = at::linalg_svd(w_OI.to(at::kDouble), /*full_matrices=*/false);
    const auto type = w_OI.scalar_type();
    return {u.narrow(1, 0, rank).to(type).contiguous(), s.narrow(0, 0, rank).to(type).contiguous(),
            vh.narrow(0, 0, rank).t().to(type).contiguous()};
}

} // namespace

TruncatedSvd exactSvd(const at::Tensor& w_OI, std::int64_t rank)
{
    check(w_OI, rank);
    const bool tall = w_OI.size(0) >= w_OI.size(1);
    const at::Tensor w = w_OI.to(at::kDouble);
    const at::Tensor gram = tall ? w.t().mm(w) : w.mm(w.t());
    checkFinite(gram);
    const auto [values, vectors] = at::linalg_eigh(gram); // ascending
    const std::int64_t smaller = gram.size(0);
    const at::Tensor s_R = values.narrow(0, smaller - rank, rank).flip(0).clamp_min(0).sqrt();
    if (s_R[rank - 1].item<double>() <= kGramFloor * s_R[0].item<double>()) {
        return lapackSvd(w_OI, rank);
    }
    const at::Tensor near = vectors.narrow(1, smaller - rank, rank).flip(1); // of the smaller side
    const at::Tensor far = (tall ? w.mm(near) : w.t().mm(near)).div_(s_R);
    const auto type = w_OI.scalar_type();
    return {(tall ? far : near).to(type).contiguous(), s_R.to(type),
            (tall ? near : far).to(type).contiguous()};
}

TruncatedSvd randomizedSvd(const at::Tensor& w_OI, const RandomizedSvdOptions& options)
{
    check(w_OI, options.rank);
    checkFinite(w_OI);
    const std::int64_t columns =
        std::min(options.rank + options.oversampling, std::min(w_OI.size(0), w_OI.size(1)));
    auto generator = at::make_generator<at::CPUGeneratorImpl>(options.seed);
    const at::Tensor start =
        at::randn({w_OI.size(1), columns}, generator, at::TensorOptions().dtype(w_OI.dtype()))
            .to(w_OI.device());
    // Q spans the range of (W W^T)^niter W; orthonormalised at every half step or the small directions drown.
    at::Tensor q_OC = std::get<0>(at::linalg_qr(w_OI.mm(start)));
    for (int i = 0; i < options.niter; ++i) {
        const at::Tensor back = std::get<0>(at::linalg_qr(w_OI.t().mm(q_OC)));
        q_OC = std::get<0>(at::linalg_qr(w_OI.mm(back)));
    }
    const auto [u, s, vh] = at::linalg_svd(q_OC.t().mm(w_OI), /*full_matrices=*/false);
    return {q_OC.mm(u.narrow(1, 0, options.rank)).contiguous(),
            s.narrow(0, 0, options.rank).contiguous(),
            vh.narrow(0, 0, options.rank).t().contiguous()};
}

} // namespace pissarro::core

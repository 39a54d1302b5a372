// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/linalg/gram_tensors.h"
#include "core/linalg/svd_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline linalg {

namespace {

constexpr double kGramFloor =
    1e-5; // below s_i / s_1 of this the squared problem has too few digits
constexpr double kFloat32Floor = 1e-2; // below it the other side's vectors are computed in float64

void checkMatrix(const at::Tensor& w_OI)
{
    if (w_OI.dim() != 2 || w_OI.numel() == 0 || !w_OI.is_floating_point()) {
        throw Error(ErrorKind::InvalidArgument,
                    "an SVD needs a non-empty matrix of floating-point numbers");
    }
}

void checkSlice(const at::Tensor& w_OI, std::int64_t rank, std::int64_t first, std::int64_t held)
{
    if (rank < 1 || first < 0 || first + rank > held) {
        const std::string from =
            first > 0 ? fmt::format(" from the value {} on", first + 1) : std::string();
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("rank {}{} does not fit a matrix of {} x {} (expected 1 to {})",
                                rank, from, w_OI.size(0), w_OI.size(1), held - first));
    }
}

TruncatedSvd lapackSvd(const at::Tensor& w_OI, std::int64_t rank, std::int64_t first)
{
    const auto [u, s, vh] = at::linalg_svd(w_OI.to(at::kDouble), /*full_matrices=*/false);
    const auto type = w_OI.scalar_type();
    return {u.narrow(1, first, rank).to(type).contiguous(),
            s.narrow(0, first, rank).to(type).contiguous(),
            vh.narrow(0, first, rank).t().to(type).contiguous()};
}

} // namespace

SvdFactors svdFactors(const at::Tensor& w_OI, const JobContext& job)
{
    checkMatrix(w_OI);
    const at::Tensor gram = lowerGram(w_OI, at::kDouble, job);
    if (!at::isfinite(gram.trace()).item<bool>()) {
        throw Error(ErrorKind::Numeric,
                    "the matrix holds NaN or Inf, so it has no singular values");
    }
    job.throwIfCancelled();
    const auto [values, vectors] = at::linalg_eigh(gram, "L"); // ascending
    return {values.flip(0).clamp_min(0).sqrt(), vectors.flip(1).to(w_OI.scalar_type())};
}

TruncatedSvd takeTriplets(const at::Tensor& w_OI, const SvdFactors& factors, std::int64_t rank,
                          std::int64_t first)
{
    checkMatrix(w_OI);
    checkSlice(w_OI, rank, first, factors.near_KC.size(1));
    const at::Tensor s_R = factors.s_K.narrow(0, first, rank);
    if (s_R[rank - 1].item<double>() <= kGramFloor * factors.s_K[0].item<double>()) {
        return lapackSvd(w_OI, rank, first);
    }
    // From the rounded vectors, so that what comes from a cache has the same bits as what was just computed.
    const bool tall = w_OI.size(0) > w_OI.size(1);
    const auto type = w_OI.scalar_type();
    const at::Tensor near_KR = factors.near_KC.narrow(1, first, rank).contiguous();
    // Dividing by a small value magnifies the rounding of the product.
    const bool small = s_R[rank - 1].item<double>() < kFloat32Floor * factors.s_K[0].item<double>();
    const auto work = small ? at::kDouble : type;
    const at::Tensor w = (tall ? w_OI : w_OI.t()).to(work);
    const at::Tensor far = w.mm(near_KR.to(work)).div_(s_R.to(work)).to(type);
    return {tall ? far : near_KR, s_R.to(type), tall ? near_KR : far};
}

TruncatedSvd exactSvd(const at::Tensor& w_OI, std::int64_t rank, std::int64_t first,
                      const JobContext& job)
{
    checkMatrix(w_OI);
    checkSlice(w_OI, rank, first, std::min(w_OI.size(0), w_OI.size(1))); // before any work
    return takeTriplets(w_OI, svdFactors(w_OI, job), rank, first);
}

TruncatedSvd svdOfProduct(const at::Tensor& b_OR, const at::Tensor& a_RI)
{
    const auto [qb, rb] = at::linalg_qr(b_OR.to(at::kDouble));
    const auto [qa, ra] = at::linalg_qr(a_RI.to(at::kDouble).t());
    const auto [u, s, vh] = at::linalg_svd(rb.mm(ra.t()), /*full_matrices=*/false);
    return {qb.mm(u), s, qa.mm(vh.t())};
}

std::vector<double> principalCosines(const at::Tensor& a_NR, const at::Tensor& b_NK)
{
    const at::Tensor cosines =
        at::linalg_svdvals(a_NR.t().mm(b_NK)).clamp_max(1.0).to(at::kDouble).contiguous();
    return {in<double>(cosines), in<double>(cosines) + cosines.numel()};
}

} // namespace pissarro::core::inline linalg

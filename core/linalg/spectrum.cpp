// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/spectrum.h"

#include "core/base/byte_budget.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/base/job_context.h"
#include "core/linalg/gram_tensors.h"
#include "core/linalg/svd_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

#include <cmath>

namespace pissarro::core::inline linalg {

namespace {

std::vector<double> toVector(const at::Tensor& values_K)
{
    const at::Tensor host = values_K.to(at::kCPU, at::kDouble).contiguous();
    const auto* first = in<double>(host);
    return {first, first + host.numel()};
}

[[noreturn]] void throwNotFinite(const at::Tensor& w_OI)
{
    const auto nans = at::isnan(w_OI).sum().item<std::int64_t>();
    const auto infs = at::isinf(w_OI).sum().item<std::int64_t>();
    throw Error(ErrorKind::Numeric,
                fmt::format("holds {} NaN and {} Inf, so it has no singular values", nans, infs));
}

// The Gram matrix's eigenvalues are right to a few dozen eps * s_1^2 each, so every s_i above this share of s_1 keeps at
// least four digits. A matrix with smaller ones is decomposed again, unsquared.
constexpr double kGramShare = 1e-5;

} // namespace

Spectrum computeSpectrum(const at::Tensor& w_OI, const SpectrumOptions& options,
                         const JobContext& job)
{
    if (w_OI.dim() != 2 || w_OI.numel() == 0 || !w_OI.is_floating_point()) {
        throw Error(ErrorKind::InvalidArgument,
                    "a spectrum needs a non-empty matrix of floating-point numbers");
    }
    const c10::InferenceMode inference;
    job.throwIfCancelled();
    Spectrum spectrum;
    spectrum.rows = w_OI.size(0);
    spectrum.cols = w_OI.size(1);
    if (options.rank > 0) {
        spectrum.squaredNorm = squaredNorm(w_OI);
        if (!std::isfinite(spectrum.squaredNorm)) {
            throwNotFinite(w_OI);
        }
        const at::Tensor w32 = w_OI.scalar_type() == at::kDouble ? w_OI : w_OI.to(at::kFloat);
        const TruncatedSvd svd =
            randomizedSvd(w32, {options.rank, options.fast, options.seed}, job);
        spectrum.values = toVector(svd.s_R);
        spectrum.error = tripletResidual(w32, svd);
        return spectrum;
    }
    const at::Tensor gram = lowerGram(w_OI, at::kDouble, job);
    spectrum.squaredNorm = gram.trace().item<double>();
    if (!std::isfinite(spectrum.squaredNorm)) {
        throwNotFinite(w_OI);
    }
    job.throwIfCancelled();
    const at::Tensor eigenvalues_K = at::linalg_eigvalsh(gram, "L").flip(0).clamp_min(0);
    if (eigenvalues_K[-1].item<double>()
        < kGramShare * kGramShare * eigenvalues_K[0].item<double>()) {
        // It holds two float64 copies of W.
        static ByteBudget copies(2ULL << 30);
        const ByteBudget::Share share =
            copies.take(16 * static_cast<std::uint64_t>(w_OI.numel()), job);
        spectrum.values = toVector(at::linalg_svdvals(w_OI.to(at::kDouble)));
    } else {
        spectrum.values = toVector(eigenvalues_K.sqrt());
    }
    return spectrum;
}

} // namespace pissarro::core::inline linalg

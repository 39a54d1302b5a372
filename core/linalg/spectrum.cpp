// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/spectrum.h"

#include "core/base/error.h"
#include "core/jobs/job_context.h"
#include "core/linalg/svd_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pissarro::core {

namespace {

std::vector<double> toVector(const at::Tensor& values_K)
{
    const at::Tensor host = values_K.to(at::kCPU, at::kDouble).contiguous();
    const auto* first = host.const_data_ptr<double>();
    return {first, first + host.numel()};
}

[[noreturn]] void throwNotFinite(const at::Tensor& w_OI)
{
    const auto nans = at::isnan(w_OI).sum().item<std::int64_t>();
    const auto infs = at::isinf(w_OI).sum().item<std::int64_t>();
    throw Error(ErrorKind::Numeric,
                "holds " + std::to_string(nans) + " NaN and " + std::to_string(infs)
                    + " Inf, so it has no singular values");
}

double sumOfSquares(const Spectrum& spectrum, std::int64_t rank)
{
    double sum = 0.0;
    for (std::int64_t i = 0; i < rank; ++i) {
        sum += spectrum.values[static_cast<std::size_t>(i)]
            * spectrum.values[static_cast<std::size_t>(i)];
    }
    return sum;
}

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
    const at::Tensor w = w_OI.to(at::kDouble);
    if (options.rank > 0) {
        spectrum.squaredNorm = w.square().sum().item<double>();
        if (!std::isfinite(spectrum.squaredNorm)) {
            throwNotFinite(w_OI);
        }
        const at::Tensor w32 = w_OI.scalar_type() == at::kDouble ? w_OI : w_OI.to(at::kFloat);
        const TruncatedSvd svd = randomizedSvd(
            w32, {options.rank, options.powerIterations, options.oversampling, options.seed});
        spectrum.values = toVector(svd.s_R);
        return spectrum;
    }
    const at::Tensor gram = spectrum.rows >= spectrum.cols ? w.t().mm(w) : w.mm(w.t());
    spectrum.squaredNorm = gram.trace().item<double>();
    if (!std::isfinite(spectrum.squaredNorm)) {
        throwNotFinite(w_OI);
    }
    job.throwIfCancelled();
    spectrum.values = toVector(at::linalg_eigvalsh(gram).flip(0).clamp_min(0).sqrt());
    return spectrum;
}

double keptEnergy(const Spectrum& spectrum, std::int64_t rank)
{
    if (rank < 0 || rank > static_cast<std::int64_t>(spectrum.values.size())) {
        throw Error(ErrorKind::InvalidArgument,
                    "rank " + std::to_string(rank) + " is outside 0 to "
                        + std::to_string(spectrum.values.size()));
    }
    if (spectrum.squaredNorm <= 0.0) {
        return 1.0;
    }
    return std::min(1.0, sumOfSquares(spectrum, rank) / spectrum.squaredNorm);
}

std::vector<double> cumulativeEnergy(const Spectrum& spectrum)
{
    std::vector<double> energy {spectrum.squaredNorm > 0.0 ? 0.0 : 1.0};
    energy.reserve(spectrum.values.size() + 1);
    double sum = 0.0;
    for (const double value : spectrum.values) {
        sum += value * value;
        energy.push_back(spectrum.squaredNorm > 0.0 ? std::min(1.0, sum / spectrum.squaredNorm)
                                                    : 1.0);
    }
    return energy;
}

double stableRank(const Spectrum& spectrum)
{
    if (spectrum.values.empty() || spectrum.values.front() <= 0.0) {
        return 0.0;
    }
    return spectrum.squaredNorm / (spectrum.values.front() * spectrum.values.front());
}

double effectiveRank(const Spectrum& spectrum)
{
    const double sum = std::accumulate(spectrum.values.begin(), spectrum.values.end(), 0.0);
    if (sum <= 0.0) {
        return 0.0;
    }
    double entropy = 0.0;
    for (const double value : spectrum.values) {
        const double share = value / sum;
        entropy -= share > 0.0 ? share * std::log(share) : 0.0;
    }
    return std::exp(entropy);
}

std::int64_t rankForEnergy(const Spectrum& spectrum, double energy)
{
    const std::vector<double> kept = cumulativeEnergy(spectrum);
    for (std::size_t rank = 0; rank < kept.size(); ++rank) {
        if (kept[rank] >= energy) {
            return static_cast<std::int64_t>(rank);
        }
    }
    return static_cast<std::int64_t>(spectrum.values.size());
}

std::int64_t kneeRank(const Spectrum& spectrum)
{
    std::vector<double> logs;
    for (const double value : spectrum.values) {
        // Values at the rounding floor of float32 would bend the chord.
        if (value <= spectrum.values.front() * 1e-7) {
            break;
        }
        logs.push_back(std::log(value));
    }
    if (logs.size() < 3) {
        return std::max<std::int64_t>(1, static_cast<std::int64_t>(logs.size()));
    }
    const double slope = (logs.back() - logs.front()) / static_cast<double>(logs.size() - 1);
    std::size_t knee = 0;
    double deepest = 0.0;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        const double depth = logs.front() + slope * static_cast<double>(i) - logs[i];
        if (depth > deepest) {
            deepest = depth;
            knee = i;
        }
    }
    return static_cast<std::int64_t>(knee) + 1;
}

} // namespace pissarro::core

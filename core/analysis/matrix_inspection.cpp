// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/matrix_inspection.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/analysis/quant_error_tensors.h"
#include "core/base/error.h"
#include "core/linalg/spectrum.h"
#include "core/tensor/guarded.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/threads.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace pissarro::core::inline analysis {

namespace {

constexpr int kBins = 120;
constexpr double kDeviationsShown = 5.0;
constexpr std::int64_t kFittedValues = 1 << 17;

// Location and scale of the highest likelihood for `fit`'s degrees of freedom, and that likelihood's mean logarithm.
double fitLocationAndScale(const std::vector<float>& values, StudentFit& fit)
{
    const auto count = static_cast<double>(values.size());
    for (int round = 0; round < 50; ++round) {
        double weights = 0.0;
        double weighted = 0.0;
        double squares = 0.0;
        for (const float x : values) {
            const double z = (x - fit.location) / fit.scale;
            const double w = (fit.freedom + 1.0) / (fit.freedom + z * z);
            weights += w;
            weighted += w * x;
            squares += w * z * z;
        }
        fit.location = weighted / weights;
        const double growth = std::sqrt(squares / count);
        fit.scale *= growth;
        if (std::abs(growth - 1.0) < 1e-7) {
            break;
        }
    }
    double likelihood = 0.0;
    for (const float x : values) {
        const double z = (x - fit.location) / fit.scale;
        likelihood -= (fit.freedom + 1.0) / 2.0 * std::log1p(z * z / fit.freedom);
    }
    return likelihood / count + std::lgamma((fit.freedom + 1.0) / 2.0)
        - std::lgamma(fit.freedom / 2.0) - 0.5 * std::log(fit.freedom) - std::log(fit.scale);
}

EntryDistribution distributionOf(const at::Tensor& w_OI, const QuantizedMatrix& q)
{
    EntryDistribution result;
    result.mean = w_OI.mean(at::kDouble).item<double>();
    result.deviation = (w_OI - result.mean).square_().mean(at::kDouble).sqrt().item<double>();
    result.meanAbsmax = q.absmax().mean(at::kDouble).item<double>();
    if (result.deviation == 0.0) {
        return result;
    }
    result.lower = result.mean - kDeviationsShown * result.deviation;
    result.upper = result.mean + kDeviationsShown * result.deviation;
    const at::Tensor counts = at::histc(w_OI, kBins, result.lower, result.upper);
    const double width = (result.upper - result.lower) / kBins;
    const auto* count = in<float>(counts);
    for (int bin = 0; bin < kBins; ++bin) {
        result.density.push_back(count[bin] / (static_cast<double>(w_OI.numel()) * width));
    }
    const at::Tensor flat = w_OI.flatten();
    const std::int64_t stride = std::max<std::int64_t>(1, flat.numel() / kFittedValues);
    const at::Tensor taken =
        flat.slice(0, 0, flat.numel(), stride | 1).contiguous(); // odd: not one column alone
    result.student = fitStudent({in<float>(taken), in<float>(taken) + taken.numel()});
    return result;
}

std::vector<double> spectrumOf(const at::Tensor& w_OI, const JobContext& job)
{
    if (!at::any(w_OI).item<bool>()) {
        return std::vector<double>(static_cast<std::size_t>(std::min(w_OI.size(0), w_OI.size(1))));
    }
    return computeSpectrum(w_OI, {}, job).values;
}

BlockErrors blocksOf(const at::Tensor& e_OI, std::int64_t blockSize)
{
    const at::Tensor flat = e_OI.flatten();
    const std::int64_t size = flat.numel();
    const std::int64_t blocks = (size + blockSize - 1) / blockSize;
    const at::Tensor padded_KB =
        at::constant_pad_nd(flat, {0, blocks * blockSize - size}).view({blocks, blockSize});
    const at::Tensor rms_K = padded_KB.square().mean(1).sqrt_().contiguous();
    BlockErrors result;
    result.width = std::max<std::int64_t>(1, e_OI.size(1) / blockSize);
    result.rms.assign(in<float>(rms_K), in<float>(rms_K) + blocks);
    return result;
}

} // namespace

double StudentFit::density(double x) const
{
    const double z = (x - location) / scale;
    const double half = (freedom + 1.0) / 2.0;
    return std::exp(std::lgamma(half) - std::lgamma(freedom / 2.0)
                    - half * std::log1p(z * z / freedom))
        / (std::sqrt(std::numbers::pi * freedom) * scale);
}

StudentFit fitStudent(const std::vector<float>& values)
{
    const auto count = static_cast<double>(values.size());
    StudentFit fit;
    for (const float x : values) {
        fit.location += x / count;
    }
    for (const float x : values) {
        fit.scale += (x - fit.location) * (x - fit.location) / count;
    }
    fit.scale = std::sqrt(fit.scale);
    // Golden section for log v; the fit of the point before is where the next begins.
    const double golden = (std::sqrt(5.0) - 1.0) / 2.0;
    const auto at = [&](double logFreedom) {
        fit.freedom = std::exp(logFreedom);
        return fitLocationAndScale(values, fit);
    };
    double low = std::log(StudentFit::kSmallestFreedom);
    double high = std::log(StudentFit::kLargestFreedom);
    double left = high - golden * (high - low);
    double right = low + golden * (high - low);
    double atLeft = at(left);
    double atRight = at(right);
    while (high - low > 1e-3) {
        if (atLeft > atRight) {
            high = std::exchange(right, left);
            atRight = atLeft;
            left = high - golden * (high - low);
            atLeft = at(left);
        } else {
            low = std::exchange(left, right);
            atLeft = atRight;
            right = low + golden * (high - low);
            atRight = at(right);
        }
    }
    at((low + high) / 2.0);
    return fit;
}

double EntryDistribution::normalDensity(double x) const
{
    const double z = (x - mean) / deviation;
    return std::exp(-0.5 * z * z) / (std::sqrt(2.0 * std::numbers::pi) * deviation);
}

MatrixInspection inspectMatrix(const ModelFiles& files, const LinearModule& module,
                               const QuantErrorOptions& options, const JobContext& job)
{
    MatrixInspection result;
    guarded([&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads(options.threads);
        result.module = module.name;
        result.rows = module.rows;
        result.cols = module.cols;
        const at::Tensor w_OI = loadWeight(files, module.name + ".weight", at::kFloat, job);
        StartInput how = startInput(options, module, w_OI);
        how.each = [&job](int, const MethodStart&) { job.throwIfCancelled(); };
        const QuantizedMatrix plain = quantize(w_OI, how.quant);
        const auto view = [&](const at::Tensor& error_OI) {
            return ErrorView {spectrumOf(error_OI, job),
                              blocksOf(error_OI, options.quant.blockSize)};
        };
        result.weight = distributionOf(w_OI, plain);
        result.weightSpectrum = spectrumOf(w_OI, job);
        result.qlora = view(w_OI - dequantize(plain, at::kFloat));
        result.reducedBy =
            firstWhere([](Method one) { return iterates(one) && !one->quantizesFirst; });
        for (const Method method : measuredMethods()) {
            const MethodStart start = method->start(how, job);
            if (method == result.reducedBy) {
                const at::Tensor residual_OI =
                    subtractAdapter(w_OI, start.a_RI, start.b_OR, how.scale);
                result.residual = distributionOf(residual_OI, start.base);
                result.residualSpectrum = spectrumOf(residual_OI, job);
            }
            result.errors[method] = view(quantResidual(w_OI, start, how.scale));
        }
    });
    return result;
}

} // namespace pissarro::core::inline analysis

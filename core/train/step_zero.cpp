// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/train/step_zero_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <cstdio>
#include <limits>

namespace pissarro::core {

namespace {

constexpr double kFloat32Limit = 2e-3; // max |difference of logits|
constexpr double kBFloat16LossLimit = 0.05;
constexpr double kBFloat16MeanLimit = 0.5;
constexpr double kOverlapLimit = 0.5;
constexpr double kFourBitWorse = 1.1;

std::string number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2g", value);
    return text;
}

double meanLoss(const at::Tensor& logits_MV, const at::Tensor& labels_M)
{
    return crossEntropyPerRow(logits_MV.clone(), labels_M).mean().item<double>();
}

std::string explain(const RunSpec& spec, const StepZero& zero,
                    const std::optional<StepZeroHint>& hint)
{
    const std::string far =
        "Step 0: the model with its fresh adapter is not the base: logits differ by "
        + number(zero.maxLogitDifference) + " at most and " + number(zero.meanLogitDifference)
        + " on average, the loss is " + number(zero.adaptedLoss) + " instead of "
        + number(zero.baseLoss) + ". ";
    if (hint && hint->overlap > kOverlapLimit) {
        return far
            + "The adapter holds the principal part of this very model, so the base was not "
              "reduced: train on "
              "the residual model that was written with the adapter.";
    }
    if (hint) {
        return far
            + "The adapter does not belong to this base (wrong base, or a stale adapter): "
              "initialise again.";
    }
    return far
        + (spec.dtype == BaseDType::BFloat16 ? "Rounding of the residual to bfloat16 is too coarse "
                                               "here: train with --dtype float32."
                                             : "That is no rounding: please report it.");
}

} // namespace

StepZeroHint inspectGivenAdapter(const Decoder& decoder, const AdapterSet& adapters)
{
    const c10::NoGradGuard noGrad;
    double sum = 0.0;
    int counted = 0;
    for (const Adapter& adapter : adapters) {
        const at::Tensor delta = at::mm(adapter.b_OR, adapter.a_RI).mul_(adapter.scale);
        const double square = delta.square().sum().item<double>();
        if (square <= 0.0) {
            continue;
        }
        const at::Tensor w = decoder.weightOf(adapter.module).to(at::kCPU, at::kFloat);
        sum += (w * delta).sum().item<double>() / square;
        ++counted;
    }
    return {counted > 0 ? sum / counted : std::numeric_limits<double>::quiet_NaN(), false};
}

at::Tensor logitsOfModel(const std::filesystem::path& model, at::ScalarType type, at::Device device,
                         const FlatBatch& probe, const JobContext& job)
{
    try {
        return Decoder(ModelFiles::open(model), type, device, job).scoredLogits(probe);
    } catch (const Error&) {
        return {}; // moved away since: the overlap judges
    }
}

StepZero judgeFourBit(const FlatBatch& probe, const at::Tensor& untouchedLogits,
                      const at::Tensor& baseLogits, const at::Tensor& adaptedLogits)
{
    const c10::NoGradGuard noGrad;
    StepZero zero;
    const at::Tensor untouched = untouchedLogits.to(at::kFloat);
    const at::Tensor difference = (adaptedLogits.to(at::kFloat) - untouched).abs_();
    zero.maxLogitDifference = difference.max().item<double>();
    zero.meanLogitDifference = difference.mean().item<double>();
    zero.baseLoss = meanLoss(untouchedLogits, probe.labels_M);
    zero.adaptedLoss = meanLoss(adaptedLogits, probe.labels_M);
    const double alone = (baseLogits.to(at::kFloat) - untouched).abs_().mean().item<double>();
    zero.passed = zero.meanLogitDifference <= alone * kFourBitWorse;
    const std::string figures = number(zero.meanLogitDifference)
        + " on average with the adapter and by " + number(alone) + " without it, the loss is "
        + number(zero.adaptedLoss) + " instead of " + number(zero.baseLoss);
    zero.verdict = zero.passed ? "Step 0: quantization moves the logits by " + figures
                               : "Step 0: the logits are off the untouched model's by " + figures
            + ". The adapter takes the four-bit base further away: it was made for another base, "
              "initialise again.";
    return zero;
}

StepZero judgeStepZero(const RunSpec& spec, const FlatBatch& probe, const at::Tensor& baseLogits,
                       const at::Tensor& adaptedLogits, const std::optional<StepZeroHint>& hint)
{
    const c10::NoGradGuard noGrad;
    StepZero zero;
    const at::Tensor difference = (adaptedLogits.to(at::kFloat) - baseLogits.to(at::kFloat)).abs_();
    zero.maxLogitDifference = difference.max().item<double>();
    zero.meanLogitDifference = difference.mean().item<double>();
    zero.baseLoss = meanLoss(baseLogits, probe.labels_M);
    zero.adaptedLoss = meanLoss(adaptedLogits, probe.labels_M);
    const bool close = spec.dtype == BaseDType::Float32
        ? zero.maxLogitDifference <= kFloat32Limit
        : std::abs(zero.adaptedLoss - zero.baseLoss) <= kBFloat16LossLimit
            && zero.meanLogitDifference <= kBFloat16MeanLimit;
    const bool judgedByOverlap = hint && !hint->sourceKnown;
    zero.passed = judgedByOverlap ? !(hint->overlap > kOverlapLimit) : close;
    const std::string title(methodTitle(spec.method));
    if (!zero.passed) {
        zero.verdict = explain(spec, zero, hint);
    } else if (judgedByOverlap && !close) {
        zero.verdict = "Step 0: goes on from the given adapter, loss " + number(zero.adaptedLoss)
            + " (the model without it: " + number(zero.baseLoss) + ")";
    } else if (zero.maxLogitDifference == 0.0) {
        zero.verdict = "Step 0: " + title + " equals the base exactly";
    } else {
        // In bfloat16 single logits are rounded by up to one; what training sees is the mean and the loss.
        zero.verdict = "Step 0: " + title + " equals the base within "
            + (spec.dtype == BaseDType::Float32
                   ? number(zero.maxLogitDifference)
                   : number(zero.meanLogitDifference) + " on average, loss within "
                       + number(std::abs(zero.adaptedLoss - zero.baseLoss))
                       + " (rounding of bfloat16)");
    }
    return zero;
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/ops/ops_tensors.h"
#include "core/run/step_zero_kind.h"
#include "core/session/open_model_tensors.h"
#include "core/text/number_text.h"
#include "core/train/step_zero_tensors.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::core::inline training {

namespace {

constexpr double kOverlapLimit = 0.5;
constexpr double kFourBitWorse = 1.1;

std::string number(double value)
{
    return roundedText(value, 2);
}

double meanLoss(const at::Tensor& logits_MV, const at::Tensor& labels_M)
{
    if (labels_M.is_floating_point()) { // numbers to be met
        return (logits_MV.select(1, 0).to(at::kDouble) - labels_M).square().mean().item<double>();
    }
    return opsFor(logits_MV.device())
        .crossEntropyPerRow(logits_MV.clone(), labels_M)
        .mean()
        .item<double>();
}

double meanDifference(const at::Tensor& a_MV, const at::Tensor& b_MV)
{
    return (a_MV.to(at::kDouble) - b_MV.to(at::kDouble)).abs_().mean().item<double>();
}

using WeightMakers = std::function<WeightMaker(const std::string& module)>;

// The scored logits of a model whose linear weights come from `makers`.
at::Tensor logitsOf(const std::shared_ptr<const ModelFiles>& files, const AdapterSet& adapters,
                    at::ScalarType type, const WeightMakers& makers, const Probe& probe)
{
    WeightPlan plan;
    plan.makes = makers;
    const auto decoder = openPlanned(files, type, probe.device, probe.job, plan);
    if (!adapters.empty()) {
        decoder->attach(adapters);
    }
    return decoder->scoredLogits(probe.batch, probe.job);
}

WeightMakers asStored(const std::shared_ptr<const ModelFiles>& files)
{
    return [files](const std::string& module) -> WeightMaker {
        return [files, name = module + ".weight"](at::Tensor& out_OI) {
            out_OI.copy_(loadWeight(*files, name, at::kFloat, NotFinite::Keep));
        };
    };
}

// W as `change` makes it for modules with an adapter; the others as stored.
template <class Change>
WeightMakers changed(const std::shared_ptr<const ModelFiles>& files, const AdapterSet& adapters,
                     const Change& change)
{
    return [=, &adapters](const std::string& module) -> WeightMaker {
        const auto found = std::find_if(adapters.begin(), adapters.end(),
                                        [&](const Adapter& one) { return one.module == module; });
        if (found == adapters.end()) {
            return asStored(files)(module);
        }
        return [=, adapter = *found](at::Tensor& out_OI) {
            const at::Tensor w_OI =
                loadWeight(*files, adapter.module + ".weight", at::kFloat, NotFinite::Keep);
            out_OI.copy_(change(w_OI, adapter, out_OI.scalar_type()));
        };
    };
}

WeightMakers residualOf(const std::shared_ptr<const ModelFiles>& files, const AdapterSet& adapters)
{
    return changed(files, adapters,
                   [](const at::Tensor& w_OI, const Adapter& adapter, at::ScalarType type) {
                       if (type != at::kDouble) {
                           return subtractAdapter(w_OI, adapter);
                       }
                       Adapter wide = adapter;
                       wide.a_RI = adapter.a_RI.to(type);
                       wide.b_OR = adapter.b_OR.to(type);
                       return subtractAdapter(w_OI.to(type), wide);
                   });
}

WeightMakers quantizedOf(const std::shared_ptr<const ModelFiles>& files, const AdapterSet& adapters,
                         const QuantOptions& quant)
{
    return changed(files, adapters,
                   [quant](const at::Tensor& w_OI, const Adapter&, at::ScalarType) {
                       return dequantize(quantize(w_OI, quant), at::kFloat);
                   });
}

// A loss that is no number is no model to train, however the adapter fits.
bool isFinite(const StepZero& zero)
{
    return std::isfinite(zero.adaptedLoss) && std::isfinite(zero.meanLogitDifference);
}

std::string explainNotFinite(const StepZero& zero)
{
    return fmt::format("Step 0: the model with its fresh adapter gives numbers that are not finite "
                       "(NaN or Inf), the loss is {} instead of {}. The adapter is damaged or too "
                       "large for the precision: initialise it again.",
                       number(zero.adaptedLoss), number(zero.baseLoss));
}

std::string explain(const RunSpec& spec, const StepZero& zero,
                    const std::optional<GivenAdapter>& given)
{
    if (!isFinite(zero)) {
        return explainNotFinite(zero);
    }
    const std::string far = fmt::format(
        "Step 0: the model with its fresh adapter is not the base: logits differ by {} at most and "
        "{} on average, the loss is {} instead of {}. ",
        number(zero.maxLogitDifference), number(zero.meanLogitDifference), number(zero.adaptedLoss),
        number(zero.baseLoss));
    if (!given) {
        return far
            + (spec.dtype == BaseDType::BFloat16 ? "Rounding of the residual to bfloat16 is too "
                                                   "coarse here: train with --dtype float32."
                                                 : "That is no rounding: please report it.");
    }
    if (given->overlap > kOverlapLimit) {
        return far
            + "The adapter holds the principal part of this very model, so the base was not "
              "reduced: train on the residual model that was written with the adapter.";
    }
    if (given->misfit > 1.0) {
        return fmt::format("{}The base is not the residual of {}: its weights are off by {} times "
                           "what rounding can do (wrong base, or it was changed): make the pair "
                           "again.",
                           far, given->source->path().string(), number(given->misfit));
    }
    return far
        + "The adapter does not belong to this base: it did not begin at the factors that were "
          "taken out of it; take the one that was written with the base.";
}

// Whether a given adapter may be trained from here, by the surest of what is known.
bool acceptsGiven(const GivenAdapter& given, bool close)
{
    if (given.overlap > kOverlapLimit) {
        return false;
    }
    if (given.startKnown || !std::isnan(given.misfit) || !std::isnan(given.kinship)) {
        return !(given.misfit > 1.0) && !given.isForeign();
    }
    return close || !given.source;
}

} // namespace

at::Tensor logitsOfModel(const std::shared_ptr<const ModelFiles>& untouched, const Probe& probe)
{
    try {
        if (untouched->config().head.kind == HeadKind::Masked) {
            return {}; // what trains has a head for texts, which this one lacks
        }
        return logitsOf(untouched, {}, probe.type, asStored(untouched), probe);
    } catch (const Error&) {
        return {}; // of another vocabulary: the overlap judges
    }
}

StepZeroParts splitStepZero(const std::shared_ptr<const ModelFiles>& untouched,
                            const AdapterSet& initial, const QuantOptions& quant,
                            const at::Tensor& untouchedLogits, const at::Tensor& adaptedLogits,
                            const Probe& probe)
{
    const c10::NoGradGuard noGrad;
    const bool decomposed = std::any_of(initial.begin(), initial.end(), [](const Adapter& adapter) {
        return at::any(adapter.b_OR).item<bool>();
    });
    StepZeroParts parts;
    if (!decomposed) {
        parts.quantization = parts.plain = meanDifference(adaptedLogits, untouchedLogits);
        return parts;
    }
    const at::ScalarType wide = probe.type == at::kBFloat16 ? at::kFloat : at::kDouble;
    const WeightMakers stored = asStored(untouched);
    const WeightMakers residual = residualOf(untouched, initial);
    parts.svd = meanDifference(logitsOf(untouched, initial, wide, residual, probe),
                               logitsOf(untouched, {}, wide, stored, probe));
    const at::Tensor rounded = logitsOf(untouched, initial, probe.type, residual, probe);
    parts.rounding = meanDifference(rounded, untouchedLogits);
    parts.quantization = meanDifference(adaptedLogits, rounded);
    const WeightMakers plain = quantizedOf(untouched, initial, quant);
    parts.plain =
        meanDifference(logitsOf(untouched, {}, probe.type, plain, probe), untouchedLogits);
    return parts;
}

bool FourBitFit::isHome() const
{
    constexpr double kRounding = 1e-3; // of factors and base; an adapter of elsewhere adds percents
    return adapted <= std::min(alone, 1.0) * (1.0 + kRounding) + kRounding * kRounding;
}

FourBitFit fitOfFourBits(const ModelFiles& untouched, const ModelFiles& base,
                         const AdapterSet& fresh, const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    FourBitFit worst;
    double most = -std::numeric_limits<double>::infinity();
    for (const Adapter& adapter : fresh) {
        job.throwIfCancelled();
        const std::string weight = adapter.module + ".weight";
        const at::Tensor w_OI = loadWeight(untouched, weight, at::kFloat, NotFinite::Keep);
        const double size = w_OI.norm().item<double>();
        const at::Tensor rest_OI =
            w_OI - loadWeight(base, weight, at::kFloat, NotFinite::Keep).to(w_OI.device());
        const auto share = [&](const at::Tensor& off_OI) {
            return off_OI.norm().item<double>() / (size > 0.0 ? size : 1.0);
        };
        const FourBitFit one {adapter.module, share(rest_OI),
                              share(subtractAdapter(rest_OI, adapter))};
        const double excess = one.adapted - std::min(one.alone, 1.0);
        if (!(excess <= most)) { // NaN too, which is no fit
            most = excess;
            worst = one;
        }
    }
    return worst;
}

StepZero judgeFourBit(const FlatBatch& probe, const at::Tensor& untouchedLogits,
                      const at::Tensor& baseLogits, const at::Tensor& adaptedLogits,
                      const FourBitFacts& known)
{
    const c10::NoGradGuard noGrad;
    StepZero zero;
    const at::Tensor untouched = untouchedLogits.to(at::kFloat);
    const at::Tensor difference = (adaptedLogits.to(at::kFloat) - untouched).abs_();
    zero.maxLogitDifference = difference.max().item<double>();
    zero.meanLogitDifference = difference.mean().item<double>();
    zero.baseLoss = meanLoss(untouchedLogits, probe.labels_M);
    zero.adaptedLoss = meanLoss(adaptedLogits, probe.labels_M);
    const double alone = meanDifference(baseLogits, untouched);
    const auto& fit = known.fit;
    zero.passed =
        isFinite(zero) && (fit ? fit->isHome() : zero.meanLogitDifference <= alone * kFourBitWorse);
    const std::string figures = fmt::format(
        "{} on average with the adapter and by {} without it, the loss is {} instead of {}",
        number(zero.meanLogitDifference), number(alone), number(zero.adaptedLoss),
        number(zero.baseLoss));
    const std::string why = fit
        ? fmt::format("The weights of {} are off by {} of their size with the adapter and by {} "
                      "without it",
                      fit->module, number(fit->adapted), number(fit->alone))
        : "The adapter takes the four-bit base further away";
    zero.verdict = !isFinite(zero) ? explainNotFinite(zero)
        : zero.passed
        ? fmt::format("Step 0: quantization moves the logits by {}.", figures)
        : fmt::format("Step 0: the logits are off the untouched model's by {}. {}: it was made for "
                      "another base, initialise again.",
                      figures, why);
    zero.parts = known.parts;
    if (const auto& parts = known.parts) {
        zero.verdict += fmt::format(" Of that SVD {}, rounding {}, quantization {}; without an "
                                    "adapter four bits move them by {}",
                                    number(parts->svd), number(parts->rounding),
                                    number(parts->quantization), number(parts->plain));
    } else if (zero.passed) {
        zero.verdict.pop_back(); // a line of its own has no full stop
    }
    return zero;
}

StepZero judgeStepZero(const RunSpec& spec, const FlatBatch& probe, const at::Tensor& baseLogits,
                       const at::Tensor& adaptedLogits, const std::optional<GivenAdapter>& given)
{
    const c10::NoGradGuard noGrad;
    StepZero zero;
    const at::Tensor difference = (adaptedLogits.to(at::kFloat) - baseLogits.to(at::kFloat)).abs_();
    zero.maxLogitDifference = difference.max().item<double>();
    zero.meanLogitDifference = difference.mean().item<double>();
    zero.baseLoss = meanLoss(baseLogits, probe.labels_M);
    zero.adaptedLoss = meanLoss(adaptedLogits, probe.labels_M);
    const bool close = isCloseToBase(zero, spec.dtype);
    zero.passed = isFinite(zero) && (given ? acceptsGiven(*given, close) : close);
    const std::string title(methodTitle(spec.method));
    if (!zero.passed) {
        zero.verdict = explain(spec, zero, given);
    } else if (given && !given->fresh && zero.maxLogitDifference > 0.0) {
        zero.verdict = fmt::format("Step 0: goes on from the given adapter, loss {} (the {}: {})",
                                   number(zero.adaptedLoss),
                                   given->source ? "untouched model" : "model without it",
                                   number(zero.baseLoss));
    } else if (zero.maxLogitDifference == 0.0) {
        zero.verdict = fmt::format("Step 0: {} equals the base exactly", title);
    } else {
        // In bfloat16 single logits are rounded by up to one; what training sees is the mean and the loss.
        const std::string within = spec.dtype == BaseDType::Float32
            ? number(zero.maxLogitDifference)
            : fmt::format("{} on average, loss within {} (rounding of bfloat16)",
                          number(zero.meanLogitDifference),
                          number(std::abs(zero.adaptedLoss - zero.baseLoss)));
        zero.verdict = fmt::format("Step 0: {} equals the base within {}", title, within);
    }
    return zero;
}

} // namespace pissarro::core::inline training

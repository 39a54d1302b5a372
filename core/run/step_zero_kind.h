// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

namespace pissarro::core::inline run {

// How far a model with its fresh adapter may be from the base and still be called it. float32: the largest difference
// of logits; bfloat16, where single logits are rounded by up to one: the difference of losses and the mean one of logits.
constexpr double kStepZeroFloat32Limit = 2e-3;
constexpr double kStepZeroLossLimit = 0.05;
constexpr double kStepZeroMeanLimit = 0.5;

bool isCloseToBase(const StepZero& zero, BaseDType dtype);

// What the numbers of step 0 mean, for whoever says it in words of their own; StepZero::verdict is core's English.
enum class StepZeroKind {
    Failed, // the verdict says why
    Exact, // equals the base to the last bit
    Close, // within maxLogitDifference (float32), or within the mean and the losses' difference (bfloat16)
    GoesOn, // from a given adapter that is trained already: baseLoss without it, adaptedLoss with it
    Quantized, // the base is in four bits: that moves the logits by meanLogitDifference on average
};
StepZeroKind kindOf(const StepZero& zero, const RunSpec& spec);

} // namespace pissarro::core::inline run

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/step_zero_kind.h"

#include <cmath>

namespace pissarro::core::inline run {

bool isCloseToBase(const StepZero& zero, BaseDType dtype)
{
    return dtype == BaseDType::Float32
        ? zero.maxLogitDifference <= kStepZeroFloat32Limit
        : std::abs(zero.adaptedLoss - zero.baseLoss) <= kStepZeroLossLimit
            && zero.meanLogitDifference <= kStepZeroMeanLimit;
}

StepZeroKind kindOf(const StepZero& zero, const RunSpec& spec)
{
    if (!zero.passed) {
        return StepZeroKind::Failed;
    }
    if (isFourBit(spec.method)) {
        return StepZeroKind::Quantized;
    }
    if (zero.maxLogitDifference == 0.0) {
        return StepZeroKind::Exact;
    }
    const bool given = !spec.initAdapter.empty();
    return given && !isCloseToBase(zero, spec.dtype) ? StepZeroKind::GoesOn : StepZeroKind::Close;
}

} // namespace pissarro::core::inline run

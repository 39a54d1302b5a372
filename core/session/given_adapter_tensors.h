// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/base/job_context.h"

#include <limits>
#include <memory>

namespace pissarro::core::inline session {

// What an adapter that a run begins with (--init-adapter) is on the base that it was put on. Where the base is a residual
// whose untouched model W and factors B_0 A_0 are known, nothing is guessed:
//
//   the base R is right where R = W - scale B_0 A_0 up to rounding, element by element:
//     |W - R - s B_0 A_0| <= (u_R + u) |R| + eta_R + u |W| + (r + 4) u s |B_0| |A_0|
//   with u = 2^-24 of the float32 in which residuals are computed (a product of r terms, the scale and two sums, Higham's
//   gamma_{r+4}), u_R the unit roundoff of the type that R is stored in (bfloat16 2^-8, float16 2^-11, float32 u) and
//   eta_R half its smallest number. A wrong base misses this by orders of magnitude, in every type;
//
//   the adapter is at home where it began at these factors: training moves them by little, so that
//     <B A, B_0 A_0> / |B_0 A_0|^2, the mean over modules, stays near 1; of a foreign adapter it is near 0.
struct GivenAdapter {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    // Mean over modules of <R, BA> / |BA|^2: 1 where BA is a principal part of this very base, which was not reduced then;
    // 0 of a residual. Unknown: every BA is zero.
    double overlap = kUnknown;
    double misfit =
        kUnknown; // the largest left side over right side above; unknown: source or factors are not there
    double kinship =
        kUnknown; // <BA, B_0 A_0> / |B_0 A_0|^2; without the factors W - R stands for them
    bool startKnown = false; // the factors that the base was made with lie beside it
    bool fresh = false; // these are they
    std::shared_ptr<const ModelFiles>
        source; // the untouched model; null: not known, or it cannot be opened
    AdapterSet taken; // B_0 A_0, what was taken out of it; empty: not known, or a base in four bits

    bool isOnResidual() const { return !taken.empty() && misfit <= 1.0; }
    bool isForeign() const { return kinship <= 0.5; }
};

// Looks at `given` on `base`. The factors that the base was made with lie beside it (factorsMadeWith()); where none are, the
// given ones are tried. Throws: Error{Format}; Cancelled.
GivenAdapter examineGiven(const AdapterSet& given, const ModelFiles& base, const JobContext& job);

} // namespace pissarro::core::inline session

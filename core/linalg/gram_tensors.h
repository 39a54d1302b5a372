// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline linalg {

// The Gram matrix of the smaller side, computed in `type`: W W^T when O <= I, else W^T W. [K, K], K = min(O, I).
// Only the lower triangle and some blocks above it are filled, which is what eigh and eigvalsh read.
//
// Cost:     about 5/8 of the 2 O I K flops of the full product; beside the result one panel of W in `type`, so that no
//   whole copy of W exists.
// Throws:   Cancelled, between panels.
// Requires: w_OI 2-D, floating point, not empty.
at::Tensor lowerGram(const at::Tensor& w_OI, at::ScalarType type = at::kDouble,
                     const JobContext& job = {});

// ||W||_F^2, summed in float64 without a float64 copy of W.
double squaredNorm(const at::Tensor& w_OI);

} // namespace pissarro::core::inline linalg

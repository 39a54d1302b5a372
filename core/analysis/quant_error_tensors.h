// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/alternation_tensors.h"
#include "core/analysis/quant_error.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline analysis {

// Norms of E = W - (deq(Q) + scale B A); all zero for E = 0.
// Throws: as computeSpectrum().
QuantError normsOf(const at::Tensor& e_OI, const JobContext& job);

// How a module begins in four bits when its error is measured: scale 1, on the CPU.
StartInput startInput(const QuantErrorOptions& options, const LinearModule& module,
                      const at::Tensor& w_OI);

} // namespace pissarro::core::inline analysis

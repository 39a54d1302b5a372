// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/decompose_tensors.h"
#include "core/analysis/quant_error.h"

#include <ATen/core/Tensor.h>

#include <string>

namespace pissarro::core {

// Norms of E = W - (deq(Q) + scale B A); all zero for E = 0.
// Throws: as computeSpectrum().
QuantError normsOf(const at::Tensor& e_OI, const JobContext& job);

// How a module is decomposed when its error is measured: scale 1, a seed of its own.
QuantStartOptions startOptions(const QuantErrorOptions& options, const std::string& module);

} // namespace pissarro::core

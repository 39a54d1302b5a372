// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/quant_error.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core {

// Norms of E = W - (deq(Q) + scale B A); all zero for E = 0.
// Throws: as computeSpectrum().
QuantError normsOf(const at::Tensor& e_OI, const JobContext& job);

} // namespace pissarro::core

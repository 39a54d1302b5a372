// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace pissarro::core::inline quant {

// Fills a contiguous [rows, I] in the compute dtype, on the decoder's device: a frozen weight that is not held but made
// at each use, out of four bits or out of its file.
using WeightMaker = std::function<void(at::Tensor& out_OI)>;

} // namespace pissarro::core::inline quant

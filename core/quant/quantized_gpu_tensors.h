// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/cuda/four_bit_cuda.h"
#include "core/quant/quantized_tensors.h"

namespace pissarro::core::inline quant {

// dequantizeInto() away from the CPU, with the CPU's values bit for bit: by our kernel where it was compiled and the device
// is an NVIDIA card, by LibTorch's operators elsewhere.
// Throws: Error{Internal} where CUDA refuses the launch.
void dequantizeOnGpu(const QuantizedMatrix& q, at::Tensor& out_OI);

// By LibTorch's operators alone, for any device and floating dtype of `out_OI`.
void dequantizeByLibTorch(const QuantizedMatrix& q, at::Tensor& out_OI);

// What our kernel reads: q's memory, wherever it lies, and the tables of its type.
kernels::FourBitOnCard onCard(const QuantizedMatrix& q);

} // namespace pissarro::core::inline quant

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/safetensors.h"
#include "core/quant/quantized_tensors.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace pissarro::core::inline quant {

// A quantized weight as bitsandbytes' QuantState.as_dict(packed=True) lays it out in safetensors:
//   <w> uint8 [H, 1], <w>.absmax, <w>.quant_map, with double quantization <w>.nested_absmax and
//   <w>.nested_quant_map, and <w>.quant_state.bitsandbytes__nf4, whose bytes are JSON.
struct BnbTensors {
    std::vector<TensorSpec> specs;
    std::vector<at::Tensor> tensors; // contiguous, on the CPU
};

// `dtype` is what the weight is dequantized to: "bfloat16".
BnbTensors bnbTensors(const std::string& weight, const QuantizedMatrix& q,
                      const std::string& dtype);

} // namespace pissarro::core::inline quant

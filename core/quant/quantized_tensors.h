// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/settings/quant_options.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pissarro::core::inline quant {

// A matrix in four bits, bit for bit as bitsandbytes 0.50 makes it on the CPU.
//
// Formula: w = absmax[block] code[q]; a full block takes q from w * (1 / absmax), the last, short
//   one from w / absmax, both in float32; halfway between two codes the lower. Double-quantized:
//   absmax = map[n] absmax2[group] + offset.
// Shapes: values in row-major order, n = rows cols; H = ceil(n / 2) bytes; K = ceil(n / blockSize)
//   blocks; G = ceil(K / 256).
// Threads: const members from any.
struct QuantizedMatrix {
    QuantType type = QuantType::Nf4;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t blockSize = kQuantBlock;
    at::Tensor codes_H; // uint8, the first of two values in the upper four bits
    at::Tensor absmax_K; // float32; uint8 codes of it when double-quantized
    at::Tensor nestedAbsmax_G; // float32; undefined: not double-quantized
    float offset = 0.0F;

    bool isDouble() const { return nestedAbsmax_G.defined(); }
    at::Tensor absmax() const; // float32 [K]
    std::int64_t bytes() const; // of codes and absmax, nested or not
};

// Tensors of the shapes that quantize() gives, without values: what is to be stored, told before.
// Throws: as quantize().
QuantizedMatrix unfilledMatrix(std::int64_t rows, std::int64_t cols, const QuantOptions& options);

// In four bits; w [rows, cols] in any floating type, taken as float32.
// Throws: Error{InvalidArgument} for a block size that is no multiple of 64.
QuantizedMatrix quantize(const at::Tensor& w_OI, const QuantOptions& options = {});
// Back, in float32 or bfloat16.
at::Tensor dequantize(const QuantizedMatrix& q, at::ScalarType type);
// Into a contiguous tensor of q's shape, float32 or bfloat16, on q's device.
void dequantizeInto(const QuantizedMatrix& q, at::Tensor& out_OI);

// Eight bits by rows, as LLM.int8 (arXiv:2208.07339) stores weights: round(127 w / absmax of the
// row), halves to even. Returns what is left of w, in float32.
at::Tensor throughInt8(const at::Tensor& w_OI);

} // namespace pissarro::core::inline quant

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/kernels.h"

#include <cstdint>

// Four-bit weights on an NVIDIA card; compiled where a CUDA toolkit of LibTorch's version is present, which
// PISSARRO_CUDA_KERNELS tells. No LibTorch type here; core/quant hands over tensors' memory.
namespace pissarro::core::kernels::inline cuda {

// A matrix in four bits, all of it in the card's memory but for the two tables, which go with each launch.
struct FourBitOnCard {
    static constexpr int kNested = 256; // absmax values that share one, double-quantized
    const std::uint8_t* codes = nullptr; // two values a byte, the first in the upper half
    const float* absmax = nullptr; // one a block; null: double-quantized
    const std::uint8_t* nestedCodes = nullptr; // of the absmax values
    const float* nestedAbsmax = nullptr; // one for kNested blocks
    float offset = 0.0F; // absmax = map[nestedCodes] nestedAbsmax + offset
    std::uint32_t blockSize = FourBit::kChunk; // values; a multiple of 64
    std::int64_t size = 0; // values, fewer than 2^35
    float code[16] = {}; // value of each code
    float map[256] = {}; // value of each nested code
};

// Every value of `q` in row-major order: code times absmax, both roundings those of the CPU's kernels, bit for bit.
// Queued on `stream` (cudaStream_t; null: the default one) of `card`, which becomes the thread's current card.
// Throws: Error{Internal} with CUDA's reason where the launch is refused.
void dequantizeOnCard(const FourBitOnCard& q, float* out, int card, void* stream);
void dequantizeOnCard(const FourBitOnCard& q, Bf16* out, int card, void* stream);

} // namespace pissarro::core::kernels::inline cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/kernels.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace pissarro::core::inline format {

// How four bits stand for a number of [-1, 1].
// Nf4: quantiles of the normal distribution (QLoRA, arXiv:2305.14314, appendix E). Fp4: sign, two
// bits of exponent, one of mantissa. Values and their order are those of bitsandbytes.
enum class QuantType { Nf4, Fp4 };
std::string_view quantTypeName(QuantType type); // "nf4", "fp4": files and the command line
QuantType parseQuantType(std::string_view name); // Throws: Error{InvalidArgument}.

constexpr std::int64_t kQuantBlock = 64; // values that share an absmax
constexpr std::int64_t kLargestQuantBlock = 4096; // of bitsandbytes' sizes: powers of two
constexpr std::int64_t kNestedBlock = 256; // absmax values that share one, double-quantized

const std::array<float, 16>& quantCode(QuantType type); // value of each code
// For the kernels, whose codes are ranks: 0 for the smallest value. Nf4's are the codes themselves.
kernels::FourBit fourBit(QuantType type, std::int64_t blockSize);
// The i-th value of a block whose first code is in the upper half of `codes[0]`.
inline float fourBitValue(const kernels::FourBit& format, const std::uint8_t* codes, std::int64_t i,
                          float absmax)
{
    const unsigned byte = codes[i / 2];
    return format.code[i % 2 == 0 ? byte >> 4 : byte & 15U] * absmax;
}
// The code of each rank.
std::array<std::uint8_t, 16> codeOfRank(QuantType type);

// The 256 values of bitsandbytes' signed dynamic 8-bit map, ascending: seven exponents with a
// growing number of linear fractions (Dettmers, arXiv:1511.04561).
const std::array<float, 256>& dynamicMap();
const std::array<float, 256>&
unsignedDynamicMap(); // of numbers that are never negative: from 0 to 1
// The nearest of dynamicMap() to x of [-1, 1], as bitsandbytes finds it on the CPU: by a table of 65,536
// entries, the code nearest to -1 + 2 i / 65535 for i = floor((x + 1) 32767.5 + 0.5).
std::uint8_t dynamicCode(float x);

} // namespace pissarro::core::inline format

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>

namespace pissarro::core::kernels {

// THE rounding from float32 to bfloat16, wherever the program rounds on a CPU: to nearest, ties to even; denormals are
// kept; what lies beyond the largest bfloat16 becomes an infinity; a NaN stays a NaN (quiet, its sign and upper bits
// kept), also one whose mantissa is all ones, which the plain addition would turn into -0. It is what LibTorch's
// c10::BFloat16 does, except that LibTorch makes 0x7fc0 of every NaN.
// Static and always inlined: files compiled for other instruction sets must not share one body.
[[gnu::always_inline]] static inline std::uint16_t roundToBf16(float x)
{
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    const std::uint32_t quiet = (bits >> 16) | 0x40U;
    return static_cast<std::uint16_t>((bits & 0x7fffffffU) > 0x7f800000U ? quiet : rounded);
}

// The float32 that a bfloat16 is.
[[gnu::always_inline]] static inline float widenBf16(std::uint16_t bits)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

} // namespace pissarro::core::kernels

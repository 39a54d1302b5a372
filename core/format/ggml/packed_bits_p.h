// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pissarro::core::inline format::inline ggml {

// Bit i of `bits` as byte i: 0 or 1.
constexpr std::uint64_t bitsAsBytes(std::uint8_t bits)
{
    const std::uint64_t own =
        bits * 0x0101010101010101U & 0x8040201008040201U; // byte i keeps bit i alone
    return (own + 0x7F7F7F7F7F7F7F7FU) >> 7 & 0x0101010101010101U;
}

// Eight magnitudes, none of them 0, of which those whose bit in `signs` is set become negative: as int8.
constexpr std::uint64_t withSigns(std::uint64_t magnitudes, std::uint8_t signs)
{
    const std::uint64_t negative = bitsAsBytes(signs);
    return (magnitudes ^ negative * 0xFFU) + negative;
}

// Seven bits of signs; the eighth makes their number even.
constexpr std::uint8_t evenSigns(std::uint32_t seven)
{
    seven &= 0x7FU;
    return static_cast<std::uint8_t>(seven
                                     | static_cast<std::uint32_t>(std::popcount(seven) & 1) << 7);
}

// Loops over a block have a fixed length and run over local arrays: compilers turn them into vector code without being told
// that input and output do not overlap or are aligned.
template <std::size_t Count, typename Stored>
inline void scaleInto(const Stored* values, float scale, float* out)
{
    float converted[Count];
    for (std::size_t i = 0; i < Count; ++i) {
        converted[i] = static_cast<float>(values[i]) * scale;
    }
    std::memcpy(out, converted, sizeof converted);
}

// value · scale + shift. The product of few bits is exact in float32, so a fused multiply-add gives the same bits.
template <std::size_t Count, typename Stored>
inline void scaleInto(const Stored* values, float scale, float shift, float* out)
{
    float converted[Count];
    for (std::size_t i = 0; i < Count; ++i) {
        converted[i] = static_cast<float>(values[i]) * scale + shift;
    }
    std::memcpy(out, converted, sizeof converted);
}

} // namespace pissarro::core::inline format::inline ggml

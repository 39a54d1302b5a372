// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace pissarro::core::inline format::inline ggml {

constexpr std::int64_t kSuperBlock = 256; // elements of a block of ggml's newer types

// Eight scales and eight minima of six bits in twelve bytes: of the first four each has a byte of its own, whose top two bits
// go to the other four; those have their low halves in the last four bytes, a scale and a minimum in each.
struct SixBitScales {
    std::uint8_t scale[8];
    std::uint8_t minimum[8];

    explicit SixBitScales(const std::uint8_t* packed)
    {
        for (std::size_t i = 0; i < 4; ++i) {
            const unsigned first = packed[i];
            const unsigned second = packed[i + 4];
            const unsigned low = packed[i + 8];
            scale[i] = first & 63U;
            minimum[i] = second & 63U;
            scale[i + 4] = static_cast<std::uint8_t>((low & 15U) | (first >> 6 << 4));
            minimum[i + 4] = static_cast<std::uint8_t>(low >> 4 | (second >> 6 << 4));
        }
    }
};

} // namespace pissarro::core::inline format::inline ggml

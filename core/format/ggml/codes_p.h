// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pissarro::core::inline format::inline ggml {

// What a nibble stands for, where it is no number: of IQ4's types, by how often weights are near, and of the four-bit floats
// (sign, two bits of exponent, one of mantissa), doubled.
constexpr std::array<std::int8_t, 16> kIq4Codes {-127, -104, -83, -65, -49, -35, -22, -10,
                                                 1,    13,   25,  38,  53,  69,  89,  113};
constexpr std::array<std::int8_t, 16> kFloat4Codes {0, 1,  2,  3,  4,  6,  8,  12,
                                                    0, -1, -2, -3, -4, -6, -8, -12};

// Both codes of each byte, the low half's first: one look-up for two.
using CodePairs = std::array<std::array<std::int8_t, 2>, 256>;
constexpr CodePairs pairsOf(const std::array<std::int8_t, 16>& codes)
{
    CodePairs pairs {};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        pairs[i] = {codes[i & 15], codes[i >> 4]};
    }
    return pairs;
}

// `Bytes` bytes of nibbles: the low half of byte i is element i, the high half element i + Bytes.
template <std::size_t Bytes>
inline void unpackCodes(const CodePairs& pairs, const std::uint8_t* nibbles, std::int8_t* values)
{
    for (std::size_t i = 0; i < Bytes; ++i) {
        values[i] = pairs[nibbles[i]][0];
        values[Bytes + i] = pairs[nibbles[i]][1];
    }
}

} // namespace pissarro::core::inline format::inline ggml

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pissarro::core::inline format::inline ggml {

// Loops over a block have this fixed length and run over local arrays: compilers turn them into vector code without being
// told that input and output do not overlap or are aligned.
constexpr std::int64_t kBlock = 32; // elements of a block of ggml's older types

// 16 bytes of nibbles: element i is the low half of byte i, element i + 16 the high half.
inline void unpackNibbles(const std::byte* data, std::int32_t* values)
{
    std::uint8_t packed[kBlock / 2];
    std::memcpy(packed, data, sizeof packed);
    for (std::int64_t i = 0; i < kBlock / 2; ++i) {
        values[i] = packed[i] & 15;
        values[i + kBlock / 2] = packed[i] >> 4;
    }
}

} // namespace pissarro::core::inline format::inline ggml

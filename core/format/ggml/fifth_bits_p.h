// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/ggml/blocks_of_32_p.h"
#include "core/format/ggml/packed_bits_p.h"

namespace pissarro::core::inline format::inline ggml {

// Four bytes, whose bit i is the fifth of element i, and 16 bytes of nibbles: element i is the low half of byte i, element
// i + 16 the high half.
inline void unpackFiveBits(const std::byte* data, std::uint8_t* values)
{
    std::uint64_t spread[4];
    for (std::size_t i = 0; i < 4; ++i) {
        spread[i] = bitsAsBytes(static_cast<std::uint8_t>(data[i])) << 4;
    }
    std::uint8_t high[kBlock];
    std::memcpy(high, spread, sizeof high);
    std::uint8_t packed[kBlock / 2];
    std::memcpy(packed, data + 4, sizeof packed);
    std::uint8_t unpacked[kBlock];
    for (std::int64_t i = 0; i < kBlock / 2; ++i) {
        unpacked[i] = packed[i] & 15;
        unpacked[i + kBlock / 2] = packed[i] >> 4;
    }
    for (std::int64_t i = 0; i < kBlock; ++i) {
        unpacked[i] |= high[i];
    }
    std::memcpy(values, unpacked, sizeof unpacked);
}

} // namespace pissarro::core::inline format::inline ggml

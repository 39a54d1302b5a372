// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pissarro::core::inline format::inline ggml {

// The rows that codes of ggml's IQ types name: points of a lattice that weights are near. A number a byte, the first one
// lowest. iq_grids.cpp is written by tests/tools/make_iq_grids.py.
extern const std::array<std::uint64_t, 256> kIq2XxsGrid;
extern const std::array<std::uint64_t, 512> kIq2XsGrid;
extern const std::array<std::uint64_t, 1024> kIq2SGrid;
extern const std::array<std::uint32_t, 256> kIq3XxsGrid;
extern const std::array<std::uint32_t, 512> kIq3SGrid;
extern const std::array<std::uint64_t, 2048> kIq1Grid; // 0, 8, 16 for -1, 0, 1

// Rows of IQ1's grid in eighths: eight times -1, 0 or 1, and the eighth of this sign.
template <std::size_t Rows>
inline void iq1Eighths(const std::uint64_t* rows, int sign, std::int8_t* values)
{
    std::uint8_t bytes[8 * Rows];
    std::memcpy(bytes, rows, sizeof bytes);
    for (std::size_t i = 0; i < sizeof bytes; ++i) {
        values[i] = static_cast<std::int8_t>(bytes[i] - 8 + sign);
    }
}

} // namespace pissarro::core::inline format::inline ggml

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace pissarro::core::inline stats {

// splitmix64 (Steele, Lea & Flood 2014): the numbers of resampling, the same on every machine and in every release.
class Draws {
public:
    explicit Draws(std::uint64_t seed)
        : m_state(seed)
    {
    }
    std::uint64_t next()
    {
        std::uint64_t z = m_state += 0x9E3779B97F4A7C15ULL;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    // From 0 to n-1, each with the same chance but for n / 2^32. Requires: 0 < n < 2^32.
    std::uint64_t below(std::uint64_t n) { return ((next() >> 32U) * n) >> 32U; }

private:
    std::uint64_t m_state;
};

} // namespace pissarro::core::inline stats

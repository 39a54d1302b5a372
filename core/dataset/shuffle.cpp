// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/shuffle_p.h"

#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace pissarro::core::inline dataset {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

std::uint64_t mixed(std::uint64_t z)
{
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

class Xoshiro256 {
public:
    explicit Xoshiro256(std::uint64_t seed)
    {
        for (std::uint64_t& word : m_state) {
            seed += kGolden;
            word = mixed(seed);
        }
    }

    std::uint64_t next()
    {
        const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
        const std::uint64_t shifted = m_state[1] << 17U;
        m_state[2] ^= m_state[0];
        m_state[3] ^= m_state[1];
        m_state[1] ^= m_state[2];
        m_state[0] ^= m_state[3];
        m_state[2] ^= shifted;
        m_state[3] = std::rotl(m_state[3], 45);
        return result;
    }

    std::uint64_t below(std::uint64_t n)
    {
        const std::uint64_t rejected = (0 - n) % n;
        for (;;) {
            __extension__ const unsigned __int128 product =
                static_cast<unsigned __int128>(next()) * n;
            if (static_cast<std::uint64_t>(product) >= rejected) {
                return static_cast<std::uint64_t>(product >> 64U);
            }
        }
    }

private:
    std::array<std::uint64_t, 4> m_state {};
};

} // namespace

std::vector<std::uint32_t> shuffledOrder(std::uint32_t count, std::uint64_t seed,
                                         std::uint64_t epoch)
{
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    Xoshiro256 random(mixed(seed + kGolden) + epoch);
    for (std::uint32_t i = count; i > 1; --i) {
        std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(i))]);
    }
    return order;
}

} // namespace pissarro::core::inline dataset

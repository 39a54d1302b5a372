// SPDX-License-Identifier: GPL-3.0-or-later
// AdamW on split masters: part of the kernels' one source, see kernels_impl.h.
#pragma once

#include "core/kernels/bf16_round.h"
#include "core/kernels/kernels.h"

#include <bit>
#include <cmath>

namespace pissarro::core::kernels::PISSARRO_ISA {

inline void splitAdamW(const AdamWSlice& s, const AdamWStep& step, std::int64_t begin,
                       std::int64_t end)
{
    const auto keep = static_cast<float>(1.0 - step.learningRate * step.weightDecay);
    const auto beta1 = static_cast<float>(step.beta1);
    const auto beta2 = static_cast<float>(step.beta2);
    const auto size = static_cast<float>(step.learningRate / step.correction1);
    const auto root = static_cast<float>(1.0 / std::sqrt(step.correction2));
    const auto epsilon = static_cast<float>(step.epsilon);
    std::uint16_t* __restrict high = s.high;
    std::int16_t* __restrict low = s.low;
    const float* __restrict g = s.gradient;
    float* __restrict m = s.first;
    float* __restrict v = s.second;
    for (std::int64_t i = begin; i < end; ++i) {
        const std::uint32_t joined = (static_cast<std::uint32_t>(high[i]) << 16)
            + static_cast<std::uint32_t>(static_cast<std::int32_t>(low[i]));
        const float w = std::bit_cast<float>(joined) * keep;
        const float first = m[i] + (1.0F - beta1) * (g[i] - m[i]);
        const float second = v[i] * beta2 + (1.0F - beta2) * g[i] * g[i];
        m[i] = first;
        v[i] = second;
        const float updated = w - size * first / (std::sqrt(second) * root + epsilon);
        const auto bits = std::bit_cast<std::uint32_t>(updated);
        const std::uint32_t upper = roundToBf16(updated);
        const auto missing = static_cast<std::int32_t>(bits - (upper << 16));
        high[i] = static_cast<std::uint16_t>(upper);
        // Of a NaN nothing is missing.
        low[i] = static_cast<std::int16_t>(updated != updated     ? 0
                                               : missing > 0x7fff ? 0x7fff
                                                                  : missing);
    }
}

} // namespace pissarro::core::kernels::PISSARRO_ISA

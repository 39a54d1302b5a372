// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers in and out of storage, and the functions of one: part of the kernels' one source, see kernels_impl.h.
#pragma once

#include "core/kernels/bf16_round.h"
#include "core/kernels/kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace pissarro::core::kernels::PISSARRO_ISA {

inline float load(float x)
{
    return x;
}
inline double load(double x)
{
    return x;
}
inline float load(Bf16 x)
{
    return widenBf16(x.bits);
}

inline void store(float* p, float x)
{
    *p = x;
}
inline void store(double* p, double x)
{
    *p = x;
}
inline void store(Bf16* p, float x)
{
    p->bits = roundToBf16(x);
}

inline double expOf(double x)
{
    return std::exp(x);
}

// exp in float32 within 2 units in the last place: 2^n e^r, |r| <= ln(2)/2, degree-6 polynomial (Cephes expf).
// A NaN stays one: std::max and std::min give their first operand back when the comparison is false.
inline float expOf(float x)
{
    x = std::min(std::max(x, -87.33654F), 88.02969F);
    const float n = std::floor(x * 1.44269504088896341F + 0.5F);
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    const float mantissa = p * r * r + r + 1.0F;
    const auto exponent = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23;
    return mantissa * std::bit_cast<float>(exponent);
}

template <class R>
inline R sigmoid(R x)
{
    return R(1) / (R(1) + expOf(-x));
}

template <class R>
inline R tanhOf(R x)
{
    return R(2) * sigmoid(R(2) * x) - R(1);
}

} // namespace pissarro::core::kernels::PISSARRO_ISA

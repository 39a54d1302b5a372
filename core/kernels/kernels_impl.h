// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels' one source, compiled once for each instruction set: PISSARRO_ISA names the namespace.
// Loops are written so that GCC vectorises them; there is no intrinsic here.
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

// The gate's value and slope at x. An infinity has no slope, as LibTorch has it; sums that may be reordered find one or
// not, by instruction set.
template <Gate G, class R>
inline void gateOf(R x, R& value, R& slope)
{
    if constexpr (G == Gate::Silu) {
        const R s = sigmoid(x);
        value = x * s;
        slope = s * (R(1) + x * (R(1) - s));
    } else if constexpr (G == Gate::GeluTanh) {
        constexpr R kBeta = R(0.79788456080286535588); // sqrt(2 / pi)
        constexpr R kKappa = R(0.044715);
        const R t = tanhOf(kBeta * (x + kKappa * x * x * x));
        value = R(0.5) * x * (R(1) + t);
        slope = R(0.5) * (R(1) + t)
            + R(0.5) * x * (R(1) - t * t) * kBeta * (R(1) + R(3) * kKappa * x * x);
    } else {
        const R phi = R(0.5) * (R(1) + std::erf(x * R(0.70710678118654752440)));
        value = x * phi;
        slope = phi + x * R(0.39894228040143267794) * expOf(R(-0.5) * x * x);
    }
    slope =
        std::fabs(x) <= std::numeric_limits<R>::max() ? slope : std::numeric_limits<R>::quiet_NaN();
}

template <class T>
void rmsNorm(const T* x, const T* w, T* y, Real<T>* rstd, std::int64_t begin, std::int64_t end,
             std::int64_t d, double eps, double offset)
{
    using R = Real<T>;
    const R add = static_cast<R>(offset);
    for (std::int64_t n = begin; n < end; ++n) {
        const T* row = x + n * d;
        R sum = 0;
        for (std::int64_t i = 0; i < d; ++i) {
            sum += load(row[i]) * load(row[i]);
        }
        const R inverse = R(1) / std::sqrt(sum / static_cast<R>(d) + static_cast<R>(eps));
        rstd[n] = inverse;
        for (std::int64_t i = 0; i < d; ++i) {
            store(y + n * d + i, load(row[i]) * inverse * (load(w[i]) + add));
        }
    }
}

template <class T>
void rmsNormBackward(const T* dy, const T* x, const Real<T>* rstd, const T* w, T* dx,
                     std::int64_t begin, std::int64_t end, std::int64_t d, double offset)
{
    using R = Real<T>;
    const R add = static_cast<R>(offset);
    for (std::int64_t n = begin; n < end; ++n) {
        const T* rowDy = dy + n * d;
        const T* rowX = x + n * d;
        T* rowDx = dx + n * d;
        R dot = 0;
        for (std::int64_t i = 0; i < d; ++i) {
            dot += load(rowDy[i]) * (load(w[i]) + add) * load(rowX[i]);
        }
        const R inverse = rstd[n];
        const R along = dot * inverse * inverse * inverse / static_cast<R>(d);
        for (std::int64_t i = 0; i < d; ++i) {
            const R g = load(rowDy[i]) * (load(w[i]) + add);
            store(rowDx + i, load(rowDx[i]) + inverse * g - along * load(rowX[i]));
        }
    }
}

template <class T>
void rotate(T* x, std::int64_t stride, const std::int64_t* positions, const float* cosTable,
            const float* sinTable, std::int64_t begin, std::int64_t end, std::int64_t heads,
            std::int64_t half, double direction)
{
    using R = Real<T>;
    const R sign = static_cast<R>(direction);
    for (std::int64_t n = begin; n < end; ++n) {
        const float* c = cosTable + positions[n] * half;
        const float* s = sinTable + positions[n] * half;
        for (std::int64_t h = 0; h < heads; ++h) {
            T* head = x + n * stride + h * 2 * half;
            for (std::int64_t i = 0; i < half; ++i) {
                const R a = load(head[i]);
                const R b = load(head[half + i]);
                const R sine = sign * static_cast<R>(s[i]);
                store(head + i, a * static_cast<R>(c[i]) - b * sine);
                store(head + half + i, b * static_cast<R>(c[i]) + a * sine);
            }
        }
    }
}

template <Gate G, class T>
void gatedRows(const T* ab, T* out, std::int64_t begin, std::int64_t end, std::int64_t f)
{
    using R = Real<T>;
    for (std::int64_t n = begin; n < end; ++n) {
        const T* a = ab + n * 2 * f;
        const T* b = a + f;
        for (std::int64_t i = 0; i < f; ++i) {
            R value;
            R slope;
            gateOf<G>(R(load(a[i])), value, slope);
            store(out + n * f + i, value * load(b[i]));
        }
    }
}

template <Gate G, class T>
void gatedRowsBackward(const T* __restrict ab, const T* __restrict dout, T* __restrict dab,
                       T* __restrict out, std::int64_t begin, std::int64_t end, std::int64_t f)
{
    using R = Real<T>;
    for (std::int64_t n = begin; n < end; ++n) {
        // Restricted, or the loop has more pairs to check for overlap than the vectoriser takes.
        const T* __restrict a = ab + n * 2 * f;
        const T* __restrict b = a + f;
        const T* __restrict dy = dout + n * f;
        T* __restrict da = dab + n * 2 * f;
        T* __restrict db = da + f;
        T* __restrict y = out + n * f;
        for (std::int64_t i = 0; i < f; ++i) {
            R value;
            R slope;
            gateOf<G>(R(load(a[i])), value, slope);
            const R up = load(b[i]);
            const R grad = load(dy[i]);
            store(y + i, value * up);
            store(da + i, grad * up * slope);
            store(db + i, grad * value);
        }
    }
}

template <class T>
void gated(const T* ab, T* out, std::int64_t begin, std::int64_t end, std::int64_t f, Gate gate)
{
    switch (gate) {
    case Gate::Silu:
        return gatedRows<Gate::Silu>(ab, out, begin, end, f);
    case Gate::GeluTanh:
        return gatedRows<Gate::GeluTanh>(ab, out, begin, end, f);
    case Gate::GeluErf:
        return gatedRows<Gate::GeluErf>(ab, out, begin, end, f);
    }
}

template <class T>
void gatedBackward(const T* ab, const T* dout, T* dab, T* out, std::int64_t begin, std::int64_t end,
                   std::int64_t f, Gate gate)
{
    switch (gate) {
    case Gate::Silu:
        return gatedRowsBackward<Gate::Silu>(ab, dout, dab, out, begin, end, f);
    case Gate::GeluTanh:
        return gatedRowsBackward<Gate::GeluTanh>(ab, dout, dab, out, begin, end, f);
    case Gate::GeluErf:
        return gatedRowsBackward<Gate::GeluErf>(ab, dout, dab, out, begin, end, f);
    }
}

template <class T>
void crossEntropy(T* logits, const std::int64_t* labels, double* loss, std::int64_t begin,
                  std::int64_t end, std::int64_t v, double scale)
{
    using R = Real<T>;
    for (std::int64_t n = begin; n < end; ++n) {
        T* row = logits + n * v;
        // It may pass over a NaN: the sum below does not.
        R largest = -std::numeric_limits<R>::infinity();
        for (std::int64_t i = 0; i < v; ++i) {
            largest = std::max(largest, R(load(row[i])));
        }
        // Blocks keep a float sum over 100,000 words as good as a double one.
        double sum = 0.0;
        for (std::int64_t first = 0; first < v; first += 1024) {
            const std::int64_t last = std::min(v, first + 1024);
            R part = 0;
            for (std::int64_t i = first; i < last; ++i) {
                part += expOf(R(load(row[i])) - largest);
            }
            sum += static_cast<double>(part);
        }
        const std::int64_t label = labels[n];
        loss[n] =
            std::log(sum) + static_cast<double>(largest) - static_cast<double>(load(row[label]));
        if (scale == 0.0) {
            continue;
        }
        const R factor = static_cast<R>(scale / sum);
        const R atLabel = static_cast<R>(scale)
            * (expOf(R(load(row[label])) - largest) / static_cast<R>(sum) - R(1));
        for (std::int64_t i = 0; i < v; ++i) {
            store(row + i, factor * expOf(R(load(row[i])) - largest));
        }
        store(row + label, atLabel);
    }
}

} // namespace pissarro::core::kernels::PISSARRO_ISA

#include "core/kernels/kernels_decoding_impl.h"

namespace pissarro::core::kernels::PISSARRO_ISA {

template <class T>
Functions<T> table()
{
    return {rmsNorm<T>,       rmsNormBackward<T>, rotate<T>, gated<T>,
            gatedBackward<T>, crossEntropy<T>,    dots<T>,   attendKept<T>};
}

} // namespace pissarro::core::kernels::PISSARRO_ISA

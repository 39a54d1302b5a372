// SPDX-License-Identifier: GPL-3.0-or-later
// Gated activations and their gradient: part of the kernels' one source, see kernels_impl.h.
#pragma once

#include "core/kernels/kernels_arithmetic_impl.h"

namespace pissarro::core::kernels::PISSARRO_ISA {

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

// A row. GCC keeps to what __restrict says of parameters, and of those alone while the function is one of its own; without
// it the loop has more pairs to check for overlap than the vectoriser takes.
template <Gate G, class T>
[[gnu::noinline]] void gatedRowBackward(const T* __restrict ab, const T* __restrict dy,
                                        T* __restrict dab, T* __restrict y, std::int64_t f)
{
    using R = Real<T>;
    const T* __restrict a = ab;
    const T* __restrict b = a + f;
    T* __restrict da = dab;
    T* __restrict db = da + f;
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

template <Gate G, class T>
void gatedRowsBackward(const GatedGradient<T>& g, std::int64_t begin, std::int64_t end)
{
    const std::int64_t f = g.f;
    for (std::int64_t n = begin; n < end; ++n) {
        gatedRowBackward<G>(g.ab_N2F + n * 2 * f, g.dout_NF + n * f, g.dab_N2F + n * 2 * f,
                            g.out_NF + n * f, f);
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
void gatedBackward(const GatedGradient<T>& g, std::int64_t begin, std::int64_t end)
{
    switch (g.gate) {
    case Gate::Silu:
        return gatedRowsBackward<Gate::Silu>(g, begin, end);
    case Gate::GeluTanh:
        return gatedRowsBackward<Gate::GeluTanh>(g, begin, end);
    case Gate::GeluErf:
        return gatedRowsBackward<Gate::GeluErf>(g, begin, end);
    }
}

} // namespace pissarro::core::kernels::PISSARRO_ISA

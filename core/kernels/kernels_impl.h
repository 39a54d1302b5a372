// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels' one source, compiled once for each instruction set: PISSARRO_ISA names the namespace.
// Loops are written so that GCC vectorises them; there is no intrinsic here.
#pragma once

#include "core/kernels/kernels_arithmetic_impl.h"
#include "core/kernels/kernels_decoding_impl.h"
#include "core/kernels/kernels_gated_impl.h"

namespace pissarro::core::kernels::PISSARRO_ISA {

template <class T>
void rmsNorm(const Norm<T>& norm, std::int64_t begin, std::int64_t end)
{
    using R = Real<T>;
    // A copy: what is stored through y may be anything, a member of `norm` too.
    const auto [x, w, y, rstd, d, eps, offset] = norm;
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
void rmsNormBackward(const NormGradient<T>& gradient, std::int64_t begin, std::int64_t end)
{
    using R = Real<T>;
    const auto [dy, x, rstd, w, dx, d, offset] = gradient;
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
void rotate(const Rotation<T>& rotation, std::int64_t begin, std::int64_t end)
{
    using R = Real<T>;
    const auto [x, stride, positions, cosTable, sinTable, heads, half, direction] = rotation;
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

template <class T>
void crossEntropy(const CrossEntropy<T>& of, std::int64_t begin, std::int64_t end)
{
    using R = Real<T>;
    const auto [logits, labels, loss, v, scale] = of;
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

template <class T>
Functions<T> table()
{
    return {rmsNorm<T>,       rmsNormBackward<T>, rotate<T>, gated<T>,
            gatedBackward<T>, crossEntropy<T>,    dots<T>,   attendKept<T>};
}

} // namespace pissarro::core::kernels::PISSARRO_ISA

// SPDX-License-Identifier: GPL-3.0-or-later
// What decoding needs, a token of each sequence at a time: products of a few rows and attention over kept keys. Included by
// kernels_impl.h, compiled once for each instruction set.
#pragma once

#include "core/kernels/kernels_arithmetic_impl.h"

namespace pissarro::core::kernels::PISSARRO_ISA {

// sums[i][j] += x_i . w_j. Columns from `columns` on are those of the last one.
template <int MR, int NR, class T>
inline void addDots(const typename Product<T>::Pair& pair, std::int64_t row, std::int64_t column,
                    std::int64_t columns, Real<T> (&sums)[MR][NR])
{
    const T* x[MR];
    const T* w[NR];
    for (int i = 0; i < MR; ++i) {
        x[i] = pair.x + (row + i) * pair.xStride;
    }
    for (int j = 0; j < NR; ++j) {
        w[j] = pair.w + std::min(column + j, columns - 1) * pair.wStride;
    }
    Real<T> s[MR][NR] = {};
    for (std::int64_t k = 0; k < pair.depth; ++k) {
#pragma GCC unroll 8
        for (int i = 0; i < MR; ++i) {
#pragma GCC unroll 8
            for (int j = 0; j < NR; ++j) {
                s[i][j] += load(x[i][k]) * load(w[j][k]);
            }
        }
    }
    for (int i = 0; i < MR; ++i) {
        for (int j = 0; j < NR; ++j) {
            sums[i][j] += s[i][j];
        }
    }
}

template <int MR, class T>
inline void dotsOfRows(const Product<T>& d, std::int64_t row, std::int64_t begin, std::int64_t end)
{
    constexpr int NR = 4;
    for (std::int64_t column = begin; column < end; column += NR) {
        Real<T> sums[MR][NR] = {};
        addDots<MR, NR, T>(d.main, row, column, d.columns, sums);
        if (d.extra.depth > 0) {
            addDots<MR, NR, T>(d.extra, row, column, d.columns, sums);
        }
        const int count = static_cast<int>(std::min<std::int64_t>(NR, end - column));
        for (int i = 0; i < MR; ++i) {
            for (int j = 0; j < count; ++j) {
                Real<T> value = sums[i][j];
                value += d.bias_O == nullptr ? Real<T>(0) : load(d.bias_O[column + j]);
                value += d.add == nullptr ? Real<T>(0)
                                          : load(d.add[(row + i) * d.addStride + column + j]);
                store(d.y + (row + i) * d.yStride + column + j, value);
            }
        }
    }
}

template <class T>
void dots(const Product<T>& d, std::int64_t begin, std::int64_t end)
{
    std::int64_t row = 0;
    for (; row + 4 <= d.rows; row += 4) {
        dotsOfRows<4>(d, row, begin, end);
    }
    for (; row < d.rows; ++row) {
        dotsOfRows<1>(d, row, begin, end);
    }
}

constexpr int kAtOnce = 4; // keys: as many sums side by side hide the latency of an addition

// scores[j] = q . (key first + j), for `count` keys.
template <int count, class T>
inline void scoreKeys(const T* __restrict q, const T* __restrict k, std::int64_t width,
                      Real<T>* __restrict scores)
{
    Real<T> dots[count] = {};
    for (std::int64_t i = 0; i < width; ++i) {
#pragma GCC unroll 4
        for (int j = 0; j < count; ++j) {
            dots[j] += load(q[i]) * load(k[j * width + i]);
        }
    }
    for (int j = 0; j < count; ++j) {
        scores[j] = dots[j];
    }
}

// sums += the weighted values, `count` of them.
template <int count, class T>
inline void addValues(const Real<T>* __restrict weights, const T* __restrict v, std::int64_t width,
                      Real<T>* __restrict sums)
{
    for (std::int64_t i = 0; i < width; ++i) {
        Real<T> sum = sums[i];
#pragma GCC unroll 4
        for (int j = 0; j < count; ++j) {
            sum += weights[j] * load(v[j * width + i]);
        }
        sums[i] = sum;
    }
}

// One query head, and what it sees of its keys and values.
template <class T>
struct OneHead {
    const T* q = nullptr;
    const T* k = nullptr; // [keys, headDim]
    const T* v = nullptr;
    std::int64_t keys = 0;
    T* y = nullptr;
};

// y = softmax(scale q K^T) V. scratch: headDim, then as many numbers as there are keys.
template <class T>
inline void attendOne(const KeptAttention<T>& a, const OneHead<T>& head, Real<T>* scratch)
{
    using R = Real<T>;
    const auto [q, k, v, keys, y] = head;
    const std::int64_t width = a.headDim;
    R* sums = scratch;
    R* scores = scratch + width;
    const std::int64_t whole = keys / kAtOnce * kAtOnce;
    for (std::int64_t s = 0; s < whole; s += kAtOnce) {
        scoreKeys<kAtOnce>(q, k + s * width, width, scores + s);
    }
    for (std::int64_t s = whole; s < keys; ++s) {
        scoreKeys<1>(q, k + s * width, width, scores + s);
    }
    const R scale = static_cast<R>(a.scale);
    R largest = -std::numeric_limits<R>::infinity(); // it may pass over a NaN: the sum does not
    for (std::int64_t s = 0; s < keys; ++s) {
        largest = std::max(largest, scores[s]);
    }
    R total = 0;
    for (std::int64_t s = 0; s < keys; ++s) {
        scores[s] = expOf((scores[s] - largest) * scale);
        total += scores[s];
    }
    std::fill(sums, sums + width, R(0));
    for (std::int64_t s = 0; s < whole; s += kAtOnce) {
        addValues<kAtOnce>(scores + s, v + s * width, width, sums);
    }
    for (std::int64_t s = whole; s < keys; ++s) {
        addValues<1>(scores + s, v + s * width, width, sums);
    }
    for (std::int64_t i = 0; i < width; ++i) {
        store(y + i, sums[i] / total);
    }
}

template <class T>
void attendKept(const KeptAttention<T>& a, Real<T>* scratch, std::int64_t begin, std::int64_t end)
{
    const std::int64_t groups = a.heads / a.kvHeads;
    for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t row = task / a.kvHeads;
        const std::int64_t kvHead = task % a.kvHeads;
        const std::int64_t last = a.lengths[row];
        const std::int64_t first = a.window > 0 ? std::max<std::int64_t>(0, last - a.window) : 0;
        const std::int64_t at = (task * a.capacity + first) * a.headDim;
        for (std::int64_t g = 0; g < groups; ++g) {
            const std::int64_t head = kvHead * groups + g;
            attendOne<T>(a,
                         {a.q + row * a.qStride + head * a.headDim, a.keys + at, a.values + at,
                          last - first, a.y + (row * a.heads + head) * a.headDim},
                         scratch);
        }
    }
}

} // namespace pissarro::core::kernels::PISSARRO_ISA

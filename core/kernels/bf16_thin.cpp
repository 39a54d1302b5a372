// SPDX-License-Identifier: GPL-3.0-or-later
// Products of a few rows, as decoding has them: the weight is read once, from where it lies, and nothing is packed. Every
// element is a dot product of two contiguous rows, summed in the same order however many rows there are.
#include "core/kernels/bf16_products_p.h"
#include "core/kernels/bf16_tile_p.h"

namespace pissarro::core::kernels::bf16 {

namespace {

constexpr std::int64_t kTaskColumns = 32;
constexpr std::int64_t kChunk = 32; // elements of one register

using Sixteen = __m512[16];

// Lane i is the sum of the lanes of a[i].
[[gnu::always_inline]] inline __m512 sumsOf(const Sixteen& a)
{
    __m512 t[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
        t[i] = _mm512_add_ps(_mm512_unpacklo_ps(a[2 * i], a[2 * i + 1]),
                             _mm512_unpackhi_ps(a[2 * i], a[2 * i + 1]));
    }
    __m512 u[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        const __m512d even = _mm512_castps_pd(t[2 * i]);
        const __m512d odd = _mm512_castps_pd(t[2 * i + 1]);
        u[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(even, odd)),
                             _mm512_castpd_ps(_mm512_unpackhi_pd(even, odd)));
    }
    const auto join = [](const __m512& x, const __m512& y) {
        return _mm512_add_ps(_mm512_shuffle_f32x4(x, y, 0x88), _mm512_shuffle_f32x4(x, y, 0xdd));
    };
    return join(join(u[0], u[1]), join(u[2], u[3]));
}

inline __m512bh loadWords(const Bf16* p, __mmask32 mask)
{
    return reinterpret_cast<__m512bh>(_mm512_maskz_loadu_epi16(mask, p));
}

// sums[i * NR + j] += x_i . w_j, the lanes not yet added up. Columns from `columns` on are those of the last one.
template <int MR, int NR>
[[gnu::always_inline]] inline void addDots(const Product::Pair& pair, std::int64_t row,
                                           std::int64_t column, std::int64_t columns, Sixteen& sums)
{
    const Bf16* x[MR];
    const Bf16* w[NR];
#pragma GCC unroll 4
    for (int i = 0; i < MR; ++i) {
        x[i] = pair.x + (row + i) * pair.xStride;
    }
#pragma GCC unroll 16
    for (int j = 0; j < NR; ++j) {
        w[j] = pair.w + smaller(column + j, columns - 1) * pair.wStride;
    }
    for (std::int64_t k = 0; k < pair.depth; k += kChunk) {
        const std::int64_t left = pair.depth - k;
        const auto mask = left >= kChunk ? static_cast<__mmask32>(0xffffffffU)
                                         : static_cast<__mmask32>((1U << left) - 1U);
        __m512bh a[MR];
#pragma GCC unroll 4
        for (int i = 0; i < MR; ++i) {
            a[i] = loadWords(x[i] + k, mask);
        }
#pragma GCC unroll 16
        for (int j = 0; j < NR; ++j) {
            const __m512bh b = loadWords(w[j] + k, mask);
#pragma GCC unroll 4
            for (int i = 0; i < MR; ++i) {
                sums[i * NR + j] = _mm512_dpbf16_ps(sums[i * NR + j], a[i], b);
            }
        }
    }
}

// MR rows by NR columns, 16 elements.
template <int MR, int NR>
void dots(const Product& p, std::int64_t row, std::int64_t column)
{
    static_assert(MR * NR == 16);
    Sixteen sums;
#pragma GCC unroll 16
    for (__m512& sum : sums) {
        sum = _mm512_setzero_ps();
    }
    addDots<MR, NR>(p.main, row, column, p.columns, sums);
    if (p.extra.depth > 0) {
        addDots<MR, NR>(p.extra, row, column, p.columns, sums);
    }
    alignas(64) float found[16];
    _mm512_store_ps(found, sumsOf(sums));
    const __mmask16 mask = firstLanes(smaller(NR, p.columns - column));
    for (int i = 0; i < MR; ++i) {
        __m512 value = _mm512_maskz_loadu_ps(mask, found + i * NR);
        if (p.bias_O != nullptr) {
            value = _mm512_add_ps(value, widen(loadColumns(p.bias_O + column, mask)));
        }
        if (p.add != nullptr) {
            value = _mm512_add_ps(
                value, widen(loadColumns(p.add + (row + i) * p.addStride + column, mask)));
        }
        _mm256_mask_storeu_epi16(p.y + (row + i) * p.yStride + column, mask, narrow(value));
    }
}

// Four columns by all rows but the last ones. Meanwhile the next four rows of the weight are fetched, a share with each
// tile: they are farther apart than the processor looks ahead by itself.
void dotsOfFours(const Product& p, std::int64_t rows, std::int64_t column)
{
    constexpr std::int64_t kLine = 32; // elements
    constexpr std::int64_t kColumns = 4;
    const std::int64_t tiles = rows / 4;
    const std::int64_t share = ceilDiv(ceilDiv(p.main.depth, kLine), tiles) * kLine;
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
        const std::int64_t end = smaller((tile + 1) * share, p.main.depth);
        for (std::int64_t j = 0; j < kColumns && column + kColumns + j < p.columns; ++j) {
            const Bf16* row = p.main.w + (column + kColumns + j) * p.main.wStride;
            for (std::int64_t k = tile * share; k < end; k += kLine) {
                _mm_prefetch(row + k, _MM_HINT_T0);
            }
        }
        dots<4, 4>(p, 4 * tile, column);
    }
}

} // namespace

std::int64_t thinTasks(const Product& product)
{
    return ceilDiv(product.columns, kTaskColumns);
}

void thin(const Product& p, std::int64_t begin, std::int64_t end)
{
    const std::int64_t first = begin * kTaskColumns;
    const std::int64_t last = smaller(end * kTaskColumns, p.columns);
    std::int64_t row = p.rows / 4 * 4;
    for (std::int64_t column = first; row > 0 && column < last; column += 4) {
        dotsOfFours(p, row, column);
    }
    if (row + 2 <= p.rows) {
        for (std::int64_t column = first; column < last; column += 8) {
            dots<2, 8>(p, row, column);
        }
        row += 2;
    }
    for (std::int64_t column = first; row < p.rows && column < last; column += 16) {
        dots<1, 16>(p, row, column);
    }
}

} // namespace pissarro::core::kernels::bf16

// SPDX-License-Identifier: GPL-3.0-or-later
// The second operand of a bfloat16 product, packed for tiles (bf16_tile_p.h). AVX512-BF16 only.
//
// Pairs (k, k + 1) lie interleaved, as the instruction takes them: packed[k / 2][16 NB] of two bfloat16 each.
#pragma once

#include "core/kernels/bf16_kernels.h"

#include <cstdlib>
#include <immintrin.h>
#include <new>

namespace pissarro::core::kernels::bf16 {

using Word = std::uint32_t; // a pair of bfloat16
constexpr std::int64_t kLanes = 16;
constexpr int kRows = 8; // of a full tile
constexpr int kVectors = 3; // of a full tile

// Memory that grows and is never shrunk; one per thread and use.
class Scratch {
public:
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { std::free(m_data); }

    template <class T>
    T* get(std::int64_t count)
    {
        const auto bytes = (static_cast<std::size_t>(count) * sizeof(T) + 63) / 64 * 64;
        if (bytes > m_bytes) {
            std::free(m_data);
            m_data = std::aligned_alloc(64, bytes);
            m_bytes = m_data == nullptr ? 0 : bytes;
            if (m_data == nullptr) {
                throw std::bad_alloc();
            }
        }
        return static_cast<T*>(m_data);
    }

private:
    void* m_data = nullptr;
    std::size_t m_bytes = 0;
};

inline std::int64_t ceilDiv(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}
inline std::int64_t smaller(std::int64_t a, std::int64_t b)
{
    return a < b ? a : b;
}
inline std::int64_t larger(std::int64_t a, std::int64_t b)
{
    return a > b ? a : b;
}

// Columns cut into panels of one to three vectors, as evenly as can be.
struct Panels {
    explicit Panels(std::int64_t columns)
        : vectors(ceilDiv(columns, kLanes))
        , count(ceilDiv(vectors, kVectors))
    {
    }
    int width(std::int64_t panel) const // in vectors
    {
        return static_cast<int>(vectors / count + (panel < vectors % count ? 1 : 0));
    }
    std::int64_t first(std::int64_t panel) const // column
    {
        return kLanes * (panel * (vectors / count) + smaller(panel, vectors % count));
    }

    std::int64_t vectors;
    std::int64_t count;
};

inline __mmask16 firstLanes(std::int64_t count)
{
    return count >= kLanes ? static_cast<__mmask16>(0xffff)
        : count <= 0       ? static_cast<__mmask16>(0)
                           : static_cast<__mmask16>((1U << count) - 1U);
}

// out[i * stride] holds word i of each of 16 rows.
inline void transposeWords(__m512i (&r)[16], Word* out, std::int64_t stride, std::int64_t words)
{
    __m512i t[16];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    }
    for (std::int64_t i = 0; i < words; ++i) {
        _mm512_store_si512(out + i * stride, r[i]);
    }
}

// Packs 16 * vectors rows of w (those past `rows` as zeros), depth elements each: the product with w^T.
inline void packRows(const Bf16* w, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                     int vectors, Word* packed)
{
    const std::int64_t words = depth / 2;
    const std::int64_t width = kLanes * vectors;
    for (int v = 0; v < vectors; ++v) {
        for (std::int64_t first = 0; first < words; first += kLanes) {
            const std::int64_t count = smaller(kLanes, words - first);
            const __mmask16 mask = firstLanes(count);
            __m512i r[16];
#pragma GCC unroll 16
            for (int i = 0; i < 16; ++i) {
                const std::int64_t row = v * kLanes + i;
                r[i] = row < rows ? _mm512_maskz_loadu_epi32(mask, w + row * stride + 2 * first)
                                  : _mm512_setzero_si512();
            }
            transposeWords(r, packed + first * width + v * kLanes, width, count);
        }
    }
}

inline __m256i loadColumns(const Bf16* p, __mmask16 mask)
{
    return _mm256_maskz_loadu_epi16(mask, p);
}

// Packs 16 * vectors columns of w [depth, ≥ columns] (those past `columns`, and an odd last row's partner, as zeros): the
// product with w.
inline void packColumns(const Bf16* w, std::int64_t stride, std::int64_t columns,
                        std::int64_t depth, int vectors, Word* packed)
{
    const __m512i pairs =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                         21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    // The columns of a weight lie a row apart, farther than the processor looks ahead by itself.
    constexpr std::int64_t kAhead = 24;
    const std::int64_t width = kLanes * vectors;
    for (std::int64_t k = 0; k < depth; k += 2) {
        const Bf16* row = w + k * stride;
        if (k + kAhead + 1 < depth) {
            const Bf16* ahead = row + kAhead * stride;
            for (std::int64_t column = 0; column < width; column += 2 * kLanes) {
                _mm_prefetch(ahead + column, _MM_HINT_T0);
                _mm_prefetch(ahead + stride + column, _MM_HINT_T0);
            }
        }
        for (int v = 0; v < vectors; ++v) {
            const __mmask16 mask = firstLanes(columns - v * kLanes);
            const __m256i upper = loadColumns(row + v * kLanes, mask);
            const __m256i lower = k + 1 < depth ? loadColumns(row + stride + v * kLanes, mask)
                                                : _mm256_setzero_si256();
            const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(upper), lower, 1);
            _mm512_store_si512(packed + (k / 2) * width + v * kLanes,
                               _mm512_permutexvar_epi16(pairs, both));
        }
    }
}

} // namespace pissarro::core::kernels::bf16

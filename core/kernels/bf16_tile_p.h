// SPDX-License-Identifier: GPL-3.0-or-later
// The tile that every bfloat16 product is made of, and the packing of its second operand. AVX512-BF16 only: included by
// the files that are compiled for it.
//
// A tile is MR rows by NB vectors of 16 columns, held in registers as float32. Pairs (k, k + 1) of the second operand lie
// interleaved, as the instruction takes them: packed[k / 2][16 NB] of two bfloat16 each. A pair of the first operand is
// one 32-bit word, spread over a register as it is loaded.
#pragma once

#include "core/kernels/bf16_kernels.h"

#include <cstdlib>
#include <cstring>
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

// The first operand of a tile: word (row, pair) lies at data + row * rowStep + pair * pairStep, in bytes.
struct Left {
    const char* data = nullptr;
    std::int64_t rowStep = 0;
    std::int64_t pairStep = 0;

    Left from(std::int64_t row) const { return {data + row * rowStep, rowStep, pairStep}; }
};

inline Left rowsOf(const Bf16* x, std::int64_t stride)
{
    return {reinterpret_cast<const char*>(x), stride * 2, 4};
}
// A matrix packed by packColumns, read by its columns: the transposed operand.
inline Left columnsOf(const Word* packed, int vectors)
{
    return {reinterpret_cast<const char*>(packed), 4, 4 * kLanes * vectors};
}

template <int MR, int NB>
using Sums = __m512[MR][NB];

template <int MR, int NB>
[[gnu::always_inline]] inline void clear(Sums<MR, NB>& sums)
{
#pragma GCC unroll 16
    for (int i = 0; i < MR; ++i) {
#pragma GCC unroll 3
        for (int j = 0; j < NB; ++j) {
            sums[i][j] = _mm512_setzero_ps();
        }
    }
}

// sums += left packed, over `words` pairs.
template <int MR, int NB>
[[gnu::always_inline]] inline void multiply(Sums<MR, NB>& sums, const Left& left,
                                            std::int64_t words, const Word* packed)
{
    const char* x = left.data;
    const std::int64_t step = left.rowStep;
    for (std::int64_t k = 0; k < words; ++k) {
        __m512bh b[NB];
#pragma GCC unroll 3
        for (int j = 0; j < NB; ++j) {
            b[j] = reinterpret_cast<__m512bh>(_mm512_load_si512(packed + j * kLanes));
        }
#pragma GCC unroll 16
        for (int i = 0; i < MR; ++i) {
            int pair;
            std::memcpy(&pair, x + i * step, sizeof pair);
            const auto a = reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
#pragma GCC unroll 3
            for (int j = 0; j < NB; ++j) {
                sums[i][j] = _mm512_dpbf16_ps(sums[i][j], a, b[j]);
            }
        }
        packed += NB * kLanes;
        x += left.pairStep;
    }
}

inline __m512 widen(__m256i x)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}
// roundToBf16() of each (bf16_round.h). The instruction makes zeros of denormals; the few registers that hold one go
// another way.
inline __m256i narrow(__m512 x)
{
    constexpr int kDenormal = 0x20;
    const __mmask16 denormal = _mm512_fpclass_ps_mask(x, kDenormal);
    const auto rounded = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x));
    if (denormal == 0) [[likely]] {
        return rounded;
    }
    const __m512i bits = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i kept = _mm512_srli_epi32(
        _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd), 16);
    return _mm256_mask_mov_epi16(rounded, denormal, _mm512_cvtepi32_epi16(kept));
}

// Calls body.operator()<MR, NB>(row) over `rows` rows, in tiles of 8 (16 where a tile is one vector wide, so that there
// are sums enough to hide the instruction's latency), then 8, 4, 2, 1.
template <int NB, class Body>
[[gnu::always_inline]] inline void eachTile(std::int64_t rows, const Body& body)
{
    std::int64_t row = 0;
    if constexpr (NB == 1) {
        for (; row + 16 <= rows; row += 16) {
            body.template operator()<16, NB>(row);
        }
    }
    for (; row + 8 <= rows; row += 8) {
        body.template operator()<8, NB>(row);
    }
    if (row + 4 <= rows) {
        body.template operator()<4, NB>(row);
        row += 4;
    }
    if (row + 2 <= rows) {
        body.template operator()<2, NB>(row);
        row += 2;
    }
    if (row < rows) {
        body.template operator()<1, NB>(row);
    }
}

template <class Body>
inline void eachTile(int vectors, std::int64_t rows, const Body& body)
{
    switch (vectors) {
    case 1:
        return eachTile<1>(rows, body);
    case 2:
        return eachTile<2>(rows, body);
    default:
        return eachTile<3>(rows, body);
    }
}

} // namespace pissarro::core::kernels::bf16

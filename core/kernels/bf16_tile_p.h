// SPDX-License-Identifier: GPL-3.0-or-later
// The tile that every bfloat16 product is made of. AVX512-BF16 only: included by the files that are compiled for it.
//
// A tile is MR rows by NB vectors of 16 columns, held in registers as float32. The second operand is packed
// (bf16_packing_p.h). A pair of the first operand is one 32-bit word, spread over a register as it is loaded.
#pragma once

#include "core/kernels/bf16_packing_p.h"

#include <cstring>

namespace pissarro::core::kernels::bf16 {

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

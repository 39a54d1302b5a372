// SPDX-License-Identifier: GPL-3.0-or-later
// Four-bit codes: part of the kernels' one source, see kernels_impl.h. Quantizing is a loop that GCC
// vectorises; a table of sixteen values is read by shuffles, which it does not find by itself.
#pragma once

#include "core/kernels/bf16_round.h"
#include "core/kernels/kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>

#if defined(__AVX512BW__) || defined(__AVX2__)
#include <immintrin.h>
#endif

namespace pissarro::core::kernels::PISSARRO_ISA {

inline void quantizeChunks(const FourBit& q, const float* x, std::uint8_t* codes, float* absmax,
                           std::int64_t begin, std::int64_t end)
{
    constexpr int kSize = FourBit::kChunk;
    const std::int64_t perBlock = q.blockSize / kSize;
    for (std::int64_t block = begin; block < end; ++block) {
        const float* in = x + block * q.blockSize;
        // Of magnitudes as whole numbers, which order as the floats do, and NaN above all: a block that holds one has
        // it as its absmax and dequantizes to nothing else.
        std::int32_t most = 0;
        for (std::int64_t i = 0; i < q.blockSize; ++i) {
            most = std::max(most, std::bit_cast<std::int32_t>(in[i]) & 0x7fffffff);
        }
        const float largest = std::bit_cast<float>(most);
        absmax[block] = largest;
        const float scale = 1.0F / std::max(largest, FourBit::kSmallest);
        for (std::int64_t chunk = 0; chunk < perBlock; ++chunk, in += kSize) {
            std::uint8_t nibbles[kSize];
            for (int i = 0; i < kSize; ++i) {
                const float scaled = std::min(std::max(in[i] * scale, -1.0F), 1.0F);
                int code = 0;
                for (int bound = 0; bound < 15; ++bound) {
                    code += scaled > q.bounds[bound] ? 1 : 0;
                }
                nibbles[i] = static_cast<std::uint8_t>(code);
            }
            std::uint8_t* out = codes + (block * q.blockSize + chunk * kSize) / 2;
            for (int i = 0; i < kSize / 2; ++i) {
                out[i] = static_cast<std::uint8_t>((nibbles[2 * i] << 4) | nibbles[2 * i + 1]);
            }
        }
    }
}

#if defined(__AVX512BW__)

// Sixteen values of a block as bfloat16, twice, for a shuffle of words: roundToBf16() of each.
inline __m512i bf16Table(__m512 values)
{
    const __m512i bits = _mm512_castps_si512(values);
    const __m512i upper = _mm512_srli_epi32(bits, 16);
    const __m512i odd = _mm512_and_si512(upper, _mm512_set1_epi32(1));
    const __m512i finite = _mm512_srli_epi32(
        _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd), 16);
    const __m512i rounded = _mm512_mask_or_epi32(
        finite, _mm512_cmp_ps_mask(values, values, _CMP_UNORD_Q), upper, _mm512_set1_epi32(0x40));
    const __m256i words = _mm512_cvtepi32_epi16(rounded);
    return _mm512_broadcast_i64x4(words);
}

inline void dequantizeChunk(const std::uint8_t* codes, const float* code, float absmax, Bf16* out)
{
    const __m512i table = bf16Table(_mm512_mul_ps(_mm512_loadu_ps(code), _mm512_set1_ps(absmax)));
    const __m512i bytes =
        _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes)));
    const __m512i high = _mm512_permutexvar_epi16(_mm512_srli_epi16(bytes, 4), table);
    const __m512i low =
        _mm512_permutexvar_epi16(_mm512_and_si512(bytes, _mm512_set1_epi16(15)), table);
    // Word i of high and of low lie beside each other: 32-bit lanes hold a pair, the first in front.
    const __m512i even = _mm512_mask_blend_epi16(0xaaaaaaaaU, high, _mm512_slli_epi32(low, 16));
    const __m512i odd = _mm512_mask_blend_epi16(0xaaaaaaaaU, _mm512_srli_epi32(high, 16), low);
    const __m512i first = _mm512_permutex2var_epi32(
        even, _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0), odd);
    const __m512i second = _mm512_permutex2var_epi32(
        even, _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8), odd);
    _mm512_storeu_si512(out, first);
    _mm512_storeu_si512(out + 32, second);
}

inline void dequantizeChunk(const std::uint8_t* codes, const float* code, float absmax, float* out)
{
    const __m512 table = _mm512_mul_ps(_mm512_loadu_ps(code), _mm512_set1_ps(absmax));
    for (int part = 0; part < FourBit::kChunk; part += 16) {
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes + part / 2));
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
        const __m128i low = _mm_and_si128(bytes, _mm_set1_epi8(15));
        const __m512i index = _mm512_cvtepu8_epi32(_mm_unpacklo_epi8(high, low));
        _mm512_storeu_ps(out + part, _mm512_permutexvar_ps(index, table));
    }
}

#elif defined(__AVX2__)

inline void dequantizeChunk(const std::uint8_t* codes, const float* code, float absmax, float* out)
{
    const __m256 scale = _mm256_set1_ps(absmax);
    const __m256 below = _mm256_mul_ps(_mm256_loadu_ps(code), scale);
    const __m256 above = _mm256_mul_ps(_mm256_loadu_ps(code + 8), scale);
    for (int part = 0; part < FourBit::kChunk; part += 16) {
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes + part / 2));
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
        const __m128i low = _mm_and_si128(bytes, _mm_set1_epi8(15));
        __m128i index = _mm_unpacklo_epi8(high, low);
        for (int half = 0; half < 16; half += 8, index = _mm_srli_si128(index, 8)) {
            const __m256i wide = _mm256_cvtepu8_epi32(index); // the shuffle reads three bits of it
            const __m256 picked = _mm256_blendv_ps(
                _mm256_permutevar8x32_ps(below, wide), _mm256_permutevar8x32_ps(above, wide),
                _mm256_castsi256_ps(_mm256_slli_epi32(wide, 28)));
            _mm256_storeu_ps(out + part + half, picked);
        }
    }
}

inline void dequantizeChunk(const std::uint8_t* codes, const float* code, float absmax, Bf16* out)
{
    alignas(16) std::uint8_t lower[16];
    alignas(16) std::uint8_t upper[16];
    for (int i = 0; i < 16; ++i) {
        Bf16 value;
        store(&value, code[i] * absmax);
        lower[i] = static_cast<std::uint8_t>(value.bits & 0xffU);
        upper[i] = static_cast<std::uint8_t>(value.bits >> 8);
    }
    const __m128i lowerBytes = _mm_load_si128(reinterpret_cast<const __m128i*>(lower));
    const __m128i upperBytes = _mm_load_si128(reinterpret_cast<const __m128i*>(upper));
    for (int part = 0; part < FourBit::kChunk; part += 16) {
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes + part / 2));
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
        const __m128i index = _mm_unpacklo_epi8(high, _mm_and_si128(bytes, _mm_set1_epi8(15)));
        const __m128i a = _mm_shuffle_epi8(lowerBytes, index);
        const __m128i b = _mm_shuffle_epi8(upperBytes, index);
        auto* to = reinterpret_cast<__m128i*>(out + part);
        _mm_storeu_si128(to, _mm_unpacklo_epi8(a, b));
        _mm_storeu_si128(to + 1, _mm_unpackhi_epi8(a, b));
    }
}

#else

template <class T>
inline void dequantizeChunk(const std::uint8_t* codes, const float* code, float absmax, T* out)
{
    T table[16];
    for (int i = 0; i < 16; ++i) {
        store(table + i, code[i] * absmax);
    }
    for (int i = 0; i < FourBit::kChunk / 2; ++i) {
        out[2 * i] = table[codes[i] >> 4];
        out[2 * i + 1] = table[codes[i] & 15U];
    }
}

#endif

template <class T>
void dequantizeChunks(const FourBit& q, const std::uint8_t* codes, const float* absmax, T* out,
                      std::int64_t begin, std::int64_t end)
{
    constexpr int kSize = FourBit::kChunk;
    const std::int64_t perBlock = q.blockSize / kSize;
    for (std::int64_t chunk = begin * perBlock; chunk < end * perBlock; ++chunk) {
        dequantizeChunk(codes + chunk * kSize / 2, q.code, absmax[chunk / perBlock],
                        out + chunk * kSize);
    }
}

inline FourBitFunctions fourBitFunctions()
{
    return {quantizeChunks, dequantizeChunks<float>, dequantizeChunks<Bf16>};
}

} // namespace pissarro::core::kernels::PISSARRO_ISA

// SPDX-License-Identifier: GPL-3.0-or-later
// The kernel itself, for nvcc, and for tests/core/kernels/cuda/cuda_on_cpu.h, which stands in for CUDA's names and runs a
// block's threads as threads of the CPU: machines without a card check the same source.
//
// A thread makes eight values of one four-byte read; a warp reads 128 bytes in a row and writes 512 (bfloat16) or 1,024.
// The table of sixteen values lies in shared memory, each in a bank of its own: no two lanes wait for each other. The
// bound is memory: 2.5 bytes a value in bfloat16, of which 2 are written.
#pragma once

#include "core/kernels/cuda/four_bit_cuda.h"

#ifdef __CUDACC__
#include <cuda_bf16.h>
#endif

namespace pissarro::core::kernels::inline cuda {

constexpr int kPerThread = 8; // values; every block size is a multiple
constexpr int kThreads = 256; // a block

__device__ inline float absmaxOf(const FourBitOnCard& q, std::uint32_t block)
{
    if (q.absmax != nullptr) {
        return q.absmax[block];
    }
    // Two roundings, as on the CPU: the compiler must not fuse them.
    const float product =
        __fmul_rn(q.map[q.nestedCodes[block]], q.nestedAbsmax[block / FourBitOnCard::kNested]);
    return __fadd_rn(product, q.offset);
}

__device__ inline void storeEight(const float (&values)[kPerThread], float* out)
{
    auto* to = reinterpret_cast<float4*>(out);
    to[0] = make_float4(values[0], values[1], values[2], values[3]);
    to[1] = make_float4(values[4], values[5], values[6], values[7]);
}

__device__ inline void storeEight(const float (&values)[kPerThread], __nv_bfloat16* out)
{
    alignas(16) __nv_bfloat162 pairs[kPerThread / 2];
    for (int i = 0; i < kPerThread / 2; ++i) {
        pairs[i] = __floats2bfloat162_rn(values[2 * i], values[2 * i + 1]);
    }
    uint4 bits;
    memcpy(&bits, pairs, sizeof bits);
    *reinterpret_cast<uint4*>(out) = bits; // sixteen bytes at once
}

__device__ inline void storeOne(float value, float* out)
{
    *out = value;
}

__device__ inline void storeOne(float value, __nv_bfloat16* out)
{
    *out = __float2bfloat16_rn(value);
}

// `aligned`: codes at a multiple of four bytes, out at one of sixteen.
template <class T>
__global__ void dequantize(const __grid_constant__ FourBitOnCard q, T* out, bool aligned)
{
    __shared__ float code[16];
    if (threadIdx.x < 16) {
        code[threadIdx.x] = q.code[threadIdx.x];
    }
    __syncthreads();
    const std::uint32_t group = blockIdx.x * blockDim.x + threadIdx.x;
    const std::int64_t first = static_cast<std::int64_t>(group) * kPerThread;
    if (first >= q.size) {
        return;
    }
    const float absmax = absmaxOf(q, group / (q.blockSize / kPerThread));
    const std::uint8_t* codes = q.codes + first / 2;
    if (aligned && first + kPerThread <= q.size) {
        const std::uint32_t bytes = *reinterpret_cast<const std::uint32_t*>(codes);
        float values[kPerThread];
        for (int i = 0; i < kPerThread; ++i) { // the lowest byte is the first
            const std::uint32_t nibble = bytes >> (8 * (i / 2) + (i % 2 == 0 ? 4 : 0)) & 15U;
            values[i] = __fmul_rn(code[nibble], absmax);
        }
        storeEight(values, out + first);
        return;
    }
    for (int i = 0; i < kPerThread && first + i < q.size; ++i) {
        const std::uint32_t byte = codes[i / 2];
        storeOne(__fmul_rn(code[i % 2 == 0 ? byte >> 4 : byte & 15U], absmax), out + first + i);
    }
}

} // namespace pissarro::core::kernels::inline cuda

// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for CUDA's names, so that a kernel's source is compiled by g++ and run here, where there is no card: the
// threads of a block are threads, __syncthreads is their barrier, blocks follow one another. Values, indices, bounds and
// tails are thereby the kernel's own; speed and what only a card does (caches, warps) are not.
#pragma once

#include <c10/util/BFloat16.h>

#include <barrier>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#define __device__
#define __global__
#define __grid_constant__
#define __shared__ static // of one block at a time

struct Index3 {
    unsigned x = 0;
};
inline thread_local Index3 threadIdx;
inline Index3 blockIdx;
inline Index3 blockDim;

inline std::barrier<>* theBarrier = nullptr;
inline void __syncthreads()
{
    theBarrier->arrive_and_wait();
}

using __nv_bfloat16 = c10::BFloat16;
struct __nv_bfloat162 {
    __nv_bfloat16 x;
    __nv_bfloat16 y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(16) uint4 {
    std::uint32_t x, y, z, w;
};
inline float4 make_float4(float x, float y, float z, float w)
{
    return {x, y, z, w};
}
inline float __fmul_rn(float a, float b)
{
    return a * b;
}
inline float __fadd_rn(float a, float b)
{
    return a + b;
}
inline __nv_bfloat16 __float2bfloat16_rn(float value)
{
    return {value};
}
inline __nv_bfloat162 __floats2bfloat162_rn(float a, float b)
{
    return {a, b};
}

// kernel<<<blocks, threads>>>(). A thread that returns leaves the barrier to the others.
inline void launchOnCpu(unsigned blocks, unsigned threads, const std::function<void()>& kernel)
{
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x) {
        std::barrier<> barrier(static_cast<std::ptrdiff_t>(threads));
        theBarrier = &barrier;
        std::vector<std::jthread> team;
        for (unsigned i = 0; i < threads; ++i) {
            team.emplace_back([&, i] {
                threadIdx.x = i;
                kernel();
                barrier.arrive_and_drop();
            });
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/kernels/cuda/four_bit_cuda_impl.h"

#include <cuda_runtime.h>

namespace pissarro::core::kernels::inline cuda {

namespace {

void require(cudaError_t status)
{
    if (status != cudaSuccess) {
        throw Error(ErrorKind::Internal,
                    std::string("CUDA could not dequantize a matrix: ")
                        + cudaGetErrorString(status));
    }
}

template <class T>
void launch(const FourBitOnCard& q, T* out, int card, void* stream)
{
    if (q.size == 0) {
        return;
    }
    require(cudaSetDevice(card));
    const bool aligned = reinterpret_cast<std::uintptr_t>(q.codes) % 4 == 0
        && reinterpret_cast<std::uintptr_t>(out) % 16 == 0;
    constexpr std::int64_t kPerBlock = kPerThread * kThreads;
    const auto blocks = static_cast<unsigned>((q.size + kPerBlock - 1) / kPerBlock);
    dequantize<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(q, out, aligned);
    require(cudaGetLastError());
}

} // namespace

void dequantizeOnCard(const FourBitOnCard& q, float* out, int card, void* stream)
{
    launch(q, out, card, stream);
}

void dequantizeOnCard(const FourBitOnCard& q, Bf16* out, int card, void* stream)
{
    launch(q, reinterpret_cast<__nv_bfloat16*>(out), card, stream);
}

} // namespace pissarro::core::kernels::inline cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/quantized_gpu_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>

namespace pissarro::core::inline quant {

kernels::FourBitOnCard onCard(const QuantizedMatrix& q)
{
    static_assert(kernels::FourBitOnCard::kNested == kNestedBlock);
    kernels::FourBitOnCard card;
    card.codes = deviceAddress<const std::uint8_t>(q.codes_H);
    if (q.isDouble()) {
        card.nestedCodes = deviceAddress<const std::uint8_t>(q.absmax_K);
        card.nestedAbsmax = deviceAddress<const float>(q.nestedAbsmax_G);
        card.offset = q.offset;
        std::copy(dynamicMap().begin(), dynamicMap().end(), card.map);
    } else {
        card.absmax = deviceAddress<const float>(q.absmax_K);
    }
    card.blockSize = static_cast<std::uint32_t>(q.blockSize);
    card.size = q.rows * q.cols;
    std::copy(quantCode(q.type).begin(), quantCode(q.type).end(), card.code);
    return card;
}

#ifdef PISSARRO_CUDA_KERNELS
namespace {

// On the stream that LibTorch uses for the tensor's device, so that what follows waits for it.
void dequantizeByKernel(const QuantizedMatrix& q, at::Tensor& out_OI)
{
    const c10::Device device = out_OI.device();
    const c10::DeviceGuard guard(device);
    const c10::impl::VirtualGuardImpl cards(device.type());
    void* const stream = cards.getStream(device).native_handle();
    const kernels::FourBitOnCard card = onCard(q);
    if (out_OI.scalar_type() == at::kFloat) {
        kernels::dequantizeOnCard(card, deviceAddress<float>(out_OI), device.index(), stream);
    } else {
        kernels::dequantizeOnCard(card, deviceAddress<kernels::Bf16>(out_OI), device.index(),
                                  stream);
    }
}

} // namespace
#endif

void dequantizeByLibTorch(const QuantizedMatrix& q, at::Tensor& out_OI)
{
    const auto floats = at::TensorOptions().dtype(at::kFloat).device(q.codes_H.device());
    const auto table = [&](const auto& values) {
        return at::tensor(at::ArrayRef<float>(values), at::kFloat).to(floats.device());
    };
    const std::int64_t size = q.rows * q.cols;
    at::Tensor absmax_K = q.absmax_K;
    if (q.isDouble()) {
        const at::Tensor groups_K =
            at::repeat_interleave(q.nestedAbsmax_G, kNestedBlock).narrow(0, 0, q.absmax_K.numel());
        absmax_K = table(dynamicMap())
                       .index_select(0, q.absmax_K.to(at::kInt))
                       .mul_(groups_K)
                       .add_(q.offset);
    }
    const at::Tensor pairs_H2 =
        at::stack({at::bitwise_right_shift(q.codes_H, 4), at::bitwise_and(q.codes_H, 15)}, 1);
    const at::Tensor codes = pairs_H2.flatten().narrow(0, 0, size).to(at::kInt);
    const at::Tensor scales = at::repeat_interleave(absmax_K, q.blockSize).narrow(0, 0, size);
    out_OI.copy_(
        table(quantCode(q.type)).index_select(0, codes).mul_(scales).view({q.rows, q.cols}));
}

void dequantizeOnGpu(const QuantizedMatrix& q, at::Tensor& out_OI)
{
#ifdef PISSARRO_CUDA_KERNELS
    if (out_OI.is_cuda() && out_OI.is_contiguous()) {
        return dequantizeByKernel(q, out_OI);
    }
#endif
    dequantizeByLibTorch(q, out_OI);
}

} // namespace pissarro::core::inline quant

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/ops/kernel_ops_p.h"

namespace pissarro::core::inline decoder::inline ops {

// KernelOps, and in bfloat16 the products and attention by the processor's own instruction (AVX512-BF16), where they are
// large enough to repay the packing. What is not in bfloat16, or strided otherwise than the kernels read, is KernelOps'.
// Requires: a table with these kernels.
class Bf16Ops : public KernelOps {
public:
    using KernelOps::KernelOps;

    at::Tensor product(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                       const ExtraTerm& extra, const at::Tensor& bias_O,
                       const at::Tensor& add_NO) const override;
    std::int64_t productRows(std::int64_t rows, at::ScalarType type) const override;
    void addOuterProduct(at::Tensor& g_MO, const at::Tensor& a_NM, const at::Tensor& b_NO,
                         double scale) const override;
    AttentionSaved attention(const at::Tensor& qkv_NC, const std::vector<Segment>& segments,
                             const AttentionShape& shape,
                             const at::Tensor& keyMask_T) const override;
    at::Tensor attentionBackward(const at::Tensor& dy_NC, const at::Tensor& qkv_NC,
                                 const AttentionSaved& saved, const std::vector<Segment>& segments,
                                 const AttentionShape& shape) const override;
};

} // namespace pissarro::core::inline decoder::inline ops

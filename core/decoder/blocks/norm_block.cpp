// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/norm_block_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline decoder::inline blocks {

NormBlock::NormBlock(const NormPlan& plan, const WeightLoader& loader)
    : m_ops(&loader.ops())
    , m_weight(loader.own(plan.name))
    , m_epsilon(plan.epsilon)
    , m_offset(plan.offset)
{
}

Normed NormBlock::forward(const at::Tensor& x_ND) const
{
    return m_ops->rmsNorm(x_ND, m_weight.value, m_epsilon, m_offset);
}

void NormBlock::backward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const at::Tensor& rstd_N,
                         at::Tensor& dx_ND)
{
    if (trains()) {
        m_weight.trained.sum().add_(m_ops->rmsNormWeightGradient(dy_ND, x_ND, rstd_N));
    }
    m_ops->rmsNormBackward(dy_ND, x_ND, rstd_N, m_weight.value, m_offset, dx_ND);
}

} // namespace pissarro::core::inline decoder::inline blocks

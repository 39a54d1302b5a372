// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/norm_block_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline decoder::inline blocks {

NormBlock::NormBlock(const NormPlan& plan, const WeightLoader& loader)
    : m_ops(&loader.ops())
    , m_plan(plan)
{
    for (const std::string& module : plan.modules()) {
        if (plan.weight) {
            m_weights.push_back(loader.own(module));
        }
        if (plan.bias) {
            m_weights.push_back(loader.own(module, "bias"));
        }
    }
}

bool NormBlock::trains() const
{
    return std::any_of(m_weights.begin(), m_weights.end(),
                       [](const WholeWeight& weight) { return weight.trains(); });
}

at::Tensor NormBlock::weight() const
{
    return m_plan.weight && m_plan.groups == 0 ? m_weights.front().value : at::Tensor();
}

at::Tensor NormBlock::bias() const
{
    return m_plan.bias ? m_weights.back().value : at::Tensor();
}

at::Tensor NormBlock::groupWeight() const
{
    if (!m_plan.apart) {
        return m_weights.front().value;
    }
    std::vector<at::Tensor> each;
    for (const WholeWeight& weight : m_weights) {
        each.push_back(weight.value);
    }
    return at::stack(each);
}

Normed NormBlock::forward(const at::Tensor& x_ND) const
{
    const at::Tensor w_D = weight();
    if (m_plan.kind == NormKind::RootMeanSquare) { // these have a weight of one group
        return m_ops->rmsNorm(x_ND, w_D, m_plan.epsilon, m_plan.offset);
    }
    Normed normed = m_ops->layerNorm(x_ND, w_D, bias(), m_plan.epsilon);
    if (m_plan.groups > 0) {
        normed.y_ND = (normed.y_ND.view({-1, m_plan.groups, m_plan.width}) * groupWeight())
                          .view(x_ND.sizes());
    }
    return normed;
}

void NormBlock::addWeightGradients(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                   const Normed& normed)
{
    const auto real = normed.rstd_N.scalar_type();
    at::Tensor centred_ND = x_ND.to(real);
    if (normed.mean_N.defined()) {
        centred_ND = centred_ND - normed.mean_N.unsqueeze(1);
    }
    const at::Tensor each_GD =
        (dy_ND.to(real) * centred_ND * normed.rstd_N.unsqueeze(1))
            .view({-1, std::max<std::int64_t>(1, m_plan.groups), m_plan.width})
            .sum(0);
    std::int64_t group = 0;
    for (WholeWeight& weight : m_weights) {
        if (weight.trains() && weight.ending == "bias") {
            weight.trained.sum().add_(dy_ND.to(real).sum(0));
        } else if (weight.trains()) {
            weight.trained.sum().add_(
                (m_plan.apart ? each_GD[group] : each_GD).view(weight.value.sizes()));
        }
        ++group;
    }
}

void NormBlock::backward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const Normed& normed,
                         at::Tensor& dx_ND)
{
    const at::Tensor w_D = weight();
    if (m_plan.kind == NormKind::RootMeanSquare) {
        if (trains()) {
            m_weights.front().trained.sum().add_(
                m_ops->rmsNormWeightGradient(dy_ND, x_ND, normed.rstd_N));
        }
        m_ops->rmsNormBackward(dy_ND, x_ND, normed.rstd_N, w_D, m_plan.offset, dx_ND);
        return;
    }
    if (trains()) {
        addWeightGradients(dy_ND, x_ND, normed);
    }
    const at::Tensor through_ND = m_plan.groups > 0
        ? (dy_ND.view({-1, m_plan.groups, m_plan.width}) * groupWeight()).view(dy_ND.sizes())
        : dy_ND;
    m_ops->layerNormBackward(through_ND, x_ND, normed, w_D, dx_ND);
}

} // namespace pissarro::core::inline decoder::inline blocks

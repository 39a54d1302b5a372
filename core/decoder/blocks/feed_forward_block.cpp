// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/feed_forward_block_tensors.h"

#include <ATen/ATen.h>

#include <utility>

namespace pissarro::core::inline decoder::inline blocks {

FeedForwardBlock::FeedForwardBlock(const FeedForwardPlan& plan, const WeightLoader& loader,
                                   const FeedForwardBlock* donor)
    : m_ops(&loader.ops())
    , m_activation(plan.activation)
    , m_gated(plan.gated())
    , m_gateUp(loader.projection(plan.inputs(), donor == nullptr ? nullptr : &donor->m_gateUp))
    , m_down(loader.projection({plan.down}, donor == nullptr ? nullptr : &donor->m_down))
{
}

at::Tensor FeedForwardBlock::forward(const at::Tensor& normed_ND, const at::Tensor& x_ND,
                                     Saved* saved, const at::Tensor& voices_N) const
{
    const at::Tensor gateUp_N2F = m_gateUp.forward(
        normed_ND, {}, saved == nullptr ? nullptr : &saved->gateUpLow_NR, voices_N);
    if (saved != nullptr) {
        saved->gateUp_N2F = gateUp_N2F;
    }
    return m_down.forward(m_gated ? m_ops->gated(gateUp_N2F, m_activation)
                                  : m_ops->activated(gateUp_N2F, m_activation),
                          x_ND, saved == nullptr ? nullptr : &saved->downLow_NR, voices_N);
}

at::Tensor FeedForwardBlock::backward(const at::Tensor& dy_ND, const at::Tensor& normed_ND,
                                      const Saved& saved, RowWeights* weights)
{
    auto down = m_down.inputGradient(dy_ND, true);
    // The gradient of gate and up; down_proj's input comes out of the same pass.
    GatedGradient gate = m_gated
        ? m_ops->gatedBackward(saved.gateUp_N2F, down.dx_NI, m_activation)
        : GatedGradient {m_ops->activatedBackward(saved.gateUp_N2F, down.dx_NI, m_activation),
                         m_ops->activated(saved.gateUp_N2F, m_activation)};
    at::Tensor dout_ND = dy_ND;
    if (weights != nullptr) {
        // down() is linear: <dy, down(h)> is <down^T dy, h>, so that what it gave need not be kept.
        const auto real = weights->weights_N.scalar_type();
        weights->dweights_N = (down.dx_NI.to(real) * gate.out_NF.to(real)).sum(1);
        const at::Tensor weight_N1 = weights->weights_N.to(dy_ND.scalar_type()).unsqueeze(1);
        dout_ND = dy_ND * weight_N1;
        gate.dab_N2F.mul_(weight_N1);
        if (down.ds_NR.defined()) {
            down.ds_NR.mul_(weight_N1);
        }
    }
    m_down.addGradients(dout_ND, gate.out_NF, saved.downLow_NR, down.ds_NR);
    auto gateUp = m_gateUp.inputGradient(gate.dab_N2F, true);
    m_gateUp.addGradients(gate.dab_N2F, normed_ND, saved.gateUpLow_NR, gateUp.ds_NR);
    return std::move(gateUp.dx_NI);
}

BlockMemory FeedForwardBlock::memory(const FeedForwardPlan& plan)
{
    const std::int64_t gateUp = plan.gate.rows + plan.up.rows;
    return {gateUp, 2 * gateUp + plan.down.cols};
}

} // namespace pissarro::core::inline decoder::inline blocks

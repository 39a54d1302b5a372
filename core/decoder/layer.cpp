// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/layer_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline decoder {

DecoderLayer::DecoderLayer(const LayerPlan& plan, const WeightLoader& loader,
                           const DecoderLayer* donor)
    : m_before(plan.before, loader)
    , m_middle(plan.middle, loader)
    , m_attention(plan.attention, loader, donor == nullptr ? nullptr : &donor->m_attention)
    , m_feed(plan.feed, loader, donor == nullptr ? nullptr : &donor->m_feed)
{
}

at::Tensor DecoderLayer::forward(const at::Tensor& x_ND, const Pass& pass, KvLayer* kept,
                                 Saved* saved) const
{
    const at::Tensor middle_ND =
        m_attention.forward(m_before.forward(x_ND).y_ND, x_ND, pass, kept,
                            saved == nullptr ? nullptr : &saved->attention);
    at::Tensor out_ND = m_feed.forward(m_middle.forward(middle_ND).y_ND, middle_ND,
                                       saved == nullptr ? nullptr : &saved->feed, pass.voices_N);
    if (saved != nullptr) {
        saved->x_ND = x_ND;
        saved->middle_ND = middle_ND;
    }
    return out_ND;
}

void DecoderLayer::backward(const Saved& saved, const Pass& pass, at::Tensor& dx_ND,
                            bool needsInput)
{
    {
        const Normed middle = m_middle.forward(saved.middle_ND);
        const at::Tensor dnormed_ND = m_feed.backward(dx_ND, middle.y_ND, saved.feed);
        m_middle.backward(dnormed_ND, saved.middle_ND, middle.rstd_N, dx_ND);
    }
    const Normed input = m_before.forward(saved.x_ND);
    const bool needed = needsInput || m_before.trains();
    const at::Tensor dnormed_ND =
        m_attention.backward(dx_ND, input.y_ND, pass, saved.attention, needed);
    if (needed) {
        m_before.backward(dnormed_ND, saved.x_ND, input.rstd_N, dx_ND);
    }
}

BlockMemory DecoderLayer::memory(const LayerPlan& plan)
{
    return NormBlock::memory(plan.before.width) + AttentionBlock::memory(plan.attention)
        + NormBlock::memory(plan.middle.width) + FeedForwardBlock::memory(plan.feed);
}

} // namespace pissarro::core::inline decoder

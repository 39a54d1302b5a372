// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/layer_tensors.h"

#include <ATen/ATen.h>

#include <utility>

namespace pissarro::core::inline decoder {

DecoderLayer::Maybe::Maybe(const NormPlan& plan, const WeightLoader& loader)
{
    if (plan.exists()) {
        m_norm.emplace(plan, loader);
    }
}

Normed DecoderLayer::Maybe::forward(const at::Tensor& x_ND) const
{
    return m_norm ? m_norm->forward(x_ND) : Normed {x_ND, {}};
}

void DecoderLayer::Maybe::backward(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                   const Normed& normed, at::Tensor& dx_ND)
{
    if (m_norm) {
        m_norm->backward(dy_ND, x_ND, normed, dx_ND);
    } else {
        dx_ND.add_(dy_ND);
    }
}

at::Tensor DecoderLayer::Maybe::through(const at::Tensor& dy_ND, const at::Tensor& x_ND)
{
    if (!m_norm) {
        return dy_ND;
    }
    at::Tensor dx_ND = at::zeros_like(x_ND);
    m_norm->backward(dy_ND, x_ND, m_norm->forward(x_ND), dx_ND);
    return dx_ND;
}

DecoderLayer::DecoderLayer(const LayerPlan& plan, const WeightLoader& loader,
                           const DecoderLayer* donor)
    : m_parallel(plan.parallel)
    , m_normsSums(plan.normsSums)
    , m_residualScale(plan.residualScale)
    , m_before(plan.before, loader)
    , m_afterAttention(plan.afterAttention, loader)
    , m_middle(plan.middle, loader)
    , m_afterFeed(plan.afterFeed, loader)
{
    if (plan.attention.latent.exists()) {
        m_latent.emplace(plan.attention, loader,
                         donor == nullptr || !donor->m_latent ? nullptr : &*donor->m_latent);
    } else {
        m_attention.emplace(plan.attention, loader,
                            donor == nullptr || !donor->m_attention ? nullptr
                                                                    : &*donor->m_attention);
    }
    if (plan.mixture.exists()) {
        m_mixture.emplace(plan.mixture, loader,
                          donor == nullptr || !donor->m_mixture ? nullptr : &*donor->m_mixture);
    } else {
        m_feed.emplace(plan.feed, loader,
                       donor == nullptr || !donor->m_feed ? nullptr : &*donor->m_feed);
    }
}

at::Tensor DecoderLayer::added(const at::Tensor& x_ND, const at::Tensor& part_ND,
                               const Maybe& after) const
{
    return at::add(x_ND, after.forward(part_ND).y_ND, m_residualScale);
}

at::Tensor DecoderLayer::attended(const at::Tensor& normed_ND, const at::Tensor& x_ND,
                                  const Pass& pass, KvLayer* kept, Saved* saved) const
{
    return m_latent ? m_latent->forward(normed_ND, x_ND, pass, kept,
                                        saved == nullptr ? nullptr : &saved->latent)
                    : m_attention->forward(normed_ND, x_ND, pass, kept,
                                           saved == nullptr ? nullptr : &saved->attention);
}

at::Tensor DecoderLayer::attentionBackward(const at::Tensor& dy_ND, const at::Tensor& normed_ND,
                                           const Pass& pass, const Saved& saved, bool needsInput)
{
    return m_latent ? m_latent->backward(dy_ND, normed_ND, pass, saved.latent, needsInput)
                    : m_attention->backward(dy_ND, normed_ND, pass, saved.attention, needsInput);
}

at::Tensor DecoderLayer::attend(const at::Tensor& normed_ND, const at::Tensor& x_ND,
                                const Pass& pass, KvLayer* kept, Saved* saved) const
{
    if (addsDirectly(m_afterAttention)) {
        return attended(normed_ND, x_ND, pass, kept, saved);
    }
    const at::Tensor part_ND = attended(normed_ND, {}, pass, kept, saved);
    if (saved != nullptr && m_afterAttention.isThere()) {
        saved->attended_ND = part_ND;
    }
    return added(x_ND, part_ND, m_afterAttention);
}

at::Tensor DecoderLayer::fed(const at::Tensor& normed_ND, const at::Tensor& x_ND, const Pass& pass,
                             Saved* saved) const
{
    return m_mixture
        ? m_mixture->forward(normed_ND, x_ND, pass, saved == nullptr ? nullptr : &saved->mixture)
        : m_feed->forward(normed_ND, x_ND, saved == nullptr ? nullptr : &saved->feed,
                          pass.voices_N);
}

at::Tensor DecoderLayer::feedBackward(const at::Tensor& dy_ND, const at::Tensor& normed_ND,
                                      const Pass& pass, const Saved& saved)
{
    return m_mixture ? m_mixture->backward(dy_ND, normed_ND, pass, saved.mixture)
                     : m_feed->backward(dy_ND, normed_ND, saved.feed);
}

at::Tensor DecoderLayer::feedForward(const at::Tensor& normed_ND, const at::Tensor& x_ND,
                                     const Pass& pass, Saved* saved) const
{
    if (addsDirectly(m_afterFeed)) {
        return fed(normed_ND, x_ND, pass, saved);
    }
    const at::Tensor part_ND = fed(normed_ND, {}, pass, saved);
    if (saved != nullptr && m_afterFeed.isThere()) {
        saved->fed_ND = part_ND;
    }
    return added(x_ND, part_ND, m_afterFeed);
}

at::Tensor DecoderLayer::forward(const at::Tensor& x_ND, const Pass& pass, KvLayer* kept,
                                 Saved* saved) const
{
    if (m_normsSums) {
        return forwardNormed(x_ND, pass, saved);
    }
    const at::Tensor normed_ND = m_before.forward(x_ND).y_ND;
    const at::Tensor middle_ND = attend(normed_ND, x_ND, pass, kept, saved);
    const at::Tensor read_ND = !m_parallel ? m_middle.forward(middle_ND).y_ND
        : m_middle.isThere()               ? m_middle.forward(x_ND).y_ND
                                           : normed_ND;
    at::Tensor out_ND = feedForward(read_ND, middle_ND, pass, saved);
    if (saved != nullptr) {
        saved->x_ND = x_ND;
        saved->middle_ND = m_parallel ? at::Tensor() : middle_ND;
    }
    return out_ND;
}

at::Tensor DecoderLayer::forwardNormed(const at::Tensor& x_ND, const Pass& pass, Saved* saved) const
{
    at::Tensor attended_ND = attended(x_ND, x_ND, pass, nullptr, saved);
    const at::Tensor middle_ND = m_afterAttention.forward(attended_ND).y_ND;
    at::Tensor fed_ND = fed(middle_ND, middle_ND, pass, saved);
    at::Tensor out_ND = m_afterFeed.forward(fed_ND).y_ND;
    if (saved != nullptr) {
        saved->x_ND = x_ND;
        saved->attended_ND = std::move(attended_ND);
        saved->fed_ND = std::move(fed_ND);
    }
    return out_ND;
}

void DecoderLayer::backwardNormed(const Saved& saved, const Pass& pass, at::Tensor& dx_ND,
                                  bool needed)
{
    at::Tensor dsum_ND = m_afterFeed.through(dx_ND, saved.fed_ND);
    {
        const at::Tensor middle_ND = m_afterAttention.forward(saved.attended_ND).y_ND;
        const at::Tensor dread_ND = feedBackward(dsum_ND, middle_ND, pass, saved);
        dsum_ND = m_afterAttention.through(dsum_ND + dread_ND, saved.attended_ND);
    }
    const at::Tensor dread_ND = attentionBackward(dsum_ND, saved.x_ND, pass, saved, needed);
    dx_ND = needed ? dsum_ND + dread_ND : dsum_ND;
}

at::Tensor DecoderLayer::partGradient(const at::Tensor& dy_ND, const at::Tensor& part_ND,
                                      Maybe& after) const
{
    return after.through(m_residualScale == 1.0 ? dy_ND : dy_ND * m_residualScale, part_ND);
}

// Both parts read the input: dx_ND is the gradient of the sum until both have had it.
void DecoderLayer::backwardOfBoth(const Saved& saved, const Pass& pass, at::Tensor& dx_ND,
                                  bool needed)
{
    const Normed input = m_before.forward(saved.x_ND);
    const bool shared = !m_middle.isThere();
    const Normed read = shared ? input : m_middle.forward(saved.x_ND);
    at::Tensor dread_ND =
        feedBackward(partGradient(dx_ND, saved.fed_ND, m_afterFeed), read.y_ND, pass, saved);
    const at::Tensor dnormed_ND = attentionBackward(
        partGradient(dx_ND, saved.attended_ND, m_afterAttention), input.y_ND, pass, saved, needed);
    if (!shared) {
        m_middle.backward(dread_ND, saved.x_ND, read, dx_ND);
    }
    if (needed) {
        m_before.backward(shared ? dread_ND.add_(dnormed_ND) : dnormed_ND, saved.x_ND, input,
                          dx_ND);
    }
}

void DecoderLayer::backward(const Saved& saved, const Pass& pass, at::Tensor& dx_ND,
                            bool needsInput)
{
    const bool needed = needsInput || m_before.trains();
    if (m_normsSums) {
        backwardNormed(saved, pass, dx_ND, needed);
        return;
    }
    if (m_parallel) {
        backwardOfBoth(saved, pass, dx_ND, needed);
        return;
    }
    {
        const Normed middle = m_middle.forward(saved.middle_ND);
        const at::Tensor dnormed_ND =
            feedBackward(partGradient(dx_ND, saved.fed_ND, m_afterFeed), middle.y_ND, pass, saved);
        m_middle.backward(dnormed_ND, saved.middle_ND, middle, dx_ND);
    }
    const Normed input = m_before.forward(saved.x_ND);
    const at::Tensor dnormed_ND = attentionBackward(
        partGradient(dx_ND, saved.attended_ND, m_afterAttention), input.y_ND, pass, saved, needed);
    if (needed) {
        m_before.backward(dnormed_ND, saved.x_ND, input, dx_ND);
    }
}

BlockMemory DecoderLayer::memory(const LayerPlan& plan)
{
    const std::int64_t width = plan.attention.output.rows;
    const auto norm = [](const NormPlan& one) {
        return one.exists() ? NormBlock::memory(one.width) : BlockMemory {};
    };
    BlockMemory memory = norm(plan.before)
        + (plan.attention.latent.exists() ? LatentAttentionBlock::memory(plan.attention)
                                          : AttentionBlock::memory(plan.attention))
        + norm(plan.afterAttention) + norm(plan.middle)
        + (plan.mixture.exists() ? MixtureBlock::memory(plan.mixture)
                                 : FeedForwardBlock::memory(plan.feed))
        + norm(plan.afterFeed);
    if (plan.normsSums) { // the input is saved beside; the middle is made again
        memory.saved += width;
        memory.temporary += width;
        return memory;
    }
    // The input, and what lies in the middle of a layer that is not parallel, are saved with or without a norm of them.
    memory.saved += (plan.before.exists() ? 0 : width);
    if (plan.parallel) {
        memory.saved -= plan.middle.exists() ? width : 0;
        memory.temporary += width; // the gradient of what both read
    } else {
        memory.saved += plan.middle.exists() ? 0 : width;
    }
    return memory;
}

} // namespace pissarro::core::inline decoder

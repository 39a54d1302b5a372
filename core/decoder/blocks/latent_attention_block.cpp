// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/attend_tensors.h"
#include "core/decoder/blocks/latent_attention_block_tensors.h"

#include <ATen/ATen.h>

#include <utility>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

const LinearPlan& firstOf(const AttentionPlan& plan)
{
    return plan.latent.queryDown.exists() ? plan.latent.queryDown : plan.query;
}

// The gradient of what a norm was given, of that of what it gave.
at::Tensor throughNorm(NormBlock& norm, const at::Tensor& dy_NR, const at::Tensor& x_NR,
                       const Normed& normed)
{
    at::Tensor dx_NR = at::zeros_like(x_NR);
    norm.backward(dy_NR, x_NR, normed, dx_NR);
    return dx_NR;
}

} // namespace

LatentAttentionBlock::LatentAttentionBlock(const AttentionPlan& plan, const WeightLoader& loader,
                                           const LatentAttentionBlock* donor)
    : m_ops(&loader.ops())
    , m_shape {plan.heads, plan.heads, plan.latent.headDim(), 0, plan.scale}
    , m_plainDim(plan.latent.plainDim)
    , m_turnedDim(plan.latent.turnedDim)
    , m_valueDim(plan.latent.valueDim)
    , m_queryColumns(firstOf(plan).rows)
    , m_rank(plan.latent.rank())
    , m_down(loader.projection({firstOf(plan), plan.latent.down},
                               donor == nullptr ? nullptr : &donor->m_down))
    , m_norm(plan.latent.norm, loader)
    , m_up(loader.projection({plan.latent.up}, donor == nullptr ? nullptr : &donor->m_up))
    , m_output(loader.projection({plan.output}, donor == nullptr ? nullptr : &donor->m_output))
{
    if (plan.latent.queryDown.exists()) {
        m_queryNorm.emplace(plan.latent.queryNorm, loader);
        m_query.emplace(loader.projection(
            {plan.query}, donor == nullptr || !donor->m_query ? nullptr : &*donor->m_query));
    }
}

at::Tensor LatentAttentionBlock::queryPart(const at::Tensor& down_NC) const
{
    return down_NC.narrow(1, 0, m_queryColumns).contiguous();
}

at::Tensor LatentAttentionBlock::latentPart(const at::Tensor& down_NC) const
{
    return down_NC.narrow(1, m_queryColumns, m_rank).contiguous();
}

at::Tensor LatentAttentionBlock::keyPart(const at::Tensor& down_NC) const
{
    return down_NC.narrow(1, m_queryColumns + m_rank, m_turnedDim);
}

at::Tensor LatentAttentionBlock::turned(const at::Tensor& query_NC, const at::Tensor& key_NC,
                                        const Pass& pass) const
{
    const at::Tensor query_NT = query_NC.unflatten(1, {m_shape.heads, m_plainDim + m_turnedDim})
                                    .narrow(2, m_plainDim, m_turnedDim)
                                    .flatten(1);
    at::Tensor both_NT = at::cat({query_NT, key_NC}, 1);
    m_ops->rotate(both_NT, pass.positions_N, pass.rotary, m_shape.heads + 1, 1.0);
    return both_NT;
}

at::Tensor LatentAttentionBlock::filledHeads(const at::Tensor& query_NC,
                                             const at::Tensor& turned_NC,
                                             const at::Tensor& up_NC) const
{
    const std::int64_t heads = m_shape.heads;
    at::Tensor qkv = at::zeros({query_NC.size(0), 3, heads, m_shape.headDim}, query_NC.options());
    const auto put = [&](std::int64_t which, std::int64_t first, const at::Tensor& of) {
        qkv.select(1, which).narrow(2, first, of.size(2)).copy_(of);
    };
    const at::Tensor turns = turned_NC.unflatten(1, {heads + 1, m_turnedDim});
    const at::Tensor query = query_NC.unflatten(1, {heads, m_plainDim + m_turnedDim});
    const at::Tensor up = up_NC.unflatten(1, {heads, m_plainDim + m_valueDim});
    put(0, 0, turns.narrow(1, 0, heads));
    put(0, m_turnedDim, query.narrow(2, 0, m_plainDim));
    put(1, 0, turns.narrow(1, heads, 1).expand({-1, heads, -1}));
    put(1, m_turnedDim, up.narrow(2, 0, m_plainDim));
    put(2, 0, up.narrow(2, m_plainDim, m_valueDim));
    return qkv.flatten(1);
}

at::Tensor LatentAttentionBlock::valuesOf(const at::Tensor& attended_NC) const
{
    return attended_NC.unflatten(1, {m_shape.heads, m_shape.headDim})
        .narrow(2, 0, m_valueDim)
        .flatten(1)
        .contiguous();
}

at::Tensor LatentAttentionBlock::forward(const at::Tensor& normed_ND, const at::Tensor& x_ND,
                                         const Pass& pass, KvLayer* kept, Saved* saved) const
{
    const auto low = [&](at::Tensor Saved::*which) {
        return saved == nullptr ? nullptr : &(saved->*which);
    };
    const at::Tensor down_NC =
        m_down.forward(normed_ND, {}, low(&Saved::downLow_NR), pass.voices_N);
    at::Tensor query_NC = queryPart(down_NC);
    if (m_query) {
        query_NC = m_query->forward(m_queryNorm->forward(query_NC).y_ND, {},
                                    low(&Saved::queryLow_NR), pass.voices_N);
    }
    const at::Tensor up_NC = m_up.forward(m_norm.forward(latentPart(down_NC)).y_ND, {},
                                          low(&Saved::upLow_NR), pass.voices_N);
    at::Tensor qkv_NC = filledHeads(query_NC, turned(query_NC, keyPart(down_NC), pass), up_NC);
    AttentionSaved attended = attentionOfPass(*m_ops, qkv_NC, pass, kept, m_shape);
    at::Tensor y_ND =
        m_output.forward(valuesOf(attended.y_NC), x_ND, low(&Saved::outputLow_NR), pass.voices_N);
    if (saved != nullptr) {
        saved->down_NC = down_NC;
        saved->qkv_NC = std::move(qkv_NC);
        saved->attended = std::move(attended);
    }
    return y_ND;
}

at::Tensor LatentAttentionBlock::throughUp(const at::Tensor& dqkv_NC, const Pass& pass,
                                           const Saved& saved)
{
    const std::int64_t heads = m_shape.heads;
    const at::Tensor d = dqkv_NC.unflatten(1, {3, heads, m_shape.headDim});
    const auto of = [&](std::int64_t which, std::int64_t first, std::int64_t count) {
        return d.select(1, which).narrow(2, first, count);
    };
    // The key that turns is every head's: its gradient is the sum of theirs.
    at::Tensor dturned_NT =
        at::cat({of(0, 0, m_turnedDim).flatten(1), of(1, 0, m_turnedDim).sum(1)}, 1);
    m_ops->rotate(dturned_NT, pass.positions_N, pass.rotary, heads + 1, -1.0);
    const at::Tensor dturned = dturned_NT.unflatten(1, {heads + 1, m_turnedDim});
    at::Tensor dquery_NC =
        at::cat({of(0, m_turnedDim, m_plainDim), dturned.narrow(1, 0, heads)}, 2).flatten(1);
    const at::Tensor dup_NC =
        at::cat({of(1, m_turnedDim, m_plainDim), of(2, 0, m_valueDim)}, 2).flatten(1);
    const at::Tensor latent_NR = latentPart(saved.down_NC);
    const Normed normed = m_norm.forward(latent_NR);
    const auto up = m_up.inputGradient(dup_NC, true);
    m_up.addGradients(dup_NC, normed.y_ND, saved.upLow_NR, up.ds_NR);
    if (m_query) {
        const at::Tensor query_NR = queryPart(saved.down_NC);
        const Normed given = m_queryNorm->forward(query_NR);
        const auto query = m_query->inputGradient(dquery_NC, true);
        m_query->addGradients(dquery_NC, given.y_ND, saved.queryLow_NR, query.ds_NR);
        dquery_NC = throughNorm(*m_queryNorm, query.dx_NI, query_NR, given);
    }
    return at::cat({dquery_NC, throughNorm(m_norm, up.dx_NI, latent_NR, normed),
                    dturned_NT.narrow(1, heads * m_turnedDim, m_turnedDim)},
                   1);
}

at::Tensor LatentAttentionBlock::backward(const at::Tensor& dy_ND, const at::Tensor& normed_ND,
                                          const Pass& pass, const Saved& saved, bool needsInput)
{
    const auto output = m_output.inputGradient(dy_ND, true);
    m_output.addGradients(dy_ND, valuesOf(saved.attended.y_NC), saved.outputLow_NR, output.ds_NR);
    const at::Tensor dattended_NC =
        at::constant_pad_nd(output.dx_NI.unflatten(1, {m_shape.heads, m_valueDim}),
                            {0, m_shape.headDim - m_valueDim})
            .flatten(1);
    const at::Tensor dqkv_NC = m_ops->attentionBackward(dattended_NC, saved.qkv_NC, saved.attended,
                                                        pass.segments, m_shape);
    const at::Tensor ddown_NC = throughUp(dqkv_NC, pass, saved);
    auto down = m_down.inputGradient(ddown_NC, needsInput);
    m_down.addGradients(ddown_NC, normed_ND, saved.downLow_NR, down.ds_NR);
    return std::move(down.dx_NI);
}

BlockMemory LatentAttentionBlock::memory(const AttentionPlan& plan)
{
    const std::int64_t heads = plan.heads * plan.latent.headDim();
    const std::int64_t down = firstOf(plan).rows + plan.latent.down.rows;
    const std::int64_t inner = plan.query.rows + plan.latent.up.rows;
    return {down + 4 * heads, 4 * heads + 2 * down + 2 * inner};
}

} // namespace pissarro::core::inline decoder::inline blocks

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/attend_tensors.h"
#include "core/decoder/blocks/attention_block_tensors.h"

#include <ATen/ATen.h>

#include <utility>

namespace pissarro::core::inline decoder::inline blocks {

HeadNorms::HeadNorms(const NormPlan& plan, const WeightLoader& loader, std::int64_t first,
                     std::int64_t columns)
    : m_norm(plan, loader)
    , m_width(plan.width)
    , m_first(first)
    , m_columns(columns)
{
}

at::Tensor HeadNorms::columnsOf(const at::Tensor& qkv_NC) const
{
    return qkv_NC.narrow(1, m_first, m_columns);
}

void HeadNorms::forward(at::Tensor& qkv_NC, Saved* saved) const
{
    at::Tensor place_NC = columnsOf(qkv_NC);
    // A copy also of a single token, whose columns lie together: what is saved must not be written over.
    const at::Tensor x_RD = place_NC.clone(at::MemoryFormat::Contiguous).view({-1, m_width});
    const Normed normed = m_norm.forward(x_RD);
    place_NC.copy_(normed.y_ND.view(place_NC.sizes()));
    if (saved != nullptr) {
        *saved = {x_RD, normed.rstd_N, normed.mean_N};
    }
}

void HeadNorms::backward(at::Tensor& dqkv_NC, const Saved& saved)
{
    at::Tensor place_NC = columnsOf(dqkv_NC);
    const at::Tensor dy_RD = place_NC.contiguous().view({-1, m_width});
    at::Tensor dx_RD = at::zeros_like(saved.x_RD);
    m_norm.backward(dy_RD, saved.x_RD, {{}, saved.rstd_R, saved.mean_R}, dx_RD);
    place_NC.copy_(dx_RD.view(place_NC.sizes()));
}

BlockMemory HeadNorms::memory(const NormPlan& plan, std::int64_t columns)
{
    const BlockMemory norm = NormBlock::memory(columns);
    const std::int64_t statistics = plan.kind == NormKind::Layer ? 2 : 1;
    return {norm.saved + 2 * statistics * (columns / plan.width), norm.temporary}; // float32
}

AttentionBlock::AttentionBlock(const AttentionPlan& plan, const WeightLoader& loader,
                               const AttentionBlock* donor)
    : m_ops(&loader.ops())
    , m_shape {plan.heads, plan.kvHeads, plan.headDim, plan.window, plan.scale, plan.softCap}
    , m_turning(plan.turning)
    , m_order(plan.order)
    , m_clip(plan.clip)
    , m_qkv(loader.projection(plan.inputs(), donor == nullptr ? nullptr : &donor->m_qkv))
    , m_output(loader.projection({plan.output}, donor == nullptr ? nullptr : &donor->m_output))
{
    m_shape.causal = !plan.bidirectional;
    if (plan.relative.exists()) {
        m_relative.emplace(plan, loader,
                           donor == nullptr || !donor->m_relative ? nullptr : &*donor->m_relative);
    }
    if (plan.alibi) {
        m_shape.alibiScale = m_shape.scoreScale();
    }
    if (plan.queryNorm.exists()) {
        const std::int64_t queries = plan.heads * plan.headDim;
        m_queryNorms.emplace(plan.queryNorm, loader, 0, queries);
        m_keyNorms.emplace(plan.keyNorm, loader, queries, plan.kvHeads * plan.headDim);
    }
}

void AttentionBlock::turn(at::Tensor& qkv_NC, const Pass& pass, double direction) const
{
    if (m_turning != Turning::None) {
        m_ops->rotate(qkv_NC, pass.positions_N,
                      m_turning == Turning::Window ? *pass.windowRotary : pass.rotary,
                      m_shape.heads + m_shape.kvHeads, direction);
    }
}

at::Tensor AttentionBlock::parted(const at::Tensor& grouped_NC) const
{
    const std::int64_t share = m_shape.heads / m_shape.kvHeads;
    const at::Tensor each = grouped_NC.view({-1, m_shape.kvHeads, share + 2, m_shape.headDim});
    return at::cat({each.narrow(2, 0, share).flatten(1), each.select(2, share).flatten(1),
                    each.select(2, share + 1).flatten(1)},
                   1);
}

at::Tensor AttentionBlock::grouped(const at::Tensor& parted_NC) const
{
    const std::int64_t share = m_shape.heads / m_shape.kvHeads;
    const auto part = [&](std::int64_t first, std::int64_t each) {
        return parted_NC
            .narrow(1, first * m_shape.headDim, m_shape.kvHeads * each * m_shape.headDim)
            .unflatten(1, {m_shape.kvHeads, each, m_shape.headDim});
    };
    return at::cat(
               {part(0, share), part(m_shape.heads, 1), part(m_shape.heads + m_shape.kvHeads, 1)},
               2)
        .flatten(1);
}

AttentionSaved AttentionBlock::attend(const at::Tensor& qkv_NC, const Pass& pass, KvLayer* kept,
                                      Saved* saved) const
{
    if (!m_relative) {
        return attentionOfPass(*m_ops, qkv_NC, pass, kept, m_shape);
    }
    AttentionSaved attended;
    attended.y_NC =
        m_relative->forward(qkv_NC, pass, saved == nullptr ? nullptr : &saved->relative);
    return attended;
}

at::Tensor AttentionBlock::forward(const at::Tensor& normed_ND, const at::Tensor& x_ND,
                                   const Pass& pass, KvLayer* kept, Saved* saved) const
{
    at::Tensor qkv_NC =
        m_qkv.forward(m_relative ? m_relative->input(normed_ND, pass) : normed_ND, {},
                      saved == nullptr ? nullptr : &saved->qkvLow_NR, pass.voices_N);
    if (m_clip > 0.0) {
        if (saved != nullptr) {
            saved->clipped_NC = qkv_NC.abs() > m_clip;
        }
        qkv_NC.clamp_(-m_clip, m_clip);
    }
    if (m_order == FusedOrder::Groups) {
        qkv_NC = parted(qkv_NC);
    }
    if (m_queryNorms) {
        m_queryNorms->forward(qkv_NC, saved == nullptr ? nullptr : &saved->query);
        m_keyNorms->forward(qkv_NC, saved == nullptr ? nullptr : &saved->key);
    }
    turn(qkv_NC, pass, 1.0);
    AttentionSaved attended = attend(qkv_NC, pass, kept, saved);
    at::Tensor y_ND = m_output.forward(
        attended.y_NC, x_ND, saved == nullptr ? nullptr : &saved->outputLow_NR, pass.voices_N);
    if (saved != nullptr) {
        saved->qkv_NC = std::move(qkv_NC);
        saved->attended = std::move(attended);
    }
    return y_ND;
}

at::Tensor AttentionBlock::backward(const at::Tensor& dy_ND, const at::Tensor& normed_ND,
                                    const Pass& pass, const Saved& saved, bool needsInput)
{
    const auto output = m_output.inputGradient(dy_ND, true);
    m_output.addGradients(dy_ND, saved.attended.y_NC, saved.outputLow_NR, output.ds_NR);
    at::Tensor dqkv_NC = m_relative
        ? m_relative->backward(output.dx_NI, saved.qkv_NC, saved.attended.y_NC, pass,
                               saved.relative)
        : m_ops->attentionBackward(output.dx_NI, saved.qkv_NC, saved.attended, pass.segments,
                                   m_shape);
    turn(dqkv_NC, pass, -1.0);
    if (m_queryNorms) {
        m_queryNorms->backward(dqkv_NC, saved.query);
        m_keyNorms->backward(dqkv_NC, saved.key);
    }
    if (m_order == FusedOrder::Groups) {
        dqkv_NC = grouped(dqkv_NC);
    }
    if (m_clip > 0.0) {
        dqkv_NC.masked_fill_(saved.clipped_NC, 0.0);
    }
    if (m_relative && m_relative->shared()) {
        return backwardOfBoth(dqkv_NC, normed_ND, pass, saved, needsInput);
    }
    auto qkv = m_qkv.inputGradient(dqkv_NC, needsInput);
    m_qkv.addGradients(dqkv_NC, normed_ND, saved.qkvLow_NR, qkv.ds_NR);
    return std::move(qkv.dx_NI);
}

// Behind the tokens stands the table of distances.
at::Tensor AttentionBlock::backwardOfBoth(const at::Tensor& dqkv_MC, const at::Tensor& normed_ND,
                                          const Pass& pass, const Saved& saved, bool needsInput)
{
    const std::int64_t tokens = normed_ND.size(0);
    const at::Tensor& table = pass.relativeGradient_PD;
    const auto qkv = m_qkv.inputGradient(dqkv_MC, needsInput || table.defined());
    m_qkv.addGradients(dqkv_MC, m_relative->input(normed_ND, pass), saved.qkvLow_NR, qkv.ds_NR);
    if (table.defined()) {
        table.add_(qkv.dx_NI.narrow(0, tokens, table.size(0)));
    }
    return needsInput ? qkv.dx_NI.narrow(0, 0, tokens) : at::Tensor();
}

BlockMemory AttentionBlock::memory(const AttentionPlan& plan)
{
    const std::int64_t qkv = plan.query.rows + plan.key.rows + plan.value.rows;
    BlockMemory memory {qkv + plan.output.cols, 2 * qkv};
    if (plan.queryNorm.exists()) {
        memory = memory + HeadNorms::memory(plan.queryNorm, plan.heads * plan.headDim)
            + HeadNorms::memory(plan.keyNorm, plan.kvHeads * plan.headDim);
    }
    if (plan.clip > 0.0) {
        memory.saved += (qkv + 1) / 2; // a byte each
    }
    if (plan.order == FusedOrder::Groups) {
        memory.temporary += qkv;
    }
    return memory;
}

} // namespace pissarro::core::inline decoder::inline blocks

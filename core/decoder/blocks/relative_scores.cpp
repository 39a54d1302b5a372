// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/relative_scores_tensors.h"
#include "core/decoder/ops/relative_attention_tensors.h"

#include <ATen/ATen.h>

#include <cmath>

namespace pissarro::core::inline decoder::inline blocks {

RelativeTable::RelativeTable(const RelativeTablePlan& plan, const WeightLoader& loader)
    : m_weight(loader.own(plan.name))
{
    if (plan.norm.exists()) {
        m_norm.emplace(plan.norm, loader);
    }
}

at::Tensor RelativeTable::forward() const
{
    return m_norm ? m_norm->forward(m_weight.value).y_ND : m_weight.value;
}

void RelativeTable::backward(const at::Tensor& dtable_PD)
{
    at::Tensor dweight_PD = dtable_PD;
    if (m_norm) {
        dweight_PD = at::zeros_like(dtable_PD);
        m_norm->backward(dtable_PD, m_weight.value, m_norm->forward(m_weight.value), dweight_PD);
    }
    if (m_weight.trains()) {
        at::Tensor& sum_PD = m_weight.trained.sum();
        sum_PD.add_(dweight_PD.to(sum_PD.scalar_type()));
    }
}

RelativeScores::RelativeScores(const AttentionPlan& plan, const WeightLoader& loader,
                               const RelativeScores* donor)
    : m_positions(plan.relative.positions)
    , m_heads(plan.heads)
    , m_headDim(plan.headDim)
    , m_scale(plan.scale > 0.0 ? plan.scale : 1.0 / std::sqrt(static_cast<double>(plan.headDim)))
{
    const auto given = [&](const std::optional<Projection> RelativeScores::*one) {
        return donor == nullptr || !(donor->*one) ? nullptr : &*(donor->*one);
    };
    if (plan.relative.key.exists()) {
        m_key = loader.projection({plan.relative.key}, given(&RelativeScores::m_key));
    }
    if (plan.relative.query.exists()) {
        m_query = loader.projection({plan.relative.query}, given(&RelativeScores::m_query));
    }
}

at::Tensor RelativeScores::input(const at::Tensor& normed_ND, const Pass& pass) const
{
    return shared() ? at::cat({normed_ND, pass.relative_PD}) : normed_ND;
}

at::Tensor RelativeScores::headsOf(const at::Tensor& rows_RC, std::int64_t first) const
{
    return rows_RC.narrow(1, first * m_headDim, m_heads * m_headDim)
        .unflatten(1, {m_heads, m_headDim})
        .transpose(0, 1);
}

RelativeScores::Distances RelativeScores::distancesOf(const at::Tensor& qkv_MC, const Pass& pass,
                                                      Saved* saved) const
{
    const std::int64_t columns = m_heads * m_headDim;
    Distances distances;
    if (shared()) {
        const std::int64_t rows = pass.relative_PD.size(0);
        const at::Tensor both_PC = qkv_MC.narrow(0, qkv_MC.size(0) - rows, rows);
        if (m_positions.positionToContent) {
            distances.queries_PC = both_PC.narrow(1, 0, columns);
        }
        if (m_positions.contentToPosition) {
            distances.keys_PC = both_PC.narrow(1, columns, columns);
        }
        return distances;
    }
    if (m_key) {
        distances.keys_PC =
            m_key->forward(pass.relative_PD, {}, saved == nullptr ? nullptr : &saved->keysLow_PR);
    }
    if (m_query) {
        distances.queries_PC = m_query->forward(pass.relative_PD, {},
                                                saved == nullptr ? nullptr : &saved->queriesLow_PR);
    }
    if (saved != nullptr) {
        saved->keys_PC = distances.keys_PC;
        saved->queries_PC = distances.queries_PC;
    }
    return distances;
}

at::Tensor RelativeScores::forward(const at::Tensor& qkv_MC, const Pass& pass, Saved* saved) const
{
    const Distances distances = distancesOf(qkv_MC, pass, saved);
    const auto headsOrNone = [&](const at::Tensor& t) { return t.defined() ? headsOf(t, 0) : t; };
    const at::Tensor keys_HPD = headsOrNone(distances.keys_PC);
    const at::Tensor queries_HPD = headsOrNone(distances.queries_PC);
    const std::int64_t tokens = qkv_MC.size(0) - (shared() ? pass.relative_PD.size(0) : 0);
    at::Tensor y_NC = at::empty({tokens, m_heads * m_headDim}, qkv_MC.options());
    for (const Segment& segment : pass.segments) {
        const at::Tensor rows_TC = qkv_MC.narrow(0, segment.offset, segment.length);
        const at::Tensor y_HTD = attendRelative(
            {headsOf(rows_TC, 0), headsOf(rows_TC, m_heads), headsOf(rows_TC, 2 * m_heads),
             keys_HPD, queries_HPD},
            distanceRows(m_positions, segment.length, qkv_MC.device()), m_scale, pass.keyMask_T);
        y_NC.narrow(0, segment.offset, segment.length).copy_(y_HTD.transpose(0, 1).flatten(1));
    }
    return y_NC;
}

void RelativeScores::backwardOwn(Projection& own, const at::Tensor& d_PC, const Pass& pass,
                                 const at::Tensor& low_PR)
{
    const auto gradient = own.inputGradient(d_PC, pass.relativeGradient_PD.defined());
    own.addGradients(d_PC, pass.relative_PD, low_PR, gradient.ds_NR);
    if (pass.relativeGradient_PD.defined()) {
        pass.relativeGradient_PD.add_(gradient.dx_NI);
    }
}

at::Tensor RelativeScores::backward(const at::Tensor& dy_NC, const at::Tensor& qkv_MC,
                                    const at::Tensor& y_NC, const Pass& pass, const Saved& saved)
{
    const Distances distances =
        shared() ? distancesOf(qkv_MC, pass, nullptr) : Distances {saved.keys_PC, saved.queries_PC};
    const auto headsOrNone = [&](const at::Tensor& t) { return t.defined() ? headsOf(t, 0) : t; };
    const at::Tensor keys_HPD = headsOrNone(distances.keys_PC);
    const at::Tensor queries_HPD = headsOrNone(distances.queries_PC);
    at::Tensor dqkv_MC = at::zeros_like(qkv_MC);
    const auto zerosLike = [](const at::Tensor& t) {
        return t.defined() ? at::zeros(t.sizes(), t.options()) : t;
    };
    Distances d {zerosLike(distances.keys_PC), zerosLike(distances.queries_PC)};
    const auto flat = [](const at::Tensor& t_HRD) { return t_HRD.transpose(0, 1).flatten(1); };
    for (const Segment& segment : pass.segments) {
        const at::Tensor rows_TC = qkv_MC.narrow(0, segment.offset, segment.length);
        const auto ofSegment = [&](const at::Tensor& t) {
            return headsOf(t.narrow(0, segment.offset, segment.length), 0);
        };
        const RelativeHeads heads = attendRelativeBackward(
            ofSegment(dy_NC),
            {headsOf(rows_TC, 0), headsOf(rows_TC, m_heads), headsOf(rows_TC, 2 * m_heads),
             keys_HPD, queries_HPD},
            ofSegment(y_NC), distanceRows(m_positions, segment.length, qkv_MC.device()), m_scale);
        dqkv_MC.narrow(0, segment.offset, segment.length)
            .copy_(at::cat({flat(heads.q_HTD), flat(heads.k_HTD), flat(heads.v_HTD)}, 1));
        if (d.keys_PC.defined()) {
            d.keys_PC.add_(flat(heads.distanceKeys_HPD));
        }
        if (d.queries_PC.defined()) {
            d.queries_PC.add_(flat(heads.distanceQueries_HPD));
        }
    }
    passOn(d, dqkv_MC, pass, saved);
    return dqkv_MC;
}

void RelativeScores::passOn(const Distances& d, at::Tensor& dqkv_MC, const Pass& pass,
                            const Saved& saved)
{
    if (!shared()) {
        if (m_key) {
            backwardOwn(*m_key, d.keys_PC, pass, saved.keysLow_PR);
        }
        if (m_query) {
            backwardOwn(*m_query, d.queries_PC, pass, saved.queriesLow_PR);
        }
        return;
    }
    const std::int64_t columns = m_heads * m_headDim;
    const std::int64_t rows = pass.relative_PD.size(0);
    at::Tensor place_PC = dqkv_MC.narrow(0, dqkv_MC.size(0) - rows, rows);
    if (d.queries_PC.defined()) {
        place_PC.narrow(1, 0, columns).copy_(d.queries_PC);
    }
    if (d.keys_PC.defined()) {
        place_PC.narrow(1, columns, columns).copy_(d.keys_PC);
    }
}

} // namespace pissarro::core::inline decoder::inline blocks

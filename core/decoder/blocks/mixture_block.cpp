// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/mixture_block_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

at::Tensor toReal(const at::Tensor& t)
{
    return t.to(masterTypeOf(t.scalar_type()));
}

// Of each token the sum of its rows, by their weights where these are given.
at::Tensor sumOfRows(const at::Tensor& rows_SD, const at::Tensor& places_NK,
                     const at::Tensor& weights_NK)
{
    at::Tensor sum_ND;
    for (std::int64_t k = 0; k < places_NK.size(1); ++k) {
        at::Tensor row_ND = toReal(rows_SD.index_select(0, places_NK.select(1, k)));
        if (weights_NK.defined()) {
            row_ND = row_ND * weights_NK.narrow(1, k, 1);
        }
        sum_ND = sum_ND.defined() ? sum_ND.add_(row_ND) : row_ND;
    }
    return sum_ND.to(rows_SD.scalar_type());
}

} // namespace

at::Tensor RoutingSums::scoreGradient() const
{
    return chosen_E
        * (gradient * static_cast<double>(chosen_E.size(0))
           / (std::max(rows, 1.0) * std::max(rows, 1.0)));
}

double RoutingSums::loss() const
{
    if (!chosen_E.defined() || rows == 0.0) {
        return 0.0;
    }
    return static_cast<double>(chosen_E.size(0)) / (rows * rows)
        * (chosen_E * scores_E).sum().item<double>();
}

MixtureBlock::MixtureBlock(const MixturePlan& plan, const WeightLoader& loader,
                           const MixtureBlock* donor)
    : m_ops(&loader.ops())
    , m_router(plan, loader)
{
    if (!plan.sharedGate.empty()) {
        m_sharedGate = loader.own(plan.sharedGate);
    }
    if (plan.shared.exists()) {
        m_shared.emplace(plan.shared, loader,
                         donor == nullptr || !donor->m_shared ? nullptr : &*donor->m_shared);
    }
    m_experts.reserve(plan.experts.size());
    for (std::size_t i = 0; i < plan.experts.size(); ++i) {
        m_experts.emplace_back(plan.experts[i], loader,
                               donor == nullptr ? nullptr : &donor->m_experts[i]);
    }
}

MixtureBlock::Gathered MixtureBlock::gather(const at::Tensor& chosen_NK, at::ScalarType type,
                                            bool trains) const
{
    const at::Tensor here_NK = chosen_NK.to(at::kCPU).contiguous();
    const auto* const chosen = in<std::int64_t>(here_NK);
    const std::int64_t taken = here_NK.numel();
    std::vector<std::int64_t> counts(m_experts.size(), 0);
    for (std::int64_t i = 0; i < taken; ++i) {
        ++counts[static_cast<std::size_t>(chosen[i])];
    }
    Gathered gathered;
    std::vector<std::int64_t> next(m_experts.size(), 0); // where an expert's next row goes
    std::int64_t rows = 0;
    for (std::size_t expert = 0; expert < counts.size(); ++expert) {
        const std::int64_t count = counts[expert];
        next[expert] = rows;
        if (count > 0) {
            const std::int64_t filled =
                trains || count > kThinRows ? m_ops->productRows(count, type) : count;
            gathered.parts.push_back({expert, rows, filled});
            rows += filled;
        }
    }
    std::vector<std::int64_t> tokens(static_cast<std::size_t>(rows), 0);
    std::vector<std::int64_t> sources(static_cast<std::size_t>(rows), taken);
    std::vector<std::int64_t> places;
    places.reserve(static_cast<std::size_t>(taken));
    for (std::int64_t i = 0; i < taken; ++i) {
        const std::int64_t row = next[static_cast<std::size_t>(chosen[i])]++;
        tokens[static_cast<std::size_t>(row)] = i / here_NK.size(1);
        sources[static_cast<std::size_t>(row)] = i;
        places.push_back(row);
    }
    const auto upload = [&](const std::vector<std::int64_t>& values) {
        return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(chosen_NK.device());
    };
    gathered.tokens_S = upload(tokens);
    gathered.taken_S = upload(sources);
    gathered.places_NK = upload(places).view(chosen_NK.sizes());
    return gathered;
}

at::Tensor MixtureBlock::sharedWeight(const at::Tensor& normed_ND) const
{
    return m_sharedGate
        ? at::sigmoid(at::mm(toReal(normed_ND), toReal(m_sharedGate->value).t())).squeeze(1)
        : at::Tensor();
}

at::Tensor MixtureBlock::withShared(const at::Tensor& experts_ND, const at::Tensor& normed_ND,
                                    const at::Tensor& x_ND, const Pass& pass, Saved* saved) const
{
    at::Tensor sum_ND = x_ND.defined() ? experts_ND + x_ND : experts_ND;
    if (!m_shared) {
        return sum_ND;
    }
    FeedForwardBlock::Saved* const inner = saved == nullptr ? nullptr : &saved->shared;
    const at::Tensor weight_N = sharedWeight(normed_ND);
    if (!weight_N.defined()) {
        return m_shared->forward(normed_ND, sum_ND, inner, pass.voices_N);
    }
    const at::Tensor shared_ND = m_shared->forward(normed_ND, {}, inner, pass.voices_N);
    return sum_ND + (toReal(shared_ND) * weight_N.unsqueeze(1)).to(sum_ND.scalar_type());
}

at::Tensor MixtureBlock::forward(const at::Tensor& normed_ND, const at::Tensor& x_ND,
                                 const Pass& pass, Saved* saved) const
{
    const RouterBlock::Routed routed = m_router.forward(normed_ND);
    if (pass.counting != nullptr) {
        m_router.count(routed, *pass.counting);
    }
    const Gathered gathered =
        gather(routed.chosen_NK, normed_ND.scalar_type(), pass.added == nullptr);
    const at::Tensor rows_SD = normed_ND.index_select(0, gathered.tokens_S);
    const at::Tensor voices_S =
        pass.voices_N.defined() ? pass.voices_N.index_select(0, gathered.tokens_S) : at::Tensor();
    if (saved != nullptr) {
        saved->routed = routed;
        saved->experts.resize(m_experts.size());
    }
    at::Tensor out_SD = at::empty_like(rows_SD);
    for (const Gathered::Rows& part : gathered.parts) {
        const at::Tensor voices =
            voices_S.defined() ? voices_S.narrow(0, part.first, part.count) : at::Tensor();
        out_SD.narrow(0, part.first, part.count)
            .copy_(m_experts[part.expert].forward(
                rows_SD.narrow(0, part.first, part.count), {},
                saved == nullptr ? nullptr : &saved->experts[part.expert], voices));
    }
    return withShared(sumOfRows(out_SD, gathered.places_NK, m_router.weightsOf(routed)), normed_ND,
                      x_ND, pass, saved);
}

void MixtureBlock::sharedBackward(const at::Tensor& dy_ND, const at::Tensor& normed_ND,
                                  const Saved& saved, at::Tensor& dx_ND)
{
    const at::Tensor weight_N = sharedWeight(normed_ND);
    if (!weight_N.defined()) {
        dx_ND.add_(m_shared->backward(dy_ND, normed_ND, saved.shared));
        return;
    }
    FeedForwardBlock::RowWeights weights {weight_N, {}};
    dx_ND.add_(m_shared->backward(dy_ND, normed_ND, saved.shared, &weights));
    const at::Tensor dgate_N1 =
        (weights.dweights_N * weight_N * at::rsub(weight_N, 1.0)).unsqueeze(1);
    dx_ND.add_((dgate_N1 * toReal(m_sharedGate->value)).to(dx_ND.scalar_type()));
    if (m_sharedGate->trains()) {
        at::Tensor& sum_1D = m_sharedGate->trained.sum();
        sum_1D.add_(at::mm(dgate_N1.t(), toReal(normed_ND)).to(sum_1D.scalar_type()));
    }
}

at::Tensor MixtureBlock::backward(const at::Tensor& dy_ND, const at::Tensor& normed_ND,
                                  const Pass& pass, const Saved& saved)
{
    const Gathered gathered = gather(saved.routed.chosen_NK, normed_ND.scalar_type(), true);
    const at::Tensor weights_NK = m_router.weightsOf(saved.routed);
    // Rows that fill up count by 0: nothing that trains learns of them.
    const at::Tensor weights_S =
        at::constant_pad_nd(weights_NK.flatten(), {0, 1}).index_select(0, gathered.taken_S);
    const at::Tensor rows_SD = normed_ND.index_select(0, gathered.tokens_S);
    const at::Tensor dy_SD = dy_ND.index_select(0, gathered.tokens_S);
    at::Tensor dx_SD = at::empty_like(rows_SD);
    at::Tensor dweights_S = at::empty_like(weights_S);
    for (const Gathered::Rows& part : gathered.parts) {
        const auto of = [&](const at::Tensor& t) { return t.narrow(0, part.first, part.count); };
        FeedForwardBlock::RowWeights weights {of(weights_S), {}};
        of(dx_SD).copy_(m_experts[part.expert].backward(of(dy_SD), of(rows_SD),
                                                        saved.experts[part.expert], &weights));
        of(dweights_S).copy_(weights.dweights_N);
    }
    at::Tensor dx_ND = sumOfRows(dx_SD, gathered.places_NK, {});
    m_router.backward(
        dweights_S.index_select(0, gathered.places_NK.flatten()).view(gathered.places_NK.sizes()),
        saved.routed, normed_ND, pass.counted, dx_ND);
    if (m_shared) {
        sharedBackward(dy_ND, normed_ND, saved, dx_ND);
    }
    return dx_ND;
}

BlockMemory MixtureBlock::memory(const MixturePlan& plan)
{
    const std::int64_t chosen = plan.routing.chosen;
    const BlockMemory expert = FeedForwardBlock::memory(plan.experts.front());
    const std::int64_t width = plan.experts.front().down.rows;
    BlockMemory memory;
    // Scores in float32, what was chosen in 64 bits.
    memory.saved = chosen * expert.saved + 2 * plan.routing.experts + 4 * chosen;
    // Rows of tokens and of gradients before and behind the experts, sums in float32; of an expert all tokens at most.
    memory.temporary = 4 * chosen * width + 4 * width + expert.temporary;
    if (plan.shared.exists()) {
        const BlockMemory shared = FeedForwardBlock::memory(plan.shared);
        memory.saved += shared.saved;
        memory.temporary = std::max(memory.temporary, 3 * width + shared.temporary);
    }
    return memory;
}

} // namespace pissarro::core::inline decoder::inline blocks

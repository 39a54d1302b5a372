// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/mixture_block_tensors.h"

#include <ATen/ATen.h>

#include <limits>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

constexpr double kNoDivision = 1e-20; // transformers adds it to sums of sigmoids

at::Tensor toReal(const at::Tensor& t)
{
    return t.to(masterTypeOf(t.scalar_type()));
}

} // namespace

RouterBlock::RouterBlock(const MixturePlan& plan, const WeightLoader& loader)
    : m_how(plan.routing)
    , m_weight(loader.own(plan.router))
{
    if (!plan.correction.empty()) {
        m_correction_E = loader.precise(plan.correction);
    }
}

RouterBlock::Routed RouterBlock::forward(const at::Tensor& x_ND) const
{
    // In float32, and rounded where transformers multiplies in the model's dtype.
    at::Tensor logits_NE = at::mm(toReal(x_ND), toReal(m_weight.value).t());
    if (!m_how.wideLogits) {
        logits_NE = logits_NE.to(x_ND.scalar_type()).to(logits_NE.scalar_type());
    }
    Routed routed;
    routed.scores_NE =
        m_how.score == RouterScore::Softmax ? at::softmax(logits_NE, 1) : at::sigmoid(logits_NE);
    at::Tensor choice_NE = routed.scores_NE;
    if (m_correction_E.defined()) {
        choice_NE = choice_NE + m_correction_E;
    }
    if (m_how.chosenGroups < m_how.groups) {
        const at::Tensor groups_NGE = choice_NE.unflatten(1, {m_how.groups, -1});
        const at::Tensor best_NG = std::get<0>(groups_NGE.topk(m_how.groupBest, 2)).sum(2);
        const at::Tensor taken = std::get<1>(best_NG.topk(m_how.chosenGroups, 1));
        const at::Tensor out_NG =
            at::ones(best_NG.sizes(), best_NG.options().dtype(at::kBool)).scatter_(1, taken, false);
        choice_NE =
            groups_NGE.masked_fill(out_NG.unsqueeze(2), -std::numeric_limits<double>::infinity())
                .flatten(1);
    }
    routed.chosen_NK = std::get<1>(choice_NE.topk(m_how.chosen, 1));
    return routed;
}

at::Tensor RouterBlock::sumOf(const at::Tensor& scores_NK) const
{
    if (!m_how.normalized) {
        return {};
    }
    const at::Tensor sum_N1 = scores_NK.sum(1, true);
    return m_how.score == RouterScore::Sigmoid ? sum_N1 + kNoDivision : sum_N1;
}

at::Tensor RouterBlock::weightsOf(const Routed& routed) const
{
    at::Tensor weights_NK = routed.scores_NE.gather(1, routed.chosen_NK);
    const at::Tensor sum_N1 = sumOf(weights_NK);
    if (sum_N1.defined()) {
        weights_NK = weights_NK / sum_N1;
    }
    return m_how.scale == 1.0 ? weights_NK : weights_NK * m_how.scale;
}

void RouterBlock::count(const Routed& routed, RoutingSums& sums) const
{
    const at::Tensor scores_NE = routed.scores_NE.narrow(0, 0, sums.tokens);
    const at::Tensor chosen = routed.chosen_NK.narrow(0, 0, sums.tokens).flatten();
    const at::Tensor times_E = at::bincount(chosen, {}, m_how.experts).to(scores_NE.scalar_type());
    const at::Tensor score_E = scores_NE.sum(0);
    sums.chosen_E = sums.chosen_E.defined() ? sums.chosen_E + times_E : times_E;
    sums.scores_E = sums.scores_E.defined() ? sums.scores_E + score_E : score_E;
    sums.rows += static_cast<double>(sums.tokens);
}

at::Tensor RouterBlock::scoreGradient(const at::Tensor& dweights_NK, const Routed& routed) const
{
    at::Tensor dchosen_NK = dweights_NK * m_how.scale;
    const at::Tensor scores_NK = routed.scores_NE.gather(1, routed.chosen_NK);
    const at::Tensor sum_N1 = sumOf(scores_NK);
    if (sum_N1.defined()) {
        dchosen_NK = (dchosen_NK - (dchosen_NK * scores_NK).sum(1, true) / sum_N1) / sum_N1;
    }
    return at::zeros_like(routed.scores_NE).scatter_(1, routed.chosen_NK, dchosen_NK);
}

void RouterBlock::backward(const at::Tensor& dweights_NK, const Routed& routed,
                           const at::Tensor& x_ND, const RoutingSums* sums, at::Tensor& dx_ND)
{
    const at::Tensor& s_NE = routed.scores_NE;
    at::Tensor ds_NE = scoreGradient(dweights_NK, routed);
    if (sums != nullptr) {
        ds_NE.narrow(0, 0, sums->tokens).add_(sums->scoreGradient());
    }
    const at::Tensor dlogits_NE = m_how.score == RouterScore::Softmax
        ? s_NE * (ds_NE - (ds_NE * s_NE).sum(1, true))
        : ds_NE * s_NE * at::rsub(s_NE, 1.0);
    dx_ND.add_(at::mm(dlogits_NE, toReal(m_weight.value)).to(dx_ND.scalar_type()));
    if (m_weight.trains()) {
        at::Tensor& sum_ED = m_weight.trained.sum();
        sum_ED.add_(at::mm(dlogits_NE.t(), toReal(x_ND)).to(sum_ED.scalar_type()));
    }
}

} // namespace pissarro::core::inline decoder::inline blocks

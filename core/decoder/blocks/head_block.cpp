// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/blocks/head_block_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

constexpr std::int64_t kLogitRows = 256; // rows of logits that exist at once

double mean(double sum, std::int64_t count)
{
    return sum / static_cast<double>(std::max<std::int64_t>(1, count));
}

at::Tensor lossesOf(const Ops& ops, const at::Tensor& logits_RV, const at::Tensor& labels_R)
{
    return labels_R.is_floating_point()
        ? (logits_RV.select(1, 0).to(at::kDouble) - labels_R.to(at::kDouble)).square()
        : ops.crossEntropyPerRow(logits_RV, labels_R);
}

} // namespace

HeadBlock::HeadBlock(const HeadPlan& plan, const WeightLoader& loader,
                     const EmbeddingBlock& embedding, const HeadBlock* donor)
    : m_ops(&loader.ops())
    , m_activation(plan.activation)
    , m_tied(plan.tied)
    , m_scale(plan.scale)
    , m_softCap(plan.softCap)
{
    if (plan.norm.exists()) {
        m_norm.emplace(plan.norm, loader);
    }
    if (plan.dense.exists()) {
        m_dense = loader.projection(
            {plan.dense}, donor == nullptr || !donor->m_dense ? nullptr : &*donor->m_dense);
    }
    if (plan.tied) {
        m_weight = embedding.weight();
    } else if (plan.logits.exists()) {
        m_weight = std::make_shared<WholeWeight>(
            loader.matrix(plan.logits.name, donor == nullptr ? nullptr : donor->m_weight.get()));
    }
    if (plan.logits.bias) {
        m_bias = loader.own(plan.biasName.empty() ? plan.logits.name : plan.biasName, "bias");
    }
}

at::Tensor HeadBlock::rowsFilledUp(const at::Tensor& x_RD) const
{
    const std::int64_t more = m_ops->productRows(x_RD.size(0), x_RD.scalar_type()) - x_RD.size(0);
    return more == 0 ? x_RD : at::constant_pad_nd(x_RD, {0, 0, 0, more});
}

HeadBlock::Dense HeadBlock::dense(const at::Tensor& x_MD) const
{
    Dense dense;
    if (!m_dense) {
        dense.out_MD = x_MD;
        return dense;
    }
    dense.before_MD = m_dense->forward(x_MD, {}, &dense.low_MR);
    dense.out_MD = m_ops->activated(dense.before_MD, m_activation);
    return dense;
}

Normed HeadBlock::last(const at::Tensor& dense_MD) const
{
    return m_norm ? m_norm->forward(dense_MD) : Normed {dense_MD, {}};
}

at::Tensor HeadBlock::normed(const at::Tensor& x_MD) const
{
    return last(dense(x_MD.contiguous()).out_MD).y_ND;
}

at::Tensor HeadBlock::forward(const at::Tensor& x_MD) const
{
    return logitsOf(normed(x_MD));
}

at::Tensor HeadBlock::logitsOf(const at::Tensor& h_MD) const
{
    if (!m_weight) {
        throw Error(ErrorKind::Format,
                    "the model has no head, so it gives no logits (expected a model for hidden "
                    "tokens, or one that sorts texts); give it a new head by --labels");
    }
    at::Tensor logits_MV = m_ops->product(h_MD, m_weight->value, Side::Rows, {},
                                          m_bias ? m_bias->value : at::Tensor());
    if (m_scale != 1.0) {
        logits_MV.mul_(m_scale);
    }
    if (m_softCap > 0.0) {
        logits_MV.div_(m_softCap).tanh_().mul_(m_softCap);
    }
    return logits_MV;
}

void HeadBlock::unshapeGradient(at::Tensor& gradient_RV, const at::Tensor& shaped_RV) const
{
    if (m_softCap > 0.0) {
        gradient_RV.mul_(at::rsub((shaped_RV / m_softCap).square_(), 1.0));
    }
    if (m_scale != 1.0) {
        gradient_RV.mul_(m_scale);
    }
}

double HeadBlock::lossOf(at::Tensor& logits_RV, const at::Tensor& labels_R, double scale) const
{
    if (!labels_R.is_floating_point()) {
        return m_ops->crossEntropyInPlace(logits_RV, labels_R, scale);
    }
    const at::Tensor apart_R = logits_RV.select(1, 0).to(at::kDouble) - labels_R.to(at::kDouble);
    if (scale != 0.0) {
        logits_RV.select(1, 0).copy_(apart_R * (2.0 * scale));
    }
    return apart_R.square().sum().item<double>();
}

double HeadBlock::loss(const at::Tensor& x_MD, const at::Tensor& labels_M,
                       const JobContext& job) const
{
    const at::Tensor h_MD = normed(x_MD);
    double sum = 0.0;
    for (std::int64_t first = 0; first < h_MD.size(0); first += kLogitRows) {
        const std::int64_t rows = std::min(kLogitRows, h_MD.size(0) - first);
        job.throwIfCancelled();
        const at::Tensor h_WD = rowsFilledUp(h_MD.narrow(0, first, rows));
        at::Tensor logits_RV = logitsOf(h_WD).narrow(0, 0, rows);
        sum += lossOf(logits_RV, labels_M.narrow(0, first, rows), 0.0);
    }
    return mean(sum, h_MD.size(0));
}

at::Tensor HeadBlock::losses(const at::Tensor& x_MD, const at::Tensor& labels_M,
                             const JobContext& job) const
{
    const at::Tensor h_MD = normed(x_MD);
    at::Tensor losses_M = at::empty({h_MD.size(0)}, h_MD.options().dtype(at::kDouble));
    for (std::int64_t first = 0; first < h_MD.size(0); first += kLogitRows) {
        const std::int64_t rows = std::min(kLogitRows, h_MD.size(0) - first);
        job.throwIfCancelled();
        const at::Tensor h_WD = rowsFilledUp(h_MD.narrow(0, first, rows));
        const at::Tensor logits_RV = logitsOf(h_WD).narrow(0, 0, rows);
        losses_M.narrow(0, first, rows)
            .copy_(lossesOf(*m_ops, logits_RV, labels_M.narrow(0, first, rows)));
    }
    return losses_M;
}

double HeadBlock::lossAndGradient(const at::Tensor& x_MD, const at::Tensor& labels_M,
                                  double gradientScale, at::Tensor& dx_MD, const JobContext& job)
{
    const Dense dense = this->dense(x_MD);
    const Normed last = this->last(dense.out_MD);
    const std::int64_t count = x_MD.size(0);
    double sum = 0.0;
    at::Tensor dh_MD = at::empty_like(last.y_ND);
    for (std::int64_t first = 0; first < count; first += kLogitRows) {
        const std::int64_t rows = std::min(kLogitRows, count - first);
        job.throwIfCancelled();
        const at::Tensor h_WD = rowsFilledUp(last.y_ND.narrow(0, first, rows));
        const at::Tensor logits_WV = logitsOf(h_WD);
        at::Tensor logits_RV = logits_WV.narrow(0, 0, rows);
        const at::Tensor shaped_RV = m_softCap > 0.0 ? logits_RV.clone() : at::Tensor();
        sum += lossOf(logits_RV, labels_M.narrow(0, first, rows),
                      gradientScale / static_cast<double>(count));
        unshapeGradient(logits_RV, shaped_RV);
        logits_WV.narrow(0, rows, h_WD.size(0) - rows).zero_(); // no gradient
        dh_MD.narrow(0, first, rows)
            .copy_(m_ops->product(logits_WV, m_weight->value, Side::Columns).narrow(0, 0, rows));
        if (m_weight->trains()) {
            m_ops->addOuterProduct(m_weight->trained.sum(), logits_WV, h_WD, 1.0);
        }
        if (m_bias && m_bias->trains()) {
            at::Tensor& sum_V = m_bias->trained.sum();
            sum_V.add_(at::sum(logits_RV, {0}, false, sum_V.scalar_type()));
        }
    }
    dx_MD = backwardOf(dh_MD, x_MD, dense, last);
    return mean(sum, count);
}

at::Tensor HeadBlock::backwardOf(const at::Tensor& dh_MD, const at::Tensor& x_MD,
                                 const Dense& dense, const Normed& last)
{
    at::Tensor ddense_MD = dh_MD;
    if (m_norm) {
        ddense_MD = at::zeros_like(dense.out_MD);
        m_norm->backward(dh_MD, dense.out_MD, last, ddense_MD);
    }
    if (!m_dense) {
        return ddense_MD;
    }
    const at::Tensor dbefore_MD =
        m_ops->activatedBackward(dense.before_MD, ddense_MD, m_activation);
    auto gradient = m_dense->inputGradient(dbefore_MD, true);
    m_dense->addGradients(dbefore_MD, x_MD, dense.low_MR, gradient.ds_NR);
    return std::move(gradient.dx_NI);
}

std::int64_t HeadBlock::memory(const HeadPlan& plan, std::int64_t tokens)
{
    return (plan.softCap > 0.0 ? 4 : 2) * std::min(kLogitRows, tokens) * plan.logits.rows;
}

} // namespace pissarro::core::inline decoder::inline blocks

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/head_block_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

constexpr std::int64_t kLogitRows = 256; // rows of logits that exist at once

double mean(double sum, std::int64_t count)
{
    return sum / static_cast<double>(std::max<std::int64_t>(1, count));
}

} // namespace

HeadBlock::HeadBlock(const HeadPlan& plan, const WeightLoader& loader,
                     const EmbeddingBlock& embedding, const HeadBlock* donor)
    : m_ops(&loader.ops())
    , m_weight(plan.tied ? embedding.weight()
                         : std::make_shared<WholeWeight>(loader.matrix(
                             plan.logits.name, donor == nullptr ? nullptr : donor->m_weight.get())))
    , m_tied(plan.tied)
    , m_scale(plan.scale)
    , m_softCap(plan.softCap)
    , m_norm(plan.norm, loader)
{
    if (plan.logits.bias) {
        m_bias = loader.own(plan.logits.name, "bias");
    }
}

at::Tensor HeadBlock::rowsFilledUp(const at::Tensor& x_RD) const
{
    const std::int64_t more = m_ops->productRows(x_RD.size(0), x_RD.scalar_type()) - x_RD.size(0);
    return more == 0 ? x_RD : at::constant_pad_nd(x_RD, {0, 0, 0, more});
}

at::Tensor HeadBlock::normed(const at::Tensor& x_MD) const
{
    return m_norm.forward(x_MD.contiguous()).y_ND;
}

at::Tensor HeadBlock::forward(const at::Tensor& x_MD) const
{
    return logitsOf(normed(x_MD));
}

at::Tensor HeadBlock::logitsOf(const at::Tensor& h_MD) const
{
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
        sum += m_ops->crossEntropyInPlace(logits_RV, labels_M.narrow(0, first, rows), 0.0);
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
            .copy_(m_ops->crossEntropyPerRow(logits_RV, labels_M.narrow(0, first, rows)));
    }
    return losses_M;
}

double HeadBlock::lossAndGradient(const at::Tensor& x_MD, const at::Tensor& labels_M,
                                  double gradientScale, at::Tensor& dx_MD, const JobContext& job)
{
    const Normed last = m_norm.forward(x_MD);
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
        sum += m_ops->crossEntropyInPlace(logits_RV, labels_M.narrow(0, first, rows),
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
    dx_MD = at::zeros_like(x_MD);
    m_norm.backward(dh_MD, x_MD, last, dx_MD);
    return mean(sum, count);
}

std::int64_t HeadBlock::memory(const HeadPlan& plan, std::int64_t tokens)
{
    return (plan.softCap > 0.0 ? 4 : 2) * std::min(kLogitRows, tokens) * plan.logits.rows;
}

} // namespace pissarro::core::inline decoder::inline blocks

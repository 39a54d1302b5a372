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
    , m_norm(plan.norm, loader)
{
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
    return m_ops->product(normed(x_MD), m_weight->value, Side::Rows);
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
        at::Tensor logits_RV = m_ops->product(h_WD, m_weight->value, Side::Rows).narrow(0, 0, rows);
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
        const at::Tensor logits_RV =
            m_ops->product(h_WD, m_weight->value, Side::Rows).narrow(0, 0, rows);
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
        const at::Tensor logits_WV = m_ops->product(h_WD, m_weight->value, Side::Rows);
        at::Tensor logits_RV = logits_WV.narrow(0, 0, rows);
        sum += m_ops->crossEntropyInPlace(logits_RV, labels_M.narrow(0, first, rows),
                                          gradientScale / static_cast<double>(count));
        logits_WV.narrow(0, rows, h_WD.size(0) - rows).zero_(); // no gradient
        dh_MD.narrow(0, first, rows)
            .copy_(m_ops->product(logits_WV, m_weight->value, Side::Columns).narrow(0, 0, rows));
        if (m_weight->trains()) {
            m_ops->addOuterProduct(m_weight->trained.sum(), logits_WV, h_WD, 1.0);
        }
    }
    dx_MD = at::zeros_like(x_MD);
    m_norm.backward(dh_MD, x_MD, last.rstd_N, dx_MD);
    return mean(sum, count);
}

std::int64_t HeadBlock::memory(const HeadPlan& plan, std::int64_t tokens)
{
    return 2 * std::min(kLogitRows, tokens) * plan.logits.rows;
}

} // namespace pissarro::core::inline decoder::inline blocks

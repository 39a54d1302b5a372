// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/blocks/embedding_block_tensors.h"

#include <ATen/ATen.h>

#include <cstdint>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

// The factor itself is rounded to the model's dtype first, as transformers does.
void scaleBy(double factor, at::Tensor& x_ND)
{
    x_ND.mul_(at::scalar_tensor(factor, x_ND.options()));
}

} // namespace

EmbeddingBlock::EmbeddingBlock(const EmbeddingPlan& plan, const WeightLoader& loader,
                               const EmbeddingBlock* donor)
    : m_weight(std::make_shared<WholeWeight>(
        loader.matrix(plan.name, donor == nullptr ? nullptr : donor->m_weight.get())))
    , m_scale(plan.scale)
    , m_padId(plan.padId)
{
    if (plan.positions > 0) {
        m_positions =
            loader.matrix(plan.positionsName,
                          donor == nullptr || !donor->m_positions ? nullptr : &*donor->m_positions);
    }
    if (plan.types > 0) {
        m_types = loader.matrix(plan.typesName,
                                donor == nullptr || !donor->m_types ? nullptr : &*donor->m_types);
    }
    if (plan.norm.exists()) {
        m_norm.emplace(plan.norm, loader);
    }
}

at::Tensor EmbeddingBlock::forward(const at::Tensor& ids_N, const at::Tensor& positions_N,
                                   const at::Tensor& types_N) const
{
    at::Tensor sum_ND = sumOf(ids_N, positions_N, types_N);
    return m_norm ? m_norm->forward(sum_ND).y_ND : sum_ND;
}

at::Tensor EmbeddingBlock::sumOf(const at::Tensor& ids_N, const at::Tensor& positions_N,
                                 const at::Tensor& types_N) const
{
    at::Tensor x_ND = m_weight->value.index_select(0, ids_N);
    if (m_scale != 1.0) {
        scaleBy(m_scale, x_ND);
    }
    if (m_positions && positions_N.numel() > 0) {
        const std::int64_t longest = positions_N.max().item<std::int64_t>() + 1;
        if (longest > m_positions->value.size(0)) {
            throw Error(ErrorKind::Format,
                        fmt::format("a text of {} tokens is longer than the {} positions that the "
                                    "model has learned; shorten it",
                                    longest, m_positions->value.size(0)));
        }
        x_ND.add_(m_positions->value.index_select(0, positions_N));
    }
    if (m_types && types_N.defined() && types_N.numel() > 0) {
        if (types_N.min().item<std::int64_t>() < 0
            || types_N.max().item<std::int64_t>() >= m_types->value.size(0)) {
            throw Error(ErrorKind::Format,
                        fmt::format("a token is of text {} (expected 0 to {}, the token types that "
                                    "the model has learned)",
                                    types_N.max().item<std::int64_t>(),
                                    m_types->value.size(0) - 1));
        }
        x_ND.add_(m_types->value.index_select(0, types_N));
    } else if (m_types) {
        x_ND.add_(m_types->value.select(0, 0));
    }
    return x_ND;
}

void EmbeddingBlock::backward(const at::Tensor& ids_N, const at::Tensor& positions_N,
                              at::Tensor& dx_ND, const at::Tensor& types_N)
{
    if (m_norm) {
        const at::Tensor sum_ND = sumOf(ids_N, positions_N, types_N);
        at::Tensor dsum_ND = at::zeros_like(dx_ND);
        m_norm->backward(dx_ND, sum_ND, m_norm->forward(sum_ND), dsum_ND);
        dx_ND = dsum_ND;
    }
    if (m_types && m_types->trains()) {
        at::Tensor& sum_TD = m_types->trained.sum();
        sum_TD.index_add_(0, types_N.defined() ? types_N : at::zeros_like(ids_N),
                          dx_ND.to(sum_TD.scalar_type()));
    }
    if (m_positions && m_positions->trains()) {
        at::Tensor& sum_PD = m_positions->trained.sum();
        sum_PD.index_add_(0, positions_N, dx_ND.to(sum_PD.scalar_type()));
    }
    if (!m_weight->trains()) {
        return;
    }
    if (m_padId >= 0) {
        // As torch's embedding with a padding_idx: the row of that token learns nothing here.
        dx_ND.masked_fill_(ids_N.eq(m_padId).unsqueeze(1), 0.0);
    }
    if (m_scale != 1.0) {
        scaleBy(m_scale, dx_ND);
    }
    at::Tensor& sum_VD = m_weight->trained.sum();
    sum_VD.index_add_(0, ids_N, dx_ND.to(sum_VD.scalar_type()));
}

} // namespace pissarro::core::inline decoder::inline blocks

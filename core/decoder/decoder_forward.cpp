// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/decoder_tensors.h"
#include "core/decoder/ops/products_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace pissarro::core {

namespace {

std::int64_t positionsOf(const FlatBatch& batch)
{
    return batch.positions_N.numel() == 0 ? 0 : batch.positions_N.max().item<std::int64_t>() + 1;
}

// The batch with tokens more, a row of their own that nothing scores, so that their number suits product().
FlatBatch filledUp(const FlatBatch& batch, at::ScalarType type, at::Device device)
{
    const std::int64_t tokens = batch.ids_N.numel();
    const std::int64_t more = productRows(tokens, type, device) - tokens;
    if (more == 0) {
        return batch;
    }
    FlatBatch filled = batch;
    filled.ids_N = at::cat({batch.ids_N, batch.ids_N.narrow(0, 0, 1).expand({more})});
    filled.positions_N =
        at::cat({batch.positions_N, at::arange(more, batch.positions_N.options())});
    filled.segments.push_back({tokens, more});
    return filled;
}

} // namespace

at::Tensor Decoder::throughLayers(const at::Tensor& ids_N, const Pass& pass, const JobContext& job,
                                  const Left& left) const
{
    at::Tensor x_ND = m_embedding.forward(ids_N);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        job.throwIfCancelled();
        if (left.inputs != nullptr) {
            left.inputs->push_back(x_ND);
        }
        DecoderLayer::Saved* saved = left.saved == nullptr ? nullptr : &(*left.saved)[i];
        if (saved != nullptr && m_checkpointing) {
            saved->x_ND = x_ND;
            saved = nullptr;
        }
        x_ND = m_layers[i].forward(x_ND, pass, left.kept == nullptr ? nullptr : &(*left.kept)[i],
                                   saved);
    }
    return x_ND;
}

Pass Decoder::passOf(const FlatBatch& batch) const
{
    return {batch.positions_N, batch.segments, m_rotary.upTo(positionsOf(batch))};
}

at::Tensor Decoder::logits(const at::Tensor& ids_BT, const at::Tensor& mask_BT,
                           const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const std::int64_t length = ids_BT.size(1);
    at::Tensor all_BTV = at::empty({ids_BT.size(0), length, config().vocabulary}, at::kFloat);
    const RotaryTable& rotary = m_rotary.upTo(length);
    const at::Tensor positions_N =
        at::arange(length, at::TensorOptions().dtype(at::kLong).device(m_device));
    const std::vector<Segment> segments {{0, length}};
    for (std::int64_t row = 0; row < ids_BT.size(0); ++row) {
        Pass pass {positions_N, segments, rotary};
        if (mask_BT.defined() && !mask_BT[row].all().item<bool>()) {
            pass.keyMask_T = mask_BT[row].to(m_device);
        }
        const at::Tensor x_ND = throughLayers(ids_BT[row].to(m_device), pass, job, {});
        all_BTV[row].copy_(m_head.forward(x_ND));
    }
    return all_BTV;
}

std::vector<at::Tensor> Decoder::hiddenStates(const FlatBatch& batch, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    std::vector<at::Tensor> states;
    Left left;
    left.inputs = &states;
    const at::Tensor x_ND = throughLayers(batch.ids_N, passOf(batch), job, left);
    states.push_back(m_head.normed(x_ND));
    return states;
}

at::Tensor Decoder::scoredLogits(const FlatBatch& batch, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const at::Tensor x_ND = throughLayers(batch.ids_N, passOf(batch), job, {});
    return m_head.forward(x_ND.index_select(0, batch.scored_M));
}

double Decoder::loss(const FlatBatch& given, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const FlatBatch batch = filledUp(given, m_type, m_device);
    const at::Tensor x_ND = throughLayers(batch.ids_N, passOf(batch), job, {});
    return m_head.loss(x_ND.index_select(0, batch.scored_M), batch.labels_M, job);
}

double Decoder::lossAndGradients(const FlatBatch& given, double gradientScale,
                                 const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    const FlatBatch batch = filledUp(given, m_type, m_device);
    const Pass pass = passOf(batch);
    std::vector<DecoderLayer::Saved> saved(m_layers.size());
    Left left;
    left.saved = &saved;
    at::Tensor x_ND = throughLayers(batch.ids_N, pass, job, left);
    if (batch.scored_M.numel() == 0) {
        return 0.0;
    }
    at::Tensor dscored_MD;
    const double loss = m_head.lossAndGradient(x_ND.index_select(0, batch.scored_M), batch.labels_M,
                                               gradientScale, dscored_MD, job);
    at::Tensor dx_ND = at::zeros_like(x_ND).index_copy_(0, batch.scored_M, dscored_MD);
    x_ND = at::Tensor();
    for (std::size_t i = m_layers.size(); i-- > 0;) {
        job.throwIfCancelled();
        if (m_checkpointing) {
            m_layers[i].forward(saved[i].x_ND, pass, nullptr, &saved[i]);
        }
        m_layers[i].backward(saved[i], pass, dx_ND, i > 0 || m_embedding.trains());
        saved[i] = {};
    }
    if (m_embedding.trains()) {
        m_embedding.backward(batch.ids_N, dx_ND);
    }
    return loss;
}

} // namespace pissarro::core

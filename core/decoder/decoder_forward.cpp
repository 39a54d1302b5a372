// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/decoder_layer_p.h"
#include "core/decoder/ops/products_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

namespace pissarro::core {

namespace {

constexpr std::int64_t kLogitRows = 256; // rows of logits that exist at once

std::int64_t positionsOf(const FlatBatch& batch)
{
    return batch.positions_N.numel() == 0 ? 0 : batch.positions_N.max().item<std::int64_t>() + 1;
}

// With rows of zeros more, so that their number suits product().
at::Tensor rowsFilledUp(const at::Tensor& x_RD)
{
    const std::int64_t more =
        productRows(x_RD.size(0), x_RD.scalar_type(), x_RD.device()) - x_RD.size(0);
    return more == 0 ? x_RD : at::constant_pad_nd(x_RD, {0, 0, 0, more});
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

at::Tensor Decoder::layerForward(const DecoderLayer& layer, const at::Tensor& x_ND,
                                 const FlatBatch& batch, const at::Tensor& keyMask_T,
                                 LayerSaved* saved) const
{
    const ModelConfig& c = config();
    LayerSaved kept;
    const at::Tensor normed = rmsNorm(x_ND, layer.inputNorm.w_D, c.rmsEpsilon, c.normOffset).y_ND;
    at::Tensor qkv_NC = layer.qkv.forward(normed, {}, &kept.qkvLow_NR);
    rotate(qkv_NC, batch.positions_N, m_rotary, c.heads + c.kvHeads, 1.0);
    AttentionSaved attended = attention(qkv_NC, batch.segments, attentionShape(layer), keyMask_T);
    at::Tensor middle_ND = layer.o.forward(attended.y_NC, x_ND, &kept.oLow_NR);
    const at::Tensor normedMiddle =
        rmsNorm(middle_ND, layer.mlpNorm.w_D, c.rmsEpsilon, c.normOffset).y_ND;
    const at::Tensor gateUp_N2F = layer.gateUp.forward(normedMiddle, {}, &kept.gateUpLow_NR);
    at::Tensor out_ND = layer.down.forward(gated(gateUp_N2F, layer.plan.feed.activation), middle_ND,
                                           &kept.downLow_NR);
    if (saved != nullptr) {
        kept.x_ND = x_ND;
        kept.qkv_NC = qkv_NC;
        kept.attention = std::move(attended);
        kept.middle_ND = middle_ND;
        kept.gateUp_N2F = gateUp_N2F;
        *saved = std::move(kept);
    }
    return out_ND;
}

at::Tensor Decoder::logits(const at::Tensor& ids_BT, const at::Tensor& mask_BT,
                           const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const std::int64_t length = ids_BT.size(1);
    at::Tensor all_BTV = at::empty({ids_BT.size(0), length, config().vocabulary}, at::kFloat);
    rotary(length);
    for (std::int64_t row = 0; row < ids_BT.size(0); ++row) {
        FlatBatch batch;
        batch.ids_N = ids_BT[row].to(m_device);
        batch.positions_N =
            at::arange(length, at::TensorOptions().dtype(at::kLong).device(m_device));
        batch.segments = {{0, length}};
        at::Tensor keyMask;
        if (mask_BT.defined() && !mask_BT[row].all().item<bool>()) {
            keyMask = mask_BT[row].to(m_device);
        }
        at::Tensor x_ND = embed(batch.ids_N);
        for (const DecoderLayer& layer : m_layers) {
            job.throwIfCancelled();
            x_ND = layerForward(layer, x_ND, batch, keyMask, nullptr);
        }
        all_BTV[row].copy_(product(finalNorm(x_ND), m_head_VD, Side::Rows));
    }
    return all_BTV;
}

std::vector<at::Tensor> Decoder::hiddenStates(const FlatBatch& batch, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    rotary(positionsOf(batch));
    std::vector<at::Tensor> states {embed(batch.ids_N)};
    for (const DecoderLayer& layer : m_layers) {
        job.throwIfCancelled();
        states.push_back(layerForward(layer, states.back(), batch, {}, nullptr));
    }
    states.back() = finalNorm(states.back());
    return states;
}

at::Tensor Decoder::scoredLogits(const FlatBatch& batch, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    rotary(positionsOf(batch));
    at::Tensor x_ND = embed(batch.ids_N);
    for (const DecoderLayer& layer : m_layers) {
        job.throwIfCancelled();
        x_ND = layerForward(layer, x_ND, batch, {}, nullptr);
    }
    return product(finalNorm(x_ND.index_select(0, batch.scored_M)), m_head_VD, Side::Rows);
}

double Decoder::loss(const FlatBatch& given, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const FlatBatch batch = filledUp(given, m_type, m_device);
    rotary(positionsOf(batch));
    at::Tensor x_ND = embed(batch.ids_N);
    for (const DecoderLayer& layer : m_layers) {
        job.throwIfCancelled();
        x_ND = layerForward(layer, x_ND, batch, {}, nullptr);
    }
    const at::Tensor h_MD = finalNorm(x_ND.index_select(0, batch.scored_M));
    double sum = 0.0;
    for (std::int64_t first = 0; first < h_MD.size(0); first += kLogitRows) {
        const std::int64_t rows = std::min(kLogitRows, h_MD.size(0) - first);
        job.throwIfCancelled();
        const at::Tensor h_WD = rowsFilledUp(h_MD.narrow(0, first, rows));
        at::Tensor logits_RV = product(h_WD, m_head_VD, Side::Rows).narrow(0, 0, rows);
        sum += crossEntropyInPlace(logits_RV, batch.labels_M.narrow(0, first, rows), 0.0);
    }
    return sum / static_cast<double>(std::max<std::int64_t>(1, h_MD.size(0)));
}

void Decoder::normBackward(NormWeight& norm, const at::Tensor& dy_ND, const at::Tensor& x_ND,
                           const at::Tensor& rstd_N, at::Tensor& dx_ND) const
{
    if (norm.trained.value.defined()) {
        norm.trained.sum().add_(rmsNormWeightGradient(dy_ND, x_ND, rstd_N));
    }
    rmsNormBackward(dy_ND, x_ND, rstd_N, norm.w_D, config().normOffset, dx_ND);
}

void Decoder::layerBackward(DecoderLayer& layer, const LayerSaved& saved, const FlatBatch& batch,
                            at::Tensor& dx_ND, bool needsInput)
{
    const ModelConfig& c = config();
    const Normed middle = rmsNorm(saved.middle_ND, layer.mlpNorm.w_D, c.rmsEpsilon, c.normOffset);
    {
        const auto down = layer.down.inputGradient(dx_ND, true);
        // The gradient of gate and up; down_proj's input comes out of the same pass.
        const GatedGradient gate =
            gatedBackward(saved.gateUp_N2F, down.dx_NI, layer.plan.feed.activation);
        layer.down.addGradients(dx_ND, gate.out_NF, saved.downLow_NR, down.ds_NR);
        const auto gateUp = layer.gateUp.inputGradient(gate.dab_N2F, true);
        layer.gateUp.addGradients(gate.dab_N2F, middle.y_ND, saved.gateUpLow_NR, gateUp.ds_NR);
        normBackward(layer.mlpNorm, gateUp.dx_NI, saved.middle_ND, middle.rstd_N, dx_ND);
    }
    const auto o = layer.o.inputGradient(dx_ND, true);
    layer.o.addGradients(dx_ND, saved.attention.y_NC, saved.oLow_NR, o.ds_NR);
    at::Tensor dqkv_NC = attentionBackward(o.dx_NI, saved.qkv_NC, saved.attention, batch.segments,
                                           attentionShape(layer));
    rotate(dqkv_NC, batch.positions_N, m_rotary, c.heads + c.kvHeads, -1.0);
    const Normed input = rmsNorm(saved.x_ND, layer.inputNorm.w_D, c.rmsEpsilon, c.normOffset);
    const bool normTrained = layer.inputNorm.trained.value.defined();
    const auto qkv = layer.qkv.inputGradient(dqkv_NC, needsInput || normTrained);
    layer.qkv.addGradients(dqkv_NC, input.y_ND, saved.qkvLow_NR, qkv.ds_NR);
    if (needsInput || normTrained) {
        normBackward(layer.inputNorm, qkv.dx_NI, saved.x_ND, input.rstd_N, dx_ND);
    }
}

double Decoder::headLoss(const at::Tensor& h_MD, const at::Tensor& labels_M, double gradientScale,
                         at::Tensor* dh_MD, const JobContext& job)
{
    const std::int64_t count = h_MD.size(0);
    Trainable& head = m_headTrained.value.defined() ? m_headTrained : m_embeddingTrained;
    const bool headTrains =
        head.value.defined() && (m_headTrained.value.defined() || config().tiedEmbeddings);
    double sum = 0.0;
    *dh_MD = at::empty_like(h_MD);
    for (std::int64_t first = 0; first < count; first += kLogitRows) {
        const std::int64_t rows = std::min(kLogitRows, count - first);
        job.throwIfCancelled();
        const at::Tensor h_WD = rowsFilledUp(h_MD.narrow(0, first, rows));
        const at::Tensor logits_WV = product(h_WD, m_head_VD, Side::Rows);
        at::Tensor logits_RV = logits_WV.narrow(0, 0, rows);
        sum += crossEntropyInPlace(logits_RV, labels_M.narrow(0, first, rows),
                                   gradientScale / static_cast<double>(count));
        logits_WV.narrow(0, rows, h_WD.size(0) - rows).zero_(); // no gradient
        dh_MD->narrow(0, first, rows)
            .copy_(product(logits_WV, m_head_VD, Side::Columns).narrow(0, 0, rows));
        if (headTrains) {
            addOuterProduct(head.sum(), logits_WV, h_WD, 1.0);
        }
    }
    return sum / static_cast<double>(std::max<std::int64_t>(1, count));
}

double Decoder::lossAndGradients(const FlatBatch& given, double gradientScale,
                                 const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    const FlatBatch batch = filledUp(given, m_type, m_device);
    rotary(positionsOf(batch));
    std::vector<LayerSaved> saved(m_layers.size());
    at::Tensor x_ND = embed(batch.ids_N);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        job.throwIfCancelled();
        if (m_checkpointing) {
            saved[i].x_ND = x_ND;
        }
        x_ND = layerForward(m_layers[i], x_ND, batch, {}, m_checkpointing ? nullptr : &saved[i]);
    }
    if (batch.scored_M.numel() == 0) {
        return 0.0;
    }
    const ModelConfig& c = config();
    const at::Tensor scored_MD = x_ND.index_select(0, batch.scored_M);
    const Normed last = rmsNorm(scored_MD, m_finalNorm.w_D, c.rmsEpsilon, c.normOffset);
    at::Tensor dh_MD;
    const double loss = headLoss(last.y_ND, batch.labels_M, gradientScale, &dh_MD, job);
    at::Tensor dscored_MD = at::zeros_like(scored_MD);
    normBackward(m_finalNorm, dh_MD, scored_MD, last.rstd_N, dscored_MD);
    at::Tensor dx_ND = at::zeros_like(x_ND).index_copy_(0, batch.scored_M, dscored_MD);
    x_ND = at::Tensor();
    const bool embeddingTrains = m_embeddingTrained.value.defined();
    for (std::size_t i = m_layers.size(); i-- > 0;) {
        job.throwIfCancelled();
        if (m_checkpointing) {
            layerForward(m_layers[i], saved[i].x_ND, batch, {}, &saved[i]);
        }
        layerBackward(m_layers[i], saved[i], batch, dx_ND, i > 0 || embeddingTrains);
        saved[i] = {};
    }
    if (embeddingTrains) {
        if (c.padId >= 0) {
            // As torch's embedding with a padding_idx: the row of that token learns nothing here.
            dx_ND.masked_fill_(batch.ids_N.eq(c.padId).unsqueeze(1), 0.0);
        }
        if (c.scaleEmbedding) {
            dx_ND.mul_(at::scalar_tensor(std::sqrt(static_cast<double>(c.width)), dx_ND.options()));
        }
        at::Tensor& sum_VD = m_embeddingTrained.sum();
        sum_VD.index_add_(0, batch.ids_N, dx_ND.to(sum_VD.scalar_type()));
    }
    return loss;
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/dataset/batches.h"
#include "core/decoder/blocks/projection_tensors.h"
#include "core/decoder/ops/attention_tensors.h"
#include "core/decoder/ops/fused_ops_tensors.h"
#include "core/model/model_files.h"
#include "core/model/plan/layer_plan.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core {

// A normalisation's weight; trainable in full fine-tuning.
struct NormWeight {
    std::string name;
    at::Tensor w_D;
    Trainable trained; // undefined tensors while frozen
};

struct DecoderLayer {
    LayerPlan plan;
    NormWeight inputNorm;
    Projection qkv; // q_proj, k_proj, v_proj
    Projection o;
    NormWeight mlpNorm;
    Projection gateUp; // gate_proj, up_proj
    Projection down;

    std::vector<Projection*> projections() { return {&qkv, &o, &gateUp, &down}; }
};

// Keys and values of a batch of sequences so far, per layer. Sequences differ in length; each begins at position 0.
struct KvCache {
    std::vector<at::Tensor> keys; // [B, kvHeads, capacity, headDim]
    std::vector<at::Tensor> values;
    std::vector<std::int64_t> lengths; // tokens of each sequence; empty: nothing was fed yet

    void keep(const std::vector<std::int64_t>& rows); // these sequences alone, in this order
};

// The tokens of a batch on one flat axis, padding left out.
struct FlatBatch {
    at::Tensor ids_N;
    at::Tensor positions_N;
    std::vector<Segment> segments;
    at::Tensor scored_M; // flat indices whose next token counts
    at::Tensor labels_M; // that next token
};
FlatBatch flatten(const Batch& batch, at::Device device);

class Decoder;

// Where a decoder's weights come from, module by module ("model.embed_tokens", "model.layers.0.self_attn.q_proj").
struct WeightPlan {
    using Modules = std::function<bool(const std::string& module)>;
    // A decoder of the same dtype and device whose embedding, head and linear matrices are used in place, without a copy,
    // where `shares` says so: neither of the two may change them, and both must read the same numbers. Norms are never
    // shared. Stacked matrices (q, k, v; gate, up) are shared together or not at all.
    const Decoder* donor = nullptr;
    Modules shares; // empty: everything
    Modules changes; // will be written to: never kept in four bits; empty: nothing
    // Linear weights that are not held but made for each product; empty, or an empty maker: held.
    std::function<WeightMaker(const std::string& module)> makes;
};

// A decoder with its weights: forward, loss, gradients and cached generation for every family that ModelConfig describes.
//
// The backward pass is written out by hand: it saves a layer's input, its rotated q, k, v, the attention output, the
// middle of the layer and gate|up, and computes norms and activations again. Logits exist for a slice of the scored
// tokens at a time, and only in the pass that turns them into their own gradient.
// Dtype: weights and activations in one dtype (float32, bfloat16; float64 in tests); adapters and masters float32.
// Threads: one user at a time. Every member runs with LibTorch's autograd off.
class Decoder {
public:
    // Fills every weight. Matrices that the files hold in four bits stay so, and are made for each product.
    // Throws: Error{Format}; Cancelled.
    Decoder(std::shared_ptr<const ModelFiles> files, at::ScalarType type, at::Device device,
            const JobContext& job, const WeightPlan& plan = {});

    const ModelConfig& config() const { return m_files->config(); }
    const ModelFiles& files() const { return *m_files; }
    at::ScalarType type() const { return m_type; }
    at::Device device() const { return m_device; }

    // The frozen weight of a linear module. Throws: Error{Internal} for a module that there is not.
    at::Tensor weightOf(const std::string& module) const; // to read: a view, or made
    at::Tensor
    heldWeight(const std::string& module) const; // to write. Throws: too where it is not held
    void attach(const AdapterSet& adapters); // replaces those there are
    // Makes W + scale B A the frozen weights, without changing W (Projection::complete()). Before attach().
    void complete(const AdapterSet& terms);
    AdapterSet adapters() const; // handles of the masters, in module order
    // Full fine-tuning of what `wanted` names: "model.embed_tokens", "model.norm", "model.layers.0.self_attn.q_proj" …
    void trainWeights(const std::function<bool(const std::string& module)>& wanted);
    std::vector<Trainable*> trainables();
    void refresh(); // after each change of a master
    // Keep only each layer's input and compute the layer again in the backward pass. The numbers are the same bit for
    // bit; the forward work doubles.
    void setCheckpointing(bool on) { m_checkpointing = on; }

    // Logits [B, T, V] of padded ids; mask_BT (may be undefined) hides keys as transformers' attention_mask does.
    // Throws: Cancelled between layers, as all below do.
    at::Tensor logits(const at::Tensor& ids_BT, const at::Tensor& mask_BT,
                      const JobContext& job = {}) const;
    // Hidden states: embedding, after each layer, and in place of the last one after the final norm; [layers + 1] of [N, D].
    std::vector<at::Tensor> hiddenStates(const FlatBatch& batch, const JobContext& job = {}) const;
    // Mean loss of the scored tokens, and logits of the scored tokens where asked [M, V].
    double loss(const FlatBatch& batch, const JobContext& job = {}) const;
    at::Tensor scoredLogits(const FlatBatch& batch, const JobContext& job = {}) const;
    // Mean loss of the scored tokens; adds `gradientScale` times its gradient to the trainables.
    // Requires: refresh() since the last change. Cancelled, it leaves gradients that are a part of the sum.
    double lossAndGradients(const FlatBatch& batch, double gradientScale, const JobContext& job);

    // Feeds tokens of each sequence, at least one; returns the logits [B, V] after the last of each. The cache grows.
    // A sequence's numbers depend on its own tokens alone, up to the rounding of products of another height.
    // Cancelled, it leaves a cache that is of no more use.
    at::Tensor feed(const std::vector<std::vector<std::int32_t>>& ids, KvCache& cache,
                    const JobContext& job = {}) const;

private:
    struct LayerSaved;
    at::Tensor embed(const at::Tensor& ids_N) const;
    const RotaryTable& rotary(std::int64_t positions) const;
    at::Tensor layerForward(const DecoderLayer& layer, const at::Tensor& x_ND,
                            const FlatBatch& batch, const at::Tensor& keyMask_T,
                            LayerSaved* saved) const;
    void layerBackward(DecoderLayer& layer, const LayerSaved& saved, const FlatBatch& batch,
                       at::Tensor& dx_ND, bool needsInput);
    at::Tensor finalNorm(const at::Tensor& x_ND) const;
    double headLoss(const at::Tensor& h_MD, const at::Tensor& labels_M, double gradientScale,
                    at::Tensor* dh_MD, const JobContext& job);
    void normBackward(NormWeight& norm, const at::Tensor& dy_ND, const at::Tensor& x_ND,
                      const at::Tensor& rstd_N, at::Tensor& dx_ND) const;
    AttentionShape attentionShape(const DecoderLayer& layer) const;
    struct Loading {
        const WeightPlan& plan;
        const JobContext& job;
    };
    void loadLayer(std::int64_t index, const WeightPlan& plan, const JobContext& job);
    Projection project(const std::vector<LinearPlan>& stacked, const Loading& loading,
                       const Projection* given) const;
    // Calls visit(projection, part) with the place of the module. Throws: Error{Internal}.
    template <class Visit>
    void atModule(const std::string& module, const Visit& visit) const;
    template <class Visit>
    void eachProjection(const Visit& visit);

    std::shared_ptr<const ModelFiles> m_files;
    at::ScalarType m_type;
    at::Device m_device;
    at::Tensor m_embedding_VD;
    Trainable m_embeddingTrained;
    std::vector<DecoderLayer> m_layers;
    NormWeight m_finalNorm;
    at::Tensor m_head_VD; // the embedding itself when tied
    Trainable m_headTrained;
    mutable RotaryTable m_rotary; // grows on demand
    bool m_checkpointing = false;
};

} // namespace pissarro::core

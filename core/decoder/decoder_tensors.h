// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/base/job_context.h"
#include "core/dataset/batches.h"
#include "core/decoder/blocks/convolution_block_tensors.h"
#include "core/decoder/blocks/embedding_block_tensors.h"
#include "core/decoder/blocks/head_block_tensors.h"
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "core/decoder/blocks/weight_loader_tensors.h"
#include "core/decoder/layer_tensors.h"
#include "core/model/model_files.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline decoder {

// Keys and values of a batch of sequences so far.
struct KvCache {
    std::vector<KvLayer> layers;
    std::vector<std::int64_t> lengths; // tokens of each sequence; empty: nothing was fed yet
    // Which of Decoder::attachVoices() each sequence is; set before the first token. Empty: the first.
    std::vector<std::int64_t> voices = {};
    // Of a model whose positions turn otherwise in longer texts: the tokens of each sequence, and which frequencies its keys
    // have (RotaryBlock::regimeOf()). Where they would have others, all is fed anew.
    std::vector<std::vector<std::int32_t>> ids = {};
    std::int64_t turnedAs = kTurnedApart;
    static constexpr std::int64_t kTurnedApart = -1; // not all alike

    void keep(const std::vector<std::int64_t>& rows); // these sequences alone, in this order
    // Those of `other` behind these; either may be empty. Requires: of the same decoder; both with voices, or neither.
    void append(const KvCache& other);
    // Its one sequence `times` times, each to be gone on with by itself: what several have in common is fed once.
    KvCache repeated(std::int64_t times) const;
    // The first tokens of one of its sequences: views of what this holds. They have no room behind their end, so that what
    // goes on behind them writes into memory of its own.
    KvCache beginning(std::int64_t row, std::int64_t tokens) const;
};

// The tokens of a batch on one flat axis, padding left out.
struct FlatBatch {
    at::Tensor ids_N;
    at::Tensor positions_N;
    std::vector<Segment> segments;
    at::Tensor scored_M; // flat indices whose next token counts
    at::Tensor labels_M; // that next token
    at::Tensor voices_N =
        {}; // of each whose adapter acts (Decoder::attachVoices()); undefined: the first one's
    at::Tensor types_N = {}; // which of two texts each is of; undefined: all of the first
};
FlatBatch flatten(const Batch& batch, at::Device device);
// Of sequences with what is said to follow each of their tokens; kIgnoreLabel: nothing that counts. `voices`: of each
// sequence; empty: the first one's. Throws: Error{Internal} where they do not fit each other.
FlatBatch flatten(const std::vector<std::vector<std::int32_t>>& ids,
                  const std::vector<std::vector<std::int32_t>>& labels,
                  const std::vector<std::int64_t>& voices, at::Device device);

// A decoder with its weights: forward, loss, gradients and cached generation for every family that ModelConfig describes, and
// all but the generation of the encoders among them. It is an embedding, layers and a head; what these compute is theirs
// (blocks/, layer_tensors.h).
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
    const Ops& ops() const { return m_ops; } // what it computes with

    // The frozen weight of a linear module. Throws: Error{Internal} for a module that there is not.
    at::Tensor weightOf(const std::string& module) const; // to read: a view, or made
    at::Tensor
    heldWeight(const std::string& module) const; // to write. Throws: too where it is not held
    void attach(const AdapterSet& adapters); // replaces those there are
    // Several adapters at once instead, to decode with: each sequence of a cache takes the terms of its own
    // (KvCache::voices), products with the base are made once for all. An empty set is the base. None of them trains; what
    // scores or trains takes the first. Throws: Error{Format} as attach().
    void attachVoices(const std::vector<AdapterSet>& voices);
    // Makes W + scale B A the frozen weights, without changing W (Projection::complete()). Before attach().
    void complete(const AdapterSet& terms);
    AdapterSet adapters() const; // handles of the masters, in module order
    // Full fine-tuning of what `wanted` names: "model.embed_tokens", "model.norm", "model.layers.0.self_attn.q_proj" …
    void trainWeights(const std::function<bool(const std::string& module)>& wanted);
    // Sets weights that stand for themselves or in the head, by their whole names. Throws: Error{Internal} for one that the
    // decoder does not hold.
    void setWeights(const std::map<std::string, at::Tensor>& weights);
    std::vector<Trainable*> trainables();
    void refresh(); // after each change of a master
    // Keep only each layer's input and compute the layer again in the backward pass. The numbers are the same bit for
    // bit; the forward work doubles.
    void setCheckpointing(bool on) { m_checkpointing = on; }

    // Logits [B, T, V] of padded ids, or [B, labels] of a head of whole texts; mask_BT (may be undefined) hides keys as
    // transformers' attention_mask does. types_BT: token_type_ids. Throws: Cancelled between layers, as all below do.
    at::Tensor logits(const at::Tensor& ids_BT, const at::Tensor& mask_BT,
                      const JobContext& job = {}, const at::Tensor& types_BT = {}) const;
    // Hidden states: embedding, after each layer, and in place of the last one after the final norm; [layers + 1] of [N, D].
    std::vector<at::Tensor> hiddenStates(const FlatBatch& batch, const JobContext& job = {}) const;
    // Mean loss of the scored tokens, and the share of the load-balancing loss that the configuration asks for, as of
    // transformers; logits of the scored tokens [M, V].
    double loss(const FlatBatch& batch, const JobContext& job = {}) const;
    at::Tensor losses(const FlatBatch& batch,
                      const JobContext& job = {}) const; // of each, float64 [M]
    at::Tensor scoredLogits(const FlatBatch& batch, const JobContext& job = {}) const;
    // The same loss; adds `gradientScale` times its gradient to the trainables.
    // `dropout` acts in this call alone. Requires: refresh() since the last change. Cancelled, it leaves gradients that are a
    // part of the sum.
    double lossAndGradients(const FlatBatch& batch, double gradientScale, const JobContext& job,
                            const Dropout& dropout = {});

    // Feeds tokens of each sequence, at least one; returns the logits [B, V] after the last of each. The cache grows.
    // A sequence's numbers depend on its own tokens alone, up to the rounding of products of another height.
    // Cancelled, it leaves a cache that is of no more use.
    at::Tensor feed(const std::vector<std::vector<std::int32_t>>& ids, KvCache& cache,
                    const JobContext& job = {}) const;
    // The same, but -log p of what is said to follow each token: `labels` as `ids`, kIgnoreLabel where nothing is. float64,
    // one for each label that counts, in the order of the tokens.
    at::Tensor lossesOfFed(const std::vector<std::vector<std::int32_t>>& ids,
                           const std::vector<std::vector<std::int32_t>>& labels, KvCache& cache,
                           const JobContext& job = {}) const;

private:
    Decoder(std::shared_ptr<const ModelFiles> files, const WeightLoader& loader,
            const JobContext& job, const Decoder* donor);
    // What a pass leaves at each layer, [layers] of each; null: nothing.
    struct Left {
        std::vector<KvLayer>* kept = nullptr; // decoding
        std::vector<DecoderLayer::Saved>* saved = nullptr; // for the backward pass
        std::vector<at::Tensor>* inputs = nullptr;
        at::Tensor* beforeConvolution = nullptr; // what the first layer gave
    };
    // x_ND behind the last layer.
    at::Tensor throughLayers(const at::Tensor& ids_N, const Pass& pass, const JobContext& job,
                             const Left& left) const;
    // Of texts of `longest` tokens at most.
    Pass passAt(const at::Tensor& positions_N, const std::vector<Segment>& segments,
                std::int64_t longest) const;
    Pass passOf(const FlatBatch& batch) const;
    // Rows of learned positions where padding has none (Pass::places_N).
    at::Tensor placesOf(const at::Tensor& ids_N, const std::vector<Segment>& segments) const;
    // Back through the layers, of dx_ND of what the last one gave: adds the gradients of all that trains below the head.
    void backwardOfLayers(const FlatBatch& batch, const Pass& pass,
                          std::vector<DecoderLayer::Saved>& saved,
                          const at::Tensor& beforeConvolution, at::Tensor dx_ND,
                          const JobContext& job);
    // `ids`, or all tokens of each sequence where none of what the cache holds may be gone on with; tells the cache of them.
    std::vector<std::vector<std::int32_t>> toFeed(const std::vector<std::vector<std::int32_t>>& ids,
                                                  KvCache& cache) const;
    // Of tokens that are fed to a cache, which grows by them: x_ND behind the last layer.
    struct Fed {
        NewTokens added;
        at::Tensor x_ND;
    };
    Fed throughCache(const std::vector<std::vector<std::int32_t>>& ids, KvCache& cache,
                     const JobContext& job) const;
    void setDropout(const Dropout& dropout);
    // Calls visit(Projection&) and visit(WholeWeight&) in the order of checkpoints.
    template <class Visit>
    void eachParameter(const Visit& visit);
    template <class Visit>
    void eachProjection(const Visit& visit);
    // Calls visit(projection, part) with the place of the module. Throws: Error{Internal}.
    template <class Visit>
    void atModule(const std::string& module, const Visit& visit) const;

    std::shared_ptr<const ModelFiles> m_files;
    at::ScalarType m_type;
    at::Device m_device;
    const Ops& m_ops; // chosen once, by WeightPlan::operations
    mutable RotaryBlock m_rotary; // grows on demand
    mutable std::optional<RotaryBlock>
        m_windowRotary; // of layers with a window that turn by their own
    EmbeddingBlock m_embedding;
    std::optional<RelativeTable> m_relative;
    std::optional<ConvolutionBlock> m_convolution;
    HeadBlock m_head;
    std::vector<DecoderLayer> m_layers;
    bool m_checkpointing = false;
};

} // namespace pissarro::core::inline decoder

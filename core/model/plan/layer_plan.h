// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/model_plan.h"
#include "core/model/plan/part_plans.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline model::inline plan {

// What one layer is made of, in the order in which data takes its way through it: for whoever lists weights, loads them,
// computes or counts memory. Names are Hugging Face's, whole: "model.layers.3.self_attn.q_proj".

// By which of the model's tables a layer turns queries and keys.
enum class Turning {
    None,
    All,
    Window // that of the layers with a window
};

// Scores by distance: vectors of distances, as queries and as keys, made by matrices of their own or by the layer's.
struct RelativePlan {
    RelativePositions positions;
    LinearPlan query = {}, key = {}; // of their own, where such are used

    bool exists() const { return positions.span > 0; }
    std::vector<LinearPlan> linears() const; // those of its own that there are
};

struct AttentionPlan {
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t window = 0; // a token sees this many, itself included; 0: all before it
    LinearPlan query, key, value, output; // without key and value: `query` makes all three
    // Of queries and keys before they turn; both or none.
    NormPlan queryNorm = {}, keyNorm = {};
    Turning turning = Turning::All;
    FusedOrder order = FusedOrder::Parts;
    double scale = 0.0; // of scores; 0: 1 / sqrt(headDim)
    double softCap = 0.0; // 0: none
    double clip = 0.0; // of queries, keys and values; 0: none
    bool alibi = false;
    LatentPlan latent =
        {}; // then without key and value, with heads as wide as LatentPlan::headDim()
    bool bidirectional = false;
    RelativePlan relative = {};

    // That read tokens: those of query, key, value that there are, or latent attention's, which do not share their input.
    std::vector<LinearPlan> inputs() const;
    std::vector<NormPlan> headNorms() const;
    std::vector<NormPlan> norms() const; // these, or latent attention's
};

// x + after(attention(before(x))), and the same of the feed-forward part with `middle`; of a parallel layer both of x, added
// up. A norm that does not exist passes on what it is given.
struct LayerPlan {
    NormPlan before;
    AttentionPlan attention;
    NormPlan middle;
    FeedForwardPlan feed;
    NormPlan afterAttention = {}, afterFeed = {};
    MixturePlan mixture = {}; // there instead of `feed`, or not at all
    bool parallel = false; // without `middle`, `before` serves both parts
    bool normsSums =
        false; // x := afterAttention(x + attention(x)), and the same of the feed-forward part
    double residualScale = 1.0; // of what is added to x

    std::vector<FeedForwardPlan> feeds() const; // the one, or the shared part and each expert
    std::vector<LinearPlan> linears() const; // in that order
    std::vector<std::string> modules() const; // with weights: norms and matrices, in that order
};

// What a matrix that makes several things at once has for one of them.
struct MatrixPart {
    struct Rows {
        std::int64_t first = 0;
        std::int64_t count = 0;
    };
    std::string title; // "q", "k", "v", "gate", "up"
    std::vector<Rows> rows;

    std::int64_t count() const;
};
// Of a matrix of the layer; empty: it makes one thing.
std::vector<MatrixPart> partsOf(const LayerPlan& plan, const std::string& module);

// What stands before the layers.
struct EmbeddingPlan {
    std::string name;
    std::int64_t vocabulary = 0;
    std::int64_t width = 0;
    double scale = 1.0;
    std::int64_t padId = -1; // whose row learns nothing here; -1: none
    std::string positionsName =
        {}; // of a learned row for each position, added to the token's; empty: none
    std::int64_t positions = 0;
    std::string typesName = {}; // of a learned row for each text of several; empty: none
    std::int64_t types = 0;
    NormPlan norm = {}; // of the sum
};

// The vectors of distances that all layers share, and their norm.
struct RelativeTablePlan {
    std::string name;
    std::int64_t rows = 0; // 0: there is none
    std::int64_t width = 0;
    NormPlan norm = {};
};

// norm(y + activation(convolution of what the layers were given)) of y, what the first layer gave.
struct ConvolutionPlan {
    std::string name;
    std::int64_t tokens = 0; // 0: there is none
    std::int64_t width = 0;
    std::int64_t groups = 1;
    Activation activation = Activation::Tanh;
    NormPlan norm = {};
};

// What stands behind them.
struct HeadPlan {
    NormPlan norm;
    LinearPlan logits; // that does not exist: there is no head
    bool tied = false; // the matrix is the embedding: it has no name of its own in the files
    double scale = 1.0; // of logits
    double softCap = 0.0; // 0: none
    HeadKind kind = HeadKind::Next;
    LinearPlan dense = {}; // before the norm, with its activation; or none
    Activation activation = Activation::Tanh;
    std::string biasName = {}; // of the logits' bias; empty: their own

    // What stands behind the layers and outside of what other heads would stand on too, with weights, by name.
    std::vector<std::string> modules() const;
};

EmbeddingPlan embeddingPlan(const ModelConfig& config);
HeadPlan headPlan(const ModelConfig& config);
RelativeTablePlan relativeTablePlan(const ModelConfig& config);
ConvolutionPlan convolutionPlan(const ModelConfig& config);
// Modules of a Sequence head that PEFT keeps whole beside an adapter: those that are no part of the model below the head.
std::vector<std::string> savedModules(const ModelConfig& config);
// Requires: 0 <= layer < config.layers.
LayerPlan layerPlan(const ModelConfig& config, std::int64_t layer);

// "model.layers.": what stands before the number in the names of a layer's modules.
std::string layersPrefix(const ModelConfig& config);

// A weight that a model must have: its name in Hugging Face's files and its shape.
struct ExpectedWeight {
    std::string name;
    std::vector<std::int64_t> shape;
    bool transposed = false; // in the files the other way round
};

// Of the whole model: the embedding, what all layers share, each layer's, the last norm, and the head where it is not the
// embedding.
std::vector<ExpectedWeight> expectedWeights(const ModelConfig& config);

} // namespace pissarro::core::inline model::inline plan

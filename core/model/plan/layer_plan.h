// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/model_plan.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline model::inline plan {

// What one layer is made of, in the order in which data takes its way through it: for whoever lists weights, loads them,
// computes or counts memory. Names are Hugging Face's, whole: "model.layers.3.self_attn.q_proj".
struct NormPlan {
    std::string name;
    std::int64_t width = 0; // 0: there is no such norm
    double epsilon = 0.0;
    double offset = 0.0; // what multiplies is offset + weight
    NormKind kind = NormKind::RootMeanSquare;
    bool weight = true;
    bool bias = false;
    // Above 0: so many vectors stand side by side, each with weights of its own: [groups, width], or, where they lie
    // apart in the files, "<name>.norms.<group>" of [width].
    std::int64_t groups = 0;
    bool apart = false;

    bool exists() const { return width > 0; }
    std::vector<std::string> modules() const; // that have weights
};

struct LinearPlan {
    std::string name;
    std::int64_t rows = 0; // out features; 0: there is no such matrix
    std::int64_t cols = 0; // in features
    bool bias = false;
    bool transposed = false; // in the files [cols, rows]

    bool exists() const { return rows > 0; }
};

// By which of the model's tables a layer turns queries and keys.
enum class Turning {
    None,
    All,
    Window // that of the layers with a window
};

// The matrices of latent attention beside query and output: x becomes narrow, is normed, and becomes the heads' plain keys and
// values; what of `down` is behind the narrow vector is the key that turns.
struct LatentPlan {
    std::int64_t plainDim = 0; // of a head, what does not turn
    std::int64_t turnedDim = 0;
    std::int64_t valueDim = 0;
    LinearPlan queryDown; // without it the query's matrix reads x itself
    NormPlan queryNorm;
    LinearPlan down; // [rank + turnedDim, width]
    NormPlan norm; // of the rank
    LinearPlan up; // [heads (plainDim + valueDim), rank]

    bool exists() const { return down.exists(); }
    std::int64_t rank() const { return up.cols; }
    // Of heads as they are attended to: shorter ones are filled up with zeros.
    std::int64_t headDim() const { return std::max(plainDim + turnedDim, valueDim); }
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

    // All but the output's: those of query, key, value that there are, or latent attention's, which do not share their input.
    std::vector<LinearPlan> inputs() const;
    std::vector<NormPlan> headNorms() const;
    std::vector<NormPlan> norms() const; // these, or latent attention's
};

struct FeedForwardPlan {
    Activation activation = Activation::Silu;
    // Gate and up; or `gate` alone, which makes both, gate first; or `up` alone, and nothing is multiplied.
    LinearPlan gate, up, down;

    bool exists() const { return down.exists(); }
    bool gated() const { return gate.exists(); }
    std::vector<LinearPlan> inputs() const;
    std::vector<LinearPlan> linears() const; // those, and `down`
};

// sum over the chosen experts of weight expert(x), and shared(x) beside them. Router and gate of the shared part are weights,
// but no linear modules: transformers' are none, and a gate has one row.
struct MixturePlan {
    Mixture routing;
    std::string router; // a matrix [experts, width]
    std::string correction; // a weight's whole name, [experts]; empty: there is none
    std::string sharedGate; // a matrix [1, width]; empty: none
    FeedForwardPlan shared;
    std::vector<FeedForwardPlan> experts;

    bool exists() const { return !experts.empty(); }
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
};

// What stands behind them.
struct HeadPlan {
    NormPlan norm;
    LinearPlan logits;
    bool tied = false; // the matrix is the embedding: it has no name of its own in the files
    double scale = 1.0; // of logits
    double softCap = 0.0; // 0: none
};

EmbeddingPlan embeddingPlan(const ModelConfig& config);
HeadPlan headPlan(const ModelConfig& config);
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

// Of the whole model: the embedding, each layer's, the last norm, and the head where it is not the embedding.
std::vector<ExpectedWeight> expectedWeights(const ModelConfig& config);

} // namespace pissarro::core::inline model::inline plan

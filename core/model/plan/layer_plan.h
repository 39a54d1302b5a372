// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/model_plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline model::inline plan {

// What one layer is made of, in the order in which data takes its way through it: for whoever lists weights, loads them,
// computes or counts memory. Names are Hugging Face's, whole: "model.layers.3.self_attn.q_proj".
struct NormPlan {
    std::string name;
    std::int64_t width = 0;
    double epsilon = 0.0;
    double offset = 0.0; // what multiplies is offset + weight
};

struct LinearPlan {
    std::string name;
    std::int64_t rows = 0; // out features
    std::int64_t cols = 0; // in features
    bool bias = false;
};

struct AttentionPlan {
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t window = 0; // a token sees this many, itself included; 0: all before it
    LinearPlan query, key, value, output;
    // Of each head of queries and keys before it turns, as wide as a head; without names: none.
    NormPlan queryNorm = {}, keyNorm = {};

    std::vector<NormPlan> headNorms() const; // both or none
};

struct FeedForwardPlan {
    Activation activation = Activation::Silu;
    LinearPlan gate, up, down;
};

struct LayerPlan {
    NormPlan before;
    AttentionPlan attention;
    NormPlan middle;
    FeedForwardPlan feed;

    std::vector<LinearPlan> linears() const; // in that order
    std::vector<std::string> modules() const; // norms and matrices, in that order
};

// What stands before the layers.
struct EmbeddingPlan {
    std::string name;
    std::int64_t vocabulary = 0;
    std::int64_t width = 0;
    bool scaled = false; // times sqrt(width)
    std::int64_t padId = -1; // whose row learns nothing here; -1: none
};

// What stands behind them.
struct HeadPlan {
    NormPlan norm;
    LinearPlan logits;
    bool tied = false; // the matrix is the embedding: it has no name of its own in the files
};

EmbeddingPlan embeddingPlan(const ModelConfig& config);
HeadPlan headPlan(const ModelConfig& config);
// Requires: 0 <= layer < config.layers.
LayerPlan layerPlan(const ModelConfig& config, std::int64_t layer);

// A weight that a model must have: its name in Hugging Face's files and its shape.
struct ExpectedWeight {
    std::string name;
    std::vector<std::int64_t> shape;
};

// Of the whole model: the embedding, each layer's, the last norm, and the head where it is not the embedding.
std::vector<ExpectedWeight> expectedWeights(const ModelConfig& config);

} // namespace pissarro::core::inline model::inline plan

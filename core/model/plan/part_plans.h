// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/model_plan.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline model::inline plan {

// What the parts of a layer are made of: layer_plan.h puts them together.
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

} // namespace pissarro::core::inline model::inline plan

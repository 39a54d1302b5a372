// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/ops/ops_tensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace pissarro::core::inline decoder::inline blocks {

// Keys and values of a batch of sequences so far, of one layer. Sequences differ in length; each begins at position 0.
// Shapes: [B, kvHeads, capacity, headDim], finite numbers behind a sequence's end; undefined before the first token.
struct KvLayer {
    at::Tensor keys_BKSD;
    at::Tensor values_BKSD;
};

// Decoding: the new tokens of a batch of sequences on one flat axis, and where they go among those kept.
struct NewTokens {
    // `ids`: of each sequence, at least one; `before`: how many each has already.
    NewTokens(const std::vector<std::vector<std::int32_t>>& ids,
              const std::vector<std::int64_t>& before, at::ScalarType type, at::Device device,
              const Ops& ops);

    at::Tensor ids_N; // `count` of the sequences, then `padding`, so that N suits Ops::product()
    at::Tensor positions_N;
    at::Tensor rows_R; // of each that counts, its sequence
    at::Tensor places_R; // and its position there
    at::Tensor last_B; // flat index of each sequence's last token
    std::vector<Segment> segments; // of the sequences
    std::vector<std::int64_t> lengths; // tokens of each sequence, the new ones included
    std::int64_t count = 0;
    std::int64_t padding = 0;
    std::int64_t longest = 0; // of `lengths`
    bool fresh = true; // nothing is cached yet
    bool single = true; // one new token each
};

// What the load-balancing loss of experts is made of, over all layers of a pass (Switch Transformer, arXiv:2101.03961, as
// transformers has it).
// Formula: E sum over experts of (share of the tokens that chose it) (mean of its score); a token counts once in each layer.
struct RoutingSums {
    std::int64_t tokens = 0; // the first of the pass: what fills a batch up does not count
    double gradient = 0.0; // in the backward pass, of the loss
    at::Tensor chosen_E = {}; // how many chose it; undefined: no layer has experts
    at::Tensor scores_E = {};
    double rows = 0.0; // tokens of all layers

    double loss() const;
    at::Tensor scoreGradient() const; // [E], the same of every token
};

// Where the tokens of a pass through the layers stand, whatever the pass is for.
// Requires: what it refers to outlives it.
struct Pass {
    const at::Tensor& positions_N;
    const std::vector<Segment>& segments; // of the tokens that count
    const RotaryTable& rotary; // of all those positions
    at::Tensor keyMask_T =
        {}; // of one segment: keys where it is 0 are not seen; undefined: all are
    const NewTokens* added = nullptr; // decoding; null: training, scoring
    // Of each token whose adapter acts on it, of a decoder with several (Decoder::attachVoices()); undefined: the first one's.
    at::Tensor voices_N = {};
    // The table of layers with a window, where they turn by another.
    const RotaryTable* windowRotary = nullptr;
    // Of a model that trains with the load-balancing loss: what a forward pass adds to, and what a backward pass reads.
    RoutingSums* counting = nullptr;
    const RoutingSums* counted = nullptr;
    at::Tensor types_N = {}; // which of two texts each token is of; undefined: all of the first
    at::Tensor places_N = {}; // rows of learned positions; undefined: positions_N
    // Of layers whose scores depend on distances: the vectors that these have, and where their gradient is added up
    // (undefined: they do not train).
    at::Tensor relative_PD = {};
    at::Tensor relativeGradient_PD = {};
};

} // namespace pissarro::core::inline decoder::inline blocks

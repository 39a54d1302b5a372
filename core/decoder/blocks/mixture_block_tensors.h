// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/block_memory.h"
#include "core/decoder/blocks/feed_forward_block_tensors.h"
#include "core/decoder/blocks/pass_tensors.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace pissarro::core::inline decoder::inline blocks {

// Which experts each token takes and by how much they count, of a layer (transformers: the TopkRouter of each family).
//
// Formula: s = softmax(x W^T) or sigmoid(x W^T); the k experts of the largest s + correction, among those of the groups whose
//   best have the largest sum; weight_k = scale s_k, or scale s_k / sum of the k.
// Shapes: E experts, K of them for each token. Numbers in float32, or float64.
class RouterBlock {
public:
    struct Routed {
        at::Tensor scores_NE;
        at::Tensor chosen_NK; // int64
    };

    // Throws: as WeightLoader::own().
    RouterBlock(const MixturePlan& plan, const WeightLoader& loader);

    Routed forward(const at::Tensor& x_ND) const;
    at::Tensor weightsOf(const Routed& routed) const; // [N, K]
    // What the load-balancing loss is made of, of the tokens that count.
    void count(const Routed& routed, RoutingSums& sums) const;
    // Adds to dx_ND the gradient that comes through the weights, and through the load-balancing loss where `sums` are given;
    // adds that of the router's matrix where it trains.
    void backward(const at::Tensor& dweights_NK, const Routed& routed, const at::Tensor& x_ND,
                  const RoutingSums* sums, at::Tensor& dx_ND);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(m_weight);
    }

private:
    at::Tensor sumOf(const at::Tensor& scores_NK) const; // [N, 1]; undefined: nothing is divided
    // Their gradient, of that of the weights.
    at::Tensor scoreGradient(const at::Tensor& dweights_NK, const Routed& routed) const;

    Mixture m_how;
    WholeWeight m_weight;
    at::Tensor m_correction_E; // undefined: there is none
};

// The experts of a layer: each computes the tokens that chose it and no others, a thin product after another. Beside them the
// part that every token takes, where there is one.
class MixtureBlock {
public:
    // What the backward pass starts from beside x'.
    struct Saved {
        RouterBlock::Routed routed;
        std::vector<FeedForwardBlock::Saved> experts; // undefined tensors of those without tokens
        FeedForwardBlock::Saved shared;
    };

    // Throws: as WeightLoader::own().
    MixtureBlock(const MixturePlan& plan, const WeightLoader& loader, const MixtureBlock* donor);

    // As FeedForwardBlock; the pass says whose adapters act, and may ask for the sums of the load-balancing loss.
    at::Tensor forward(const at::Tensor& normed_ND, const at::Tensor& x_ND, const Pass& pass,
                       Saved* saved) const;
    at::Tensor backward(const at::Tensor& dy_ND, const at::Tensor& normed_ND, const Pass& pass,
                        const Saved& saved);
    template <class Visit>
    void visit(const Visit& visit)
    {
        m_router.visit(visit);
        if (m_sharedGate) {
            visit(*m_sharedGate);
        }
        if (m_shared) {
            m_shared->visit(visit);
        }
        for (FeedForwardBlock& expert : m_experts) {
            expert.visit(visit);
        }
    }
    static BlockMemory memory(const MixturePlan& plan);

private:
    // Tokens gathered by expert: what an expert computes are rows side by side.
    // Legend: S rows, those of an expert as many as suit Ops::product().
    struct Gathered {
        struct Rows {
            std::size_t expert = 0;
            std::int64_t first = 0;
            std::int64_t count = 0;
        };
        std::vector<Rows> parts;
        at::Tensor tokens_S; // whose row it is; what fills up is the first token's
        at::Tensor places_NK; // where a token's rows are
        at::Tensor taken_S; // index in [N, K] flattened; of what fills up N K
    };
    // `trains`: every number of rows counts, not only many (kThinRows).
    Gathered gather(const at::Tensor& chosen_NK, at::ScalarType type, bool trains) const;
    at::Tensor sharedWeight(const at::Tensor& normed_ND) const; // [N]; undefined: it counts whole
    at::Tensor withShared(const at::Tensor& experts_ND, const at::Tensor& normed_ND,
                          const at::Tensor& x_ND, const Pass& pass, Saved* saved) const;
    void sharedBackward(const at::Tensor& dy_ND, const at::Tensor& normed_ND, const Saved& saved,
                        at::Tensor& dx_ND);

    const Ops* m_ops;
    RouterBlock m_router;
    std::optional<WholeWeight> m_sharedGate;
    std::optional<FeedForwardBlock> m_shared;
    std::vector<FeedForwardBlock> m_experts;
};

} // namespace pissarro::core::inline decoder::inline blocks

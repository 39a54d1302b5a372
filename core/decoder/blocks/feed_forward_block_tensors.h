// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/block_memory.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline decoder::inline blocks {

// down(activation(gate(x')) up(x')), or down(activation(up(x'))), token by token: decoding runs the same forward().
class FeedForwardBlock {
public:
    // What the backward pass starts from beside x'; the gated product is computed again.
    struct Saved {
        at::Tensor gateUp_N2F; // without a gate [N, F]
        // x A^T of each projection; undefined without adapters.
        at::Tensor gateUpLow_NR;
        at::Tensor downLow_NR;
    };

    // Throws: as WeightLoader::own().
    FeedForwardBlock(const FeedForwardPlan& plan, const WeightLoader& loader,
                     const FeedForwardBlock* donor);

    // Of normed_ND, which is x', plus the residual x_ND (may be undefined), added in the last product. `saved` may be null. `voices_N`: as
    // Projection::forward() takes it.
    at::Tensor forward(const at::Tensor& normed_ND, const at::Tensor& x_ND, Saved* saved,
                       const at::Tensor& voices_N = {}) const;
    // Of a block whose rows count by a weight of each in what it is a part of.
    struct RowWeights {
        at::Tensor weights_N;
        at::Tensor dweights_N; // their gradient, by backward()
    };
    // Gradient with respect to normed_ND alone; adds those of what trains. With `weights` dy_ND is the gradient of the
    // weighted rows. Requires: with them, no bias.
    at::Tensor backward(const at::Tensor& dy_ND, const at::Tensor& normed_ND, const Saved& saved,
                        RowWeights* weights = nullptr);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(m_gateUp);
        visit(m_down);
    }
    static BlockMemory memory(const FeedForwardPlan& plan);

private:
    const Ops* m_ops;
    Activation m_activation;
    bool m_gated;
    Projection m_gateUp; // gate_proj, up_proj, or one for both; or up_proj alone
    Projection m_down;
};

} // namespace pissarro::core::inline decoder::inline blocks

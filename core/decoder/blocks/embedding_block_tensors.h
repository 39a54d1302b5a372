// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

#include <memory>

namespace pissarro::core::inline decoder::inline blocks {

// A row of the matrix for each token, times sqrt(width) where the plan says so.
// Memory: none of its own, x_ND is the first layer's input.
class EmbeddingBlock {
public:
    // Throws: as WeightLoader::own().
    EmbeddingBlock(const EmbeddingPlan& plan, const WeightLoader& loader,
                   const EmbeddingBlock* donor);

    bool trains() const { return m_weight->trains(); }
    at::Tensor forward(const at::Tensor& ids_N) const; // x_ND
    // Adds the gradient of the matrix to its sum; dx_ND is used up. Requires: trains().
    void backward(const at::Tensor& ids_N, at::Tensor& dx_ND);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(*m_weight);
    }

    // The matrix [V, D], for a head that is tied to it: one weight, one gradient.
    const std::shared_ptr<WholeWeight>& weight() const { return m_weight; }

private:
    std::shared_ptr<WholeWeight> m_weight;
    double m_scale; // 0: none
    std::int64_t m_padId;
};

} // namespace pissarro::core::inline decoder::inline blocks

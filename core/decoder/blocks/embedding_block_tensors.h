// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

namespace pissarro::core::inline decoder::inline blocks {

// A row of the matrix for each token, times the plan's scale, and a learned row for its position where the plan has such.
// Memory: none of its own, x_ND is the first layer's input.
class EmbeddingBlock {
public:
    // Throws: as WeightLoader::own().
    EmbeddingBlock(const EmbeddingPlan& plan, const WeightLoader& loader,
                   const EmbeddingBlock* donor);

    bool trains() const { return m_weight->trains() || (m_positions && m_positions->trains()); }
    // x_ND. Throws: Error{Format} where a position has no row.
    at::Tensor forward(const at::Tensor& ids_N, const at::Tensor& positions_N) const;
    // Adds the gradients of what trains to their sums; dx_ND is used up. Requires: trains().
    void backward(const at::Tensor& ids_N, const at::Tensor& positions_N, at::Tensor& dx_ND);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(*m_weight);
        if (m_positions) {
            visit(*m_positions);
        }
    }

    // The matrix [V, D], for a head that is tied to it: one weight, one gradient.
    const std::shared_ptr<WholeWeight>& weight() const { return m_weight; }

private:
    std::shared_ptr<WholeWeight> m_weight;
    std::optional<WholeWeight> m_positions;
    double m_scale;
    std::int64_t m_padId;
};

} // namespace pissarro::core::inline decoder::inline blocks

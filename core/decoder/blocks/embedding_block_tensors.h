// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/norm_block_tensors.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

namespace pissarro::core::inline decoder::inline blocks {

// A row of the matrix for each token, times the plan's scale, and learned rows for its position and for which of several texts
// it is of where the plan has such; the sum is normed where the plan says so.
// Memory: none of its own, x_ND is the first layer's input.
class EmbeddingBlock {
public:
    // Throws: as WeightLoader::own().
    EmbeddingBlock(const EmbeddingPlan& plan, const WeightLoader& loader,
                   const EmbeddingBlock* donor);

    bool trains() const
    {
        return m_weight->trains() || (m_positions && m_positions->trains())
            || (m_types && m_types->trains()) || (m_norm && m_norm->trains());
    }
    // x_ND. types_N (undefined: all 0) counts where there are rows for them.
    // Throws: Error{Format} where a position or a type has no row.
    at::Tensor forward(const at::Tensor& ids_N, const at::Tensor& positions_N,
                       const at::Tensor& types_N = {}) const;
    // Adds the gradients of what trains to their sums; dx_ND is used up. Requires: trains().
    void backward(const at::Tensor& ids_N, const at::Tensor& positions_N, at::Tensor& dx_ND,
                  const at::Tensor& types_N = {});
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(*m_weight);
        if (m_positions) {
            visit(*m_positions);
        }
        if (m_types) {
            visit(*m_types);
        }
        if (m_norm) {
            m_norm->visit(visit);
        }
    }

    // The matrix [V, D], for a head that is tied to it: one weight, one gradient.
    const std::shared_ptr<WholeWeight>& weight() const { return m_weight; }

private:
    // Before the norm.
    at::Tensor sumOf(const at::Tensor& ids_N, const at::Tensor& positions_N,
                     const at::Tensor& types_N) const;

    std::shared_ptr<WholeWeight> m_weight;
    std::optional<WholeWeight> m_positions;
    std::optional<WholeWeight> m_types;
    std::optional<NormBlock> m_norm;
    double m_scale;
    std::int64_t m_padId;
};

} // namespace pissarro::core::inline decoder::inline blocks

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/block_memory.h"
#include "core/decoder/blocks/norm_block_tensors.h"
#include "core/decoder/blocks/pass_tensors.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace pissarro::core::inline decoder::inline blocks {

// The vectors of distances that all layers share, normed.
class RelativeTable {
public:
    // Throws: as WeightLoader::own().
    RelativeTable(const RelativeTablePlan& plan, const WeightLoader& loader);

    bool trains() const { return m_weight.trains() || (m_norm && m_norm->trains()); }
    at::Tensor forward() const; // [P, D]
    // Of what forward() gave; adds those of what trains.
    void backward(const at::Tensor& dtable_PD);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(m_weight);
        if (m_norm) {
            m_norm->visit(visit);
        }
    }

private:
    WholeWeight m_weight;
    std::optional<NormBlock> m_norm;
};

// Attention whose scores depend on distances too: what these are as keys and queries is made by matrices of its own, or by
// the layer's q|k|v of the table, which then stands behind the tokens in its input.
// Legend: N tokens, P rows of the table, M = N + P where q|k|v makes both, else N.
class RelativeScores {
public:
    struct Saved {
        at::Tensor keys_PC, queries_PC; // of matrices of its own
        at::Tensor keysLow_PR, queriesLow_PR; // x A^T of each; undefined without adapters
    };

    // Throws: as WeightLoader::own().
    RelativeScores(const AttentionPlan& plan, const WeightLoader& loader,
                   const RelativeScores* donor);

    bool shared() const { return m_positions.shared; }
    // What q|k|v is given: the tokens, and the table where it makes both.
    at::Tensor input(const at::Tensor& normed_ND, const Pass& pass) const;
    // y_NC of queries, keys and values; `saved` may be null.
    at::Tensor forward(const at::Tensor& qkv_MC, const Pass& pass, Saved* saved) const;
    // The gradient of qkv_MC; adds those of what trains here, and to that of the table where matrices of its own read it.
    at::Tensor backward(const at::Tensor& dy_NC, const at::Tensor& qkv_MC, const at::Tensor& y_NC,
                        const Pass& pass, const Saved& saved);
    template <class Visit>
    void visit(const Visit& visit)
    {
        if (m_key) {
            visit(*m_key);
        }
        if (m_query) {
            visit(*m_query);
        }
    }

private:
    // Heads of a range of columns, [heads, rows, headDim].
    at::Tensor headsOf(const at::Tensor& rows_RC, std::int64_t first) const;
    // Vectors of distances as keys and queries, [P, C].
    struct Distances {
        at::Tensor keys_PC, queries_PC;
    };
    Distances distancesOf(const at::Tensor& qkv_MC, const Pass& pass, Saved* saved) const;
    // The gradient of what distances have, to where they were made.
    void passOn(const Distances& d, at::Tensor& dqkv_MC, const Pass& pass, const Saved& saved);
    void backwardOwn(Projection& own, const at::Tensor& d_PC, const Pass& pass,
                     const at::Tensor& low_PR);

    RelativePositions m_positions;
    std::int64_t m_heads;
    std::int64_t m_headDim;
    double m_scale;
    std::optional<Projection> m_key, m_query;
};

} // namespace pissarro::core::inline decoder::inline blocks

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

// Latent attention (DeepSeek-V2, arXiv:2405.04434) of x': keys and values of all heads are made of one narrow vector, and a key
// that turns by its position, one for all heads, stands beside each head's own.
//
// Formula: c | t = x W_down; k_h | v_h = norm(c) W_up; q_h = norm(x W_a) W_b or x W_q; scores of (q_h, turned) with (k_h, t turned).
// Shapes: heads are attended to as [turned | plain | zeros], all as wide as the widest of query and value: Ops::attention() has
//   one width for both.
// Memory: what decoding keeps are the heads' own keys and values, not the narrow vector: each is made once.
class LatentAttentionBlock {
public:
    // What the backward pass starts from beside x'.
    struct Saved {
        at::Tensor down_NC; // narrow vectors, not normed, and the key before it turned
        at::Tensor qkv_NC; // as attended to
        AttentionSaved attended;
        // x A^T of each projection; undefined without adapters.
        at::Tensor downLow_NR;
        at::Tensor queryLow_NR;
        at::Tensor upLow_NR;
        at::Tensor outputLow_NR;
    };

    // Throws: as WeightLoader::own().
    LatentAttentionBlock(const AttentionPlan& plan, const WeightLoader& loader,
                         const LatentAttentionBlock* donor);

    // As AttentionBlock's.
    at::Tensor forward(const at::Tensor& normed_ND, const at::Tensor& x_ND, const Pass& pass,
                       KvLayer* kept, Saved* saved) const;
    at::Tensor backward(const at::Tensor& dy_ND, const at::Tensor& normed_ND, const Pass& pass,
                        const Saved& saved, bool needsInput);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(m_down);
        if (m_query) {
            m_queryNorm->visit(visit);
            visit(*m_query);
        }
        m_norm.visit(visit);
        visit(m_up);
        visit(m_output);
    }
    static BlockMemory memory(const AttentionPlan& plan);

private:
    // Columns of down_NC, contiguous: of queries (narrow, or as they are), of the narrow vector, of the key that turns.
    at::Tensor queryPart(const at::Tensor& down_NC) const;
    at::Tensor latentPart(const at::Tensor& down_NC) const;
    at::Tensor keyPart(const at::Tensor& down_NC) const;
    // What turns, of all heads' queries and of the key, side by side, turned.
    at::Tensor turned(const at::Tensor& query_NC, const at::Tensor& key_NC, const Pass& pass) const;
    at::Tensor filledHeads(const at::Tensor& query_NC, const at::Tensor& turned_NC,
                           const at::Tensor& up_NC) const;
    at::Tensor valuesOf(const at::Tensor& attended_NC) const; // without what fills heads up
    // The gradient of down_NC, through both of the narrow vectors.
    at::Tensor throughUp(const at::Tensor& dqkv_NC, const Pass& pass, const Saved& saved);

    const Ops* m_ops;
    AttentionShape m_shape;
    std::int64_t m_plainDim;
    std::int64_t m_turnedDim;
    std::int64_t m_valueDim;
    std::int64_t m_queryColumns; // of down_NC
    std::int64_t m_rank;
    Projection m_down; // q_a_proj or q_proj, and kv_a_proj_with_mqa
    std::optional<NormBlock> m_queryNorm; // both or none
    std::optional<Projection> m_query; // q_b_proj
    NormBlock m_norm;
    Projection m_up; // kv_b_proj
    Projection m_output;
};

} // namespace pissarro::core::inline decoder::inline blocks

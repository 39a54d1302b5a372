// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/block_memory.h"
#include "core/decoder/blocks/norm_block_tensors.h"
#include "core/decoder/blocks/pass_tensors.h"
#include "core/decoder/blocks/relative_scores_tensors.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace pissarro::core::inline decoder::inline blocks {

// A norm of queries or keys, a range of columns, in place, as the plan may have it before they turn: of each head, or of all
// heads of a token as one.
// Legend: R rows, each as wide as the norm.
class HeadNorms {
public:
    struct Saved {
        at::Tensor x_RD; // as they were
        at::Tensor rstd_R;
        at::Tensor mean_R; // of a LayerNorm
    };

    // Of `columns` columns from `first` on. Throws: as WeightLoader::own().
    HeadNorms(const NormPlan& plan, const WeightLoader& loader, std::int64_t first,
              std::int64_t columns);

    void forward(at::Tensor& qkv_NC, Saved* saved) const; // `saved` may be null
    void backward(at::Tensor& dqkv_NC, const Saved& saved);
    template <class Visit>
    void visit(const Visit& visit)
    {
        m_norm.visit(visit);
    }
    static BlockMemory memory(const NormPlan& plan, std::int64_t columns);

private:
    at::Tensor columnsOf(const at::Tensor& qkv_NC) const; // a view

    NormBlock m_norm;
    std::int64_t m_width;
    std::int64_t m_first;
    std::int64_t m_columns;
};

// Queries, keys and values of x', turned by their positions, attention of each sequence by itself, and the output matrix.
// One forward() for all: a pass that decodes brings a KvLayer and attends to what that keeps.
class AttentionBlock {
public:
    // What the backward pass starts from beside x'.
    struct Saved {
        at::Tensor qkv_NC; // rotated
        AttentionSaved attended;
        // x A^T of each projection; undefined without adapters.
        at::Tensor qkvLow_NR;
        at::Tensor outputLow_NR;
        at::Tensor clipped_NC; // where a number was; undefined without a clip
        HeadNorms::Saved query, key; // undefined tensors without these norms
        RelativeScores::Saved relative;
    };

    // Throws: as WeightLoader::own().
    AttentionBlock(const AttentionPlan& plan, const WeightLoader& loader,
                   const AttentionBlock* donor);

    // Of normed_ND, which is x', plus the residual x_ND (may be undefined), added in the last product. `kept`: where pass.added is set, this
    // block's keys and values, which grow by the new tokens'. `saved` may be null.
    at::Tensor forward(const at::Tensor& normed_ND, const at::Tensor& x_ND, const Pass& pass,
                       KvLayer* kept, Saved* saved) const;
    // Gradient with respect to normed_ND alone, undefined where not `needsInput`; adds those of what trains.
    at::Tensor backward(const at::Tensor& dy_ND, const at::Tensor& normed_ND, const Pass& pass,
                        const Saved& saved, bool needsInput);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(m_qkv);
        if (m_relative) {
            m_relative->visit(visit);
        }
        if (m_queryNorms) {
            m_queryNorms->visit(visit);
            m_keyNorms->visit(visit);
        }
        visit(m_output);
    }
    static BlockMemory memory(const AttentionPlan& plan);

private:
    at::Tensor backwardOfBoth(const at::Tensor& dqkv_MC, const at::Tensor& normed_ND,
                              const Pass& pass, const Saved& saved, bool needsInput);
    void turn(at::Tensor& qkv_NC, const Pass& pass, double direction) const;
    // Rows of a matrix that makes all three for each head of keys by itself, as all queries, all keys, all values; and back.
    at::Tensor parted(const at::Tensor& grouped_NC) const;
    at::Tensor grouped(const at::Tensor& parted_NC) const;
    // Of all three as they are once turned; `kept` as forward() has it, `saved` may be null.
    AttentionSaved attend(const at::Tensor& qkv_NC, const Pass& pass, KvLayer* kept,
                          Saved* saved) const;

    const Ops* m_ops;
    AttentionShape m_shape;
    Turning m_turning;
    FusedOrder m_order;
    double m_clip; // 0: none
    Projection m_qkv; // q_proj, k_proj, v_proj, or one for all
    std::optional<HeadNorms> m_queryNorms; // both or none
    std::optional<HeadNorms> m_keyNorms;
    std::optional<RelativeScores> m_relative;
    Projection m_output;
};

} // namespace pissarro::core::inline decoder::inline blocks

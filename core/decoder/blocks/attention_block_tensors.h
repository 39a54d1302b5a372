// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/block_memory.h"
#include "core/decoder/blocks/pass_tensors.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core {

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
    };

    // Throws: as WeightLoader::own().
    AttentionBlock(const AttentionPlan& plan, const WeightLoader& loader,
                   const AttentionBlock* donor);

    // Of normed_ND, which is x', plus the residual x_ND, added in the last product. `kept`: where pass.added is set, this
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
        visit(m_output);
    }
    static BlockMemory memory(const AttentionPlan& plan);

private:
    void turn(at::Tensor& qkv_NC, const Pass& pass, double direction) const;
    // What the new tokens see, once they are kept too.
    at::Tensor attendKept(const at::Tensor& qkv_NC, const Pass& pass, KvLayer& kept) const;

    AttentionShape m_shape;
    Projection m_qkv; // q_proj, k_proj, v_proj
    Projection m_output;
};

} // namespace pissarro::core

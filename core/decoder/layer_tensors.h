// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/attention_block_tensors.h"
#include "core/decoder/blocks/feed_forward_block_tensors.h"
#include "core/decoder/blocks/norm_block_tensors.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline decoder {

// One layer, as its plan composes it of blocks: x + attention(norm(x)), then the same of the feed-forward part. What trains,
// what scores and what decodes run this forward(); the pass says which tokens they are.
class DecoderLayer {
public:
    // What the backward pass starts from; norms and activations are computed again.
    struct Saved {
        at::Tensor x_ND; // the layer's input
        AttentionBlock::Saved attention;
        at::Tensor middle_ND; // after attention and its residual
        FeedForwardBlock::Saved feed;
    };

    // Throws: as WeightLoader::own().
    DecoderLayer(const LayerPlan& plan, const WeightLoader& loader, const DecoderLayer* donor);

    // `kept`: of a pass that decodes; else null. `saved` may be null.
    at::Tensor forward(const at::Tensor& x_ND, const Pass& pass, KvLayer* kept, Saved* saved) const;
    // dx_ND holds the gradient of what forward() returned and becomes that of x, which is right only where `needsInput`;
    // adds those of what trains.
    void backward(const Saved& saved, const Pass& pass, at::Tensor& dx_ND, bool needsInput);
    // Calls visit(Projection&) and visit(WholeWeight&) in the order of the data: it is that of checkpoints, and gradients'
    // norms are summed in it.
    template <class Visit>
    void visit(const Visit& visit)
    {
        m_before.visit(visit);
        m_attention.visit(visit);
        m_middle.visit(visit);
        m_feed.visit(visit);
    }
    static BlockMemory memory(const LayerPlan& plan);

private:
    NormBlock m_before;
    NormBlock m_middle;
    AttentionBlock m_attention;
    FeedForwardBlock m_feed;
};

} // namespace pissarro::core::inline decoder

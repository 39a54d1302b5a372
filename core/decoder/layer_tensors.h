// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/attention_block_tensors.h"
#include "core/decoder/blocks/feed_forward_block_tensors.h"
#include "core/decoder/blocks/latent_attention_block_tensors.h"
#include "core/decoder/blocks/mixture_block_tensors.h"
#include "core/decoder/blocks/norm_block_tensors.h"

#include <ATen/core/Tensor.h>

#include <optional>

namespace pissarro::core::inline decoder {

// One layer, as its plan composes it of blocks: x + attention(norm(x)), then the same of the feed-forward part, one for all
// tokens or a mixture of experts, with norms of
// what is added, or both parts side by side, as LayerPlan says. What trains, what scores and what decodes run this forward();
// the pass says which tokens they are.
class DecoderLayer {
public:
    // What the backward pass starts from; norms and activations are computed again.
    struct Saved {
        at::Tensor x_ND; // the layer's input
        AttentionBlock::Saved attention; // or
        LatentAttentionBlock::Saved latent;
        at::Tensor middle_ND; // after attention and its residual; undefined of a parallel layer
        FeedForwardBlock::Saved feed; // or
        MixtureBlock::Saved mixture;
        // What the norms behind the parts were given, of a layer that norms its sums the sums; undefined without.
        at::Tensor attended_ND, fed_ND;
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
        if (m_attention) {
            m_attention->visit(visit);
        }
        if (m_latent) {
            m_latent->visit(visit);
        }
        m_afterAttention.visit(visit);
        m_middle.visit(visit);
        if (m_feed) {
            m_feed->visit(visit);
        }
        if (m_mixture) {
            m_mixture->visit(visit);
        }
        m_afterFeed.visit(visit);
    }
    static BlockMemory memory(const LayerPlan& plan);

private:
    // A norm that the plan may lack: then x passes as it is.
    class Maybe {
    public:
        Maybe(const NormPlan& plan, const WeightLoader& loader);

        bool isThere() const { return m_norm.has_value(); }
        bool trains() const { return m_norm && m_norm->trains(); }
        Normed forward(const at::Tensor& x_ND) const;
        // Adds to dx_ND, which may be dy_ND's own where the norm is there.
        void backward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const Normed& normed,
                      at::Tensor& dx_ND);
        // The gradient of x alone.
        at::Tensor through(const at::Tensor& dy_ND, const at::Tensor& x_ND);
        template <class Visit>
        void visit(const Visit& visit)
        {
            if (m_norm) {
                m_norm->visit(visit);
            }
        }

    private:
        std::optional<NormBlock> m_norm;
    };

    // Whether what a part gives goes straight into the sum: its last product then adds x.
    bool addsDirectly(const Maybe& after) const
    {
        return !after.isThere() && m_residualScale == 1.0;
    }
    at::Tensor added(const at::Tensor& x_ND, const at::Tensor& part_ND, const Maybe& after) const;
    at::Tensor attended(const at::Tensor& normed_ND, const at::Tensor& x_ND, const Pass& pass,
                        KvLayer* kept, Saved* saved) const;
    at::Tensor attentionBackward(const at::Tensor& dy_ND, const at::Tensor& normed_ND,
                                 const Pass& pass, const Saved& saved, bool needsInput);
    at::Tensor attend(const at::Tensor& normed_ND, const at::Tensor& x_ND, const Pass& pass,
                      KvLayer* kept, Saved* saved) const;
    at::Tensor feedForward(const at::Tensor& normed_ND, const at::Tensor& x_ND, const Pass& pass,
                           Saved* saved) const;
    at::Tensor fed(const at::Tensor& normed_ND, const at::Tensor& x_ND, const Pass& pass,
                   Saved* saved) const;
    at::Tensor feedBackward(const at::Tensor& dy_ND, const at::Tensor& normed_ND, const Pass& pass,
                            const Saved& saved);
    // The gradient of what a part gave, of dy_ND of the sum.
    at::Tensor partGradient(const at::Tensor& dy_ND, const at::Tensor& part_ND, Maybe& after) const;
    // Of a layer that norms its sums.
    at::Tensor forwardNormed(const at::Tensor& x_ND, const Pass& pass, Saved* saved) const;
    void backwardNormed(const Saved& saved, const Pass& pass, at::Tensor& dx_ND, bool needed);
    void backwardOfBoth(const Saved& saved, const Pass& pass, at::Tensor& dx_ND, bool needed);

    bool m_parallel;
    bool m_normsSums;
    double m_residualScale;
    Maybe m_before;
    Maybe m_afterAttention;
    Maybe m_middle;
    Maybe m_afterFeed;
    std::optional<AttentionBlock> m_attention; // one of the two
    std::optional<LatentAttentionBlock> m_latent;
    std::optional<FeedForwardBlock> m_feed; // one of the two
    std::optional<MixtureBlock> m_mixture;
};

} // namespace pissarro::core::inline decoder

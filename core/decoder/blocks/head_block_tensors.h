// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/decoder/blocks/embedding_block_tensors.h"
#include "core/decoder/blocks/norm_block_tensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace pissarro::core::inline decoder::inline blocks {

// What stands behind the layers: a matrix with an activation, a norm, each where the plan has it, and the logits, by a matrix of
// their own or the embedding's. It works on the rows that it is given, all tokens or those that count: decoding gives it the
// last of each sequence, a head of whole texts takes the first.
// Labels are whole numbers, and the loss cross entropy; or of a floating type, and it is the squared difference from the one
// number that the head gives.
// Losses hold the logits of a slice of the rows at a time; in training these become their own gradient in place.
class HeadBlock {
public:
    // A tied head uses `embedding`'s weight. Throws: as WeightLoader::own().
    HeadBlock(const HeadPlan& plan, const WeightLoader& loader, const EmbeddingBlock& embedding,
              const HeadBlock* donor);

    at::Tensor normed(const at::Tensor& x_MD) const; // after the last norm alone, before the logits
    at::Tensor forward(const at::Tensor& x_MD) const; // logits [M, V]
    // Mean loss against labels_M; 0 without rows. Throws: Cancelled between slices, as lossAndGradient() does.
    double loss(const at::Tensor& x_MD, const at::Tensor& labels_M, const JobContext& job) const;
    // The loss of each row by itself, float64 [M]. Throws: as loss().
    at::Tensor losses(const at::Tensor& x_MD, const at::Tensor& labels_M,
                      const JobContext& job) const;
    // The mean again, adding `gradientScale` times its gradient to what trains; dx_MD becomes that of x.
    double lossAndGradient(const at::Tensor& x_MD, const at::Tensor& labels_M, double gradientScale,
                           at::Tensor& dx_MD, const JobContext& job);
    // A tied matrix is visited where it stands, in the embedding.
    template <class Visit>
    void visit(const Visit& visit)
    {
        if (m_dense) {
            visit(*m_dense);
        }
        if (m_norm) {
            m_norm->visit(visit);
        }
        if (m_weight && !m_tied) {
            visit(*m_weight);
        }
        if (m_bias) {
            visit(*m_bias);
        }
    }
    // Elements of the logits and their gradient that exist at once, of a micro-batch of so many tokens.
    static std::int64_t memory(const HeadPlan& plan, std::int64_t tokens);

private:
    // What the norm is given, and what the matrix before it made.
    struct Dense {
        at::Tensor before_MD; // undefined: there is none
        at::Tensor low_MR;
        at::Tensor out_MD;
    };
    Dense dense(const at::Tensor& x_MD) const;
    Normed last(const at::Tensor& dense_MD) const;
    // Back through norm and matrix, of the gradient of what last() gave.
    at::Tensor backwardOf(const at::Tensor& dh_MD, const at::Tensor& x_MD, const Dense& dense,
                          const Normed& last);
    at::Tensor logitsOf(const at::Tensor& h_MD) const; // biased, scaled and capped
    // The sum of the rows' losses; with a scale the logits become their own gradient.
    double lossOf(at::Tensor& logits_RV, const at::Tensor& labels_R, double scale) const;
    // Turns the gradient of logits, of rows that were `shaped_RV`, into that of the plain product, in place.
    void unshapeGradient(at::Tensor& gradient_RV, const at::Tensor& shaped_RV) const;
    // With rows of zeros more, so that their number suits Ops::product().
    at::Tensor rowsFilledUp(const at::Tensor& x_RD) const;

    const Ops* m_ops;
    std::optional<Projection> m_dense;
    Activation m_activation;
    std::shared_ptr<WholeWeight> m_weight; // [V, D]; null: there is no head
    std::optional<WholeWeight> m_bias;
    bool m_tied;
    double m_scale;
    double m_softCap; // 0: none
    std::optional<NormBlock> m_norm;
};

} // namespace pissarro::core::inline decoder::inline blocks

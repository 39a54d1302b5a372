// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/block_memory.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace pissarro::core::inline decoder::inline blocks {

// Root mean square norm or LayerNorm of each row. A row is a token, or one head of a token: nothing is asked of the number of
// rows, so the same forward() serves training and decoding. Where the plan has groups, row r is of group r % groups.
// Shapes: x_ND, y_ND contiguous; the weight [D], or [groups, D].
class NormBlock {
public:
    // Throws: as WeightLoader::own().
    NormBlock(const NormPlan& plan, const WeightLoader& loader);

    bool trains() const;
    Normed forward(const at::Tensor& x_ND) const;
    // Adds the gradient of x to dx_ND and, where weights train, theirs to their sums. Of `normed` the statistics are read.
    void backward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const Normed& normed,
                  at::Tensor& dx_ND);
    template <class Visit>
    void visit(const Visit& visit)
    {
        for (WholeWeight& weight : m_weights) {
            visit(weight);
        }
    }
    // Of `width` numbers of a token: the input is saved, the output made again.
    static BlockMemory memory(std::int64_t width) { return {width, 2 * width}; }

private:
    // What multiplies in the operation itself: undefined where there is no weight, and where each group has its own.
    at::Tensor weight() const;
    at::Tensor bias() const;
    at::Tensor groupWeight() const; // [groups, D]
    void addWeightGradients(const at::Tensor& dy_ND, const at::Tensor& x_ND, const Normed& normed);

    const Ops* m_ops;
    NormPlan m_plan;
    std::vector<WholeWeight> m_weights; // weight, bias; or the weights of groups that lie apart
};

} // namespace pissarro::core::inline decoder::inline blocks

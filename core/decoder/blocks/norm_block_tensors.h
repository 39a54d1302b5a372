// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/block_memory.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline decoder::inline blocks {

// Root mean square norm of each row. A row is a token, or one head of a token: nothing is asked of the number of rows, so
// the same forward() serves training and decoding.
// Shapes: x_ND, y_ND contiguous; the weight [D].
class NormBlock {
public:
    // Throws: as WeightLoader::own().
    NormBlock(const NormPlan& plan, const WeightLoader& loader);

    bool trains() const { return m_weight.trains(); }
    Normed forward(const at::Tensor& x_ND) const;
    // Adds the gradient of x to dx_ND and, where the weight trains, the weight's to its sum.
    void backward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const at::Tensor& rstd_N,
                  at::Tensor& dx_ND);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(m_weight);
    }
    // Of `width` numbers of a token: the input is saved, the output made again.
    static BlockMemory memory(std::int64_t width) { return {width, 2 * width}; }

private:
    const Ops* m_ops;
    WholeWeight m_weight;
    double m_epsilon;
    double m_offset;
};

} // namespace pissarro::core::inline decoder::inline blocks

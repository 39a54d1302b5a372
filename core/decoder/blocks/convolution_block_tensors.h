// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/norm_block_tensors.h"
#include "core/decoder/blocks/pass_tensors.h"
#include "core/decoder/blocks/weight_loader_tensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pissarro::core::inline decoder::inline blocks {

// norm(y + activation(convolution(x))), the convolution along the tokens of each text, beyond whose ends there are zeros.
class ConvolutionBlock {
public:
    // Throws: as WeightLoader::own().
    ConvolutionBlock(const ConvolutionPlan& plan, const WeightLoader& loader);

    bool trains() const { return m_weight.trains() || m_bias.trains() || m_norm.trains(); }
    // x_ND: what the layers were given; y_ND: what the first of them gave.
    at::Tensor forward(const at::Tensor& x_ND, const at::Tensor& y_ND, const Pass& pass) const;
    // dy_ND holds the gradient of what forward() gave and becomes that of y; dx_ND, where it is defined, has that of x added.
    // Adds those of what trains.
    void backward(const at::Tensor& x_ND, const at::Tensor& y_ND, const Pass& pass,
                  at::Tensor& dy_ND, at::Tensor& dx_ND);
    template <class Visit>
    void visit(const Visit& visit)
    {
        visit(m_weight);
        visit(m_bias);
        m_norm.visit(visit);
    }

private:
    at::Tensor convolved(const at::Tensor& x_ND, const Pass& pass) const; // before the activation
    void backwardOfSegment(const at::Tensor& x_TD, const at::Tensor& dout_TD, at::Tensor& dx_TD);

    const Ops* m_ops;
    WholeWeight m_weight; // [D, D / groups, tokens]
    WholeWeight m_bias;
    NormBlock m_norm;
    std::int64_t m_groups;
    std::int64_t m_padding;
    Activation m_activation;
};

} // namespace pissarro::core::inline decoder::inline blocks

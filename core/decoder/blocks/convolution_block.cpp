// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/convolution_block_tensors.h"

#include <ATen/ATen.h>

#include <array>
#include <tuple>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

at::Tensor asChannels(const at::Tensor& x_TD) // [1, D, T]
{
    return x_TD.t().unsqueeze(0).contiguous();
}

} // namespace

ConvolutionBlock::ConvolutionBlock(const ConvolutionPlan& plan, const WeightLoader& loader)
    : m_ops(&loader.ops())
    , m_weight(loader.own(plan.name))
    , m_bias(loader.own(plan.name, "bias"))
    , m_norm(plan.norm, loader)
    , m_groups(plan.groups)
    , m_padding((plan.tokens - 1) / 2)
    , m_activation(plan.activation)
{
}

at::Tensor ConvolutionBlock::convolved(const at::Tensor& x_ND, const Pass& pass) const
{
    at::Tensor out_ND = at::zeros_like(x_ND);
    for (const Segment& segment : pass.segments) {
        at::Tensor x_1DT = asChannels(x_ND.narrow(0, segment.offset, segment.length));
        if (pass.keyMask_T.defined()) { // padding is as if it were not there
            x_1DT = x_1DT * (pass.keyMask_T != 0).to(x_1DT.scalar_type());
        }
        const at::Tensor one_1DT = at::conv1d(x_1DT, m_weight.value, m_bias.value, /*stride=*/1,
                                              m_padding, /*dilation=*/1, m_groups);
        out_ND.narrow(0, segment.offset, segment.length).copy_(one_1DT.squeeze(0).t());
    }
    return out_ND;
}

at::Tensor ConvolutionBlock::forward(const at::Tensor& x_ND, const at::Tensor& y_ND,
                                     const Pass& pass) const
{
    return m_norm.forward(y_ND + m_ops->activated(convolved(x_ND, pass), m_activation)).y_ND;
}

void ConvolutionBlock::backwardOfSegment(const at::Tensor& x_TD, const at::Tensor& dout_TD,
                                         at::Tensor& dx_TD)
{
    const auto [dx_1DT, dweight, dbias] = at::convolution_backward(
        asChannels(dout_TD), asChannels(x_TD), m_weight.value, at::IntArrayRef {dout_TD.size(1)},
        /*stride=*/ {1}, /*padding=*/ {m_padding}, /*dilation=*/ {1}, /*transposed=*/false,
        /*output_padding=*/ {0}, m_groups,
        std::array<bool, 3> {dx_TD.defined(), m_weight.trains(), m_bias.trains()});
    if (dx_TD.defined()) {
        dx_TD.add_(dx_1DT.squeeze(0).t());
    }
    const auto add = [](WholeWeight& weight, const at::Tensor& gradient) {
        if (weight.trains()) {
            at::Tensor& sum = weight.trained.sum();
            sum.add_(gradient.to(sum.scalar_type()));
        }
    };
    add(m_weight, dweight);
    add(m_bias, dbias);
}

void ConvolutionBlock::backward(const at::Tensor& x_ND, const at::Tensor& y_ND, const Pass& pass,
                                at::Tensor& dy_ND, at::Tensor& dx_ND)
{
    const at::Tensor before_ND = convolved(x_ND, pass);
    const at::Tensor sum_ND = y_ND + m_ops->activated(before_ND, m_activation);
    at::Tensor dsum_ND = at::zeros_like(sum_ND);
    m_norm.backward(dy_ND, sum_ND, m_norm.forward(sum_ND), dsum_ND);
    dy_ND = dsum_ND;
    if (!dx_ND.defined() && !m_weight.trains() && !m_bias.trains()) {
        return;
    }
    const at::Tensor dout_ND = m_ops->activatedBackward(before_ND, dsum_ND, m_activation);
    for (const Segment& segment : pass.segments) {
        const auto part = [&](const at::Tensor& t) {
            return t.defined() ? t.narrow(0, segment.offset, segment.length) : t;
        };
        at::Tensor dx_TD = part(dx_ND);
        backwardOfSegment(part(x_ND), part(dout_ND), dx_TD);
    }
}

} // namespace pissarro::core::inline decoder::inline blocks

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/libtorch_ops_p.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>

namespace pissarro::core::inline decoder::inline ops {

namespace {

at::Tensor activate(const at::Tensor& a, Activation activation)
{
    switch (activation) {
    case Activation::Silu:
        return at::silu(a);
    case Activation::GeluTanh:
        return at::gelu(a, "tanh");
    case Activation::Relu:
        return at::relu(a);
    case Activation::Tanh:
        return at::tanh(a);
    case Activation::GeluErf:
        break;
    }
    return at::gelu(a);
}

at::Tensor activateBackward(const at::Tensor& dy, const at::Tensor& a, Activation activation)
{
    switch (activation) {
    case Activation::Silu:
        return at::silu_backward(dy, a);
    case Activation::GeluTanh:
        return at::gelu_backward(dy, a, "tanh");
    case Activation::Relu:
        return at::threshold_backward(dy, a, 0);
    case Activation::Tanh:
        return at::tanh_backward(dy, at::tanh(a));
    case Activation::GeluErf:
        break;
    }
    return at::gelu_backward(dy, a);
}

at::Tensor toReal(const at::Tensor& t)
{
    return t.to(t.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
}

} // namespace

std::string_view LibTorchOps::name() const
{
    return kernels::operationsName(kernels::Operations::LibTorch);
}

Normed LibTorchOps::rmsNorm(const at::Tensor& x_ND, const at::Tensor& w_D, double eps,
                            double offset) const
{
    const at::Tensor x = toReal(x_ND);
    const at::Tensor rstd = (x.square().mean(-1) + eps).rsqrt();
    return {(x * rstd.unsqueeze(-1) * (toReal(w_D) + offset)).to(x_ND.scalar_type()), rstd};
}

void LibTorchOps::rmsNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                  const at::Tensor& rstd_N, const at::Tensor& w_D, double offset,
                                  at::Tensor& dx_ND) const
{
    const at::Tensor r = rstd_N.unsqueeze(-1);
    const at::Tensor xhat = toReal(x_ND) * r;
    const at::Tensor g = toReal(dy_ND) * (toReal(w_D) + offset);
    dx_ND.add_((r * (g - xhat * (g * xhat).mean(-1, true))).to(dx_ND.scalar_type()));
}

at::Tensor LibTorchOps::rmsNormWeightGradient(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                              const at::Tensor& rstd_N) const
{
    return (toReal(dy_ND) * toReal(x_ND) * rstd_N.unsqueeze(-1)).sum(0);
}

// Statistics in float32 also of narrow numbers: the backward pass reads them.
Normed LibTorchOps::layerNorm(const at::Tensor& x_ND, const at::Tensor& w_D, const at::Tensor& b_D,
                              double eps) const
{
    const auto real = [](const at::Tensor& t) { return t.defined() ? toReal(t) : t; };
    const auto [y, mean, rstd] =
        at::native_layer_norm(toReal(x_ND), {x_ND.size(1)}, real(w_D), real(b_D), eps);
    return {y.to(x_ND.scalar_type()), rstd.view(-1), mean.view(-1)};
}

void LibTorchOps::layerNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                    const Normed& normed, const at::Tensor& w_D,
                                    at::Tensor& dx_ND) const
{
    const at::Tensor dx = std::get<0>(at::native_layer_norm_backward(
        toReal(dy_ND), toReal(x_ND), {x_ND.size(1)}, normed.mean_N.view({-1, 1}),
        normed.rstd_N.view({-1, 1}), w_D.defined() ? toReal(w_D) : w_D, {}, {true, false, false}));
    dx_ND.add_(dx.to(dx_ND.scalar_type()));
}

void LibTorchOps::rotate(at::Tensor& x_NC, const at::Tensor& positions_N, const RotaryTable& table,
                         std::int64_t heads, double direction) const
{
    const std::int64_t half = table.cos_TH.size(1);
    const std::int64_t headDim = table.headDim > 0 ? table.headDim : 2 * half;
    at::Tensor part =
        x_NC.narrow(1, 0, heads * headDim).unflatten(1, {heads, headDim}).narrow(2, 0, 2 * half);
    part =
        table.pairs ? part.unflatten(2, {half, 2}).transpose(2, 3) : part.unflatten(2, {2, half});
    const at::Tensor c = table.cos_TH.index_select(0, positions_N).unsqueeze(1);
    const at::Tensor s = table.sin_TH.index_select(0, positions_N).unsqueeze(1) * direction;
    const at::Tensor a = toReal(part.select(2, 0));
    const at::Tensor b = toReal(part.select(2, 1));
    part.copy_(at::stack({a * c - b * s, b * c + a * s}, 2));
}

at::Tensor LibTorchOps::gated(const at::Tensor& ab_N2F, Activation activation) const
{
    const std::int64_t f = ab_N2F.size(1) / 2;
    return activate(ab_N2F.narrow(1, 0, f), activation) * ab_N2F.narrow(1, f, f);
}

GatedGradient LibTorchOps::gatedBackward(const at::Tensor& ab_N2F, const at::Tensor& dout_NF,
                                         Activation activation) const
{
    const std::int64_t f = dout_NF.size(1);
    const at::Tensor a = ab_N2F.narrow(1, 0, f);
    const at::Tensor b = ab_N2F.narrow(1, f, f);
    const at::Tensor act = activate(a, activation);
    return {at::cat({activateBackward(dout_NF * b, a, activation), dout_NF * act}, 1), act * b};
}

at::Tensor LibTorchOps::activated(const at::Tensor& a_NF, Activation activation) const
{
    return activate(a_NF, activation);
}

at::Tensor LibTorchOps::activatedBackward(const at::Tensor& a_NF, const at::Tensor& dout_NF,
                                          Activation activation) const
{
    return activateBackward(dout_NF, a_NF, activation);
}

double LibTorchOps::crossEntropyInPlace(at::Tensor& logits_NV, const at::Tensor& labels_N,
                                        double scale) const
{
    const at::Tensor real = toReal(logits_NV);
    const at::Tensor lse = real.logsumexp(1, /*keepdim=*/true);
    const at::Tensor labels = labels_N.unsqueeze(1);
    const double loss = (lse - real.gather(1, labels)).sum().item<double>();
    if (scale != 0.0) {
        at::Tensor gradient = (real - lse).exp();
        gradient.scatter_add_(1, labels, at::full_like(labels, -1, real.options()));
        logits_NV.copy_(gradient.mul_(scale));
    }
    return loss;
}

at::Tensor LibTorchOps::crossEntropyPerRow(const at::Tensor& logits_NV,
                                           const at::Tensor& labels_N) const
{
    const at::Tensor real = toReal(logits_NV);
    return (real.logsumexp(1) - real.gather(1, labels_N.unsqueeze(1)).squeeze(1)).to(at::kDouble);
}

// LibTorch rounds to the type at the end of every product that it adds to, so the small terms come first: the main product is
// added to their sum in its own accumulators, and the whole is rounded once more, where our kernels round once at all.
at::Tensor LibTorchOps::product(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                                const ExtraTerm& extra, const at::Tensor& bias_O,
                                const at::Tensor& add_NO) const
{
    const auto oriented = [side](const at::Tensor& t) { return side == Side::Rows ? t.t() : t; };
    at::Tensor small = add_NO; // [N, O]; a bias alone [O]
    if (bias_O.defined()) {
        small = small.defined() ? small + bias_O : bias_O;
    }
    if (extra.x_NR.defined()) {
        small = small.defined() ? at::addmm(small, extra.x_NR, oriented(extra.w))
                                : at::mm(extra.x_NR, oriented(extra.w));
        return small.addmm_(x_NK, oriented(w));
    }
    return small.defined() ? at::addmm(small, x_NK, oriented(w)) : at::mm(x_NK, oriented(w));
}

std::int64_t LibTorchOps::productRows(std::int64_t rows, at::ScalarType /*type*/) const
{
    return rows;
}

std::int64_t LibTorchCpuOps::productRows(std::int64_t rows, at::ScalarType type) const
{
    constexpr std::uint64_t kShapes =
        8; // between a power of two and the next: 4 % of the rows are waste
    constexpr std::uint64_t kFewest = 16;
    if (type != at::kBFloat16 || rows <= 0) {
        return rows;
    }
    const auto given = static_cast<std::uint64_t>(rows);
    const std::uint64_t step = std::max(kFewest, std::bit_floor(given) / kShapes);
    return static_cast<std::int64_t>((given + step - 1) / step * step);
}

void LibTorchOps::addOuterProduct(at::Tensor& g_MO, const at::Tensor& a_NM, const at::Tensor& b_NO,
                                  double scale) const
{
    if (g_MO.scalar_type() == a_NM.scalar_type()) {
        g_MO.addmm_(a_NM.t(), b_NO, 1, scale);
    } else {
        g_MO.add_(at::mm(a_NM.t(), b_NO), scale);
    }
}

} // namespace pissarro::core::inline decoder::inline ops

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/fused_ops_tensors.h"
#include "core/kernels/kernels.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace pissarro::core {

namespace {

at::ScalarType realType(at::ScalarType type)
{
    return type == at::kDouble ? at::kDouble : at::kFloat;
}

std::int64_t grainFor(std::int64_t columns)
{
    return std::max<std::int64_t>(1, 32768 / std::max<std::int64_t>(1, columns));
}

kernels::Gate gateFor(Activation activation)
{
    switch (activation) {
    case Activation::Silu:
        return kernels::Gate::Silu;
    case Activation::GeluTanh:
        return kernels::Gate::GeluTanh;
    case Activation::GeluErf:
        break;
    }
    return kernels::Gate::GeluErf;
}

at::Tensor activate(const at::Tensor& a, Activation activation)
{
    switch (activation) {
    case Activation::Silu:
        return at::silu(a);
    case Activation::GeluTanh:
        return at::gelu(a, "tanh");
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
    case Activation::GeluErf:
        break;
    }
    return at::gelu_backward(dy, a);
}

at::Tensor toReal(const at::Tensor& t)
{
    return t.to(realType(t.scalar_type()));
}

} // namespace

Normed rmsNorm(const at::Tensor& x_ND, const at::Tensor& w_D, double eps, double offset)
{
    if (!runsOwn(x_ND)) {
        const at::Tensor x = toReal(x_ND);
        const at::Tensor rstd = (x.square().mean(-1) + eps).rsqrt();
        return {(x * rstd.unsqueeze(-1) * (toReal(w_D) + offset)).to(x_ND.scalar_type()), rstd};
    }
    const std::int64_t d = x_ND.size(1);
    Normed result {at::empty_like(x_ND), at::empty({x_ND.size(0)}, realType(x_ND.scalar_type()))};
    withStorage(x_ND.scalar_type(), [&]<class S>() {
        at::parallel_for(0, x_ND.size(0), grainFor(d), [&](std::int64_t begin, std::int64_t end) {
            kernels::functions<S>().rmsNorm(in<S>(x_ND), in<S>(w_D), out<S>(result.y_ND),
                                            out<kernels::Real<S>>(result.rstd_N), begin, end, d,
                                            eps, offset);
        });
    });
    return result;
}

void rmsNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const at::Tensor& rstd_N,
                     const at::Tensor& w_D, double offset, at::Tensor& dx_ND)
{
    const std::int64_t d = x_ND.size(1);
    if (!runsOwn(x_ND)) {
        const at::Tensor r = rstd_N.unsqueeze(-1);
        const at::Tensor xhat = toReal(x_ND) * r;
        const at::Tensor g = toReal(dy_ND) * (toReal(w_D) + offset);
        dx_ND.add_((r * (g - xhat * (g * xhat).mean(-1, true))).to(dx_ND.scalar_type()));
        return;
    }
    withStorage(x_ND.scalar_type(), [&]<class S>() {
        at::parallel_for(0, x_ND.size(0), grainFor(d), [&](std::int64_t begin, std::int64_t end) {
            kernels::functions<S>().rmsNormBackward(in<S>(dy_ND), in<S>(x_ND),
                                                    in<kernels::Real<S>>(rstd_N), in<S>(w_D),
                                                    out<S>(dx_ND), begin, end, d, offset);
        });
    });
}

at::Tensor rmsNormWeightGradient(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                 const at::Tensor& rstd_N)
{
    return (toReal(dy_ND) * toReal(x_ND) * rstd_N.unsqueeze(-1)).sum(0);
}

void rotate(at::Tensor& x_NC, const at::Tensor& positions_N, const RotaryTable& table,
            std::int64_t heads, double direction)
{
    const std::int64_t half = table.cos_TH.size(1);
    if (!runsOwn(x_NC)) {
        at::Tensor part = x_NC.narrow(1, 0, heads * 2 * half).unflatten(1, {heads, 2, half});
        const at::Tensor c = table.cos_TH.index_select(0, positions_N).unsqueeze(1);
        const at::Tensor s = table.sin_TH.index_select(0, positions_N).unsqueeze(1) * direction;
        const at::Tensor a = part.select(2, 0).to(at::kFloat);
        const at::Tensor b = part.select(2, 1).to(at::kFloat);
        part.copy_(at::stack({a * c - b * s, b * c + a * s}, 2));
        return;
    }
    const std::int64_t stride = x_NC.size(1);
    withStorage(x_NC.scalar_type(), [&]<class S>() {
        at::parallel_for(
            0, x_NC.size(0), grainFor(heads * half), [&](std::int64_t begin, std::int64_t end) {
                kernels::functions<S>().rotate(out<S>(x_NC), stride, in<std::int64_t>(positions_N),
                                               in<float>(table.cos_TH), in<float>(table.sin_TH),
                                               begin, end, heads, half, direction);
            });
    });
}

at::Tensor gated(const at::Tensor& ab_N2F, Activation activation)
{
    const std::int64_t f = ab_N2F.size(1) / 2;
    if (!runsOwn(ab_N2F)) {
        return activate(ab_N2F.narrow(1, 0, f), activation) * ab_N2F.narrow(1, f, f);
    }
    at::Tensor result = at::empty({ab_N2F.size(0), f}, ab_N2F.options());
    withStorage(ab_N2F.scalar_type(), [&]<class S>() {
        at::parallel_for(0, ab_N2F.size(0), grainFor(f), [&](std::int64_t begin, std::int64_t end) {
            kernels::functions<S>().gated(in<S>(ab_N2F), out<S>(result), begin, end, f,
                                          gateFor(activation));
        });
    });
    return result;
}

GatedGradient gatedBackward(const at::Tensor& ab_N2F, const at::Tensor& dout_NF,
                            Activation activation)
{
    const std::int64_t f = dout_NF.size(1);
    if (!runsOwn(ab_N2F)) {
        const at::Tensor a = ab_N2F.narrow(1, 0, f);
        const at::Tensor b = ab_N2F.narrow(1, f, f);
        const at::Tensor act = activate(a, activation);
        return {at::cat({activateBackward(dout_NF * b, a, activation), dout_NF * act}, 1), act * b};
    }
    GatedGradient result {at::empty_like(ab_N2F), at::empty_like(dout_NF)};
    withStorage(ab_N2F.scalar_type(), [&]<class S>() {
        at::parallel_for(0, ab_N2F.size(0), grainFor(f), [&](std::int64_t begin, std::int64_t end) {
            kernels::functions<S>().gatedBackward(in<S>(ab_N2F), in<S>(dout_NF),
                                                  out<S>(result.dab_N2F), out<S>(result.out_NF),
                                                  begin, end, f, gateFor(activation));
        });
    });
    return result;
}

namespace {

at::Tensor crossEntropyRows(const at::Tensor& logits_NV, const at::Tensor& labels_N, double scale)
{
    at::Tensor losses = at::empty({logits_NV.size(0)}, at::kDouble);
    const std::int64_t v = logits_NV.size(1);
    withStorage(logits_NV.scalar_type(), [&]<class S>() {
        at::parallel_for(0, logits_NV.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
            kernels::functions<S>().crossEntropy(out<S>(logits_NV), in<std::int64_t>(labels_N),
                                                 out<double>(losses), begin, end, v, scale);
        });
    });
    return losses;
}

} // namespace

double crossEntropyInPlace(at::Tensor& logits_NV, const at::Tensor& labels_N, double scale)
{
    if (!runsOwn(logits_NV)) {
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
    return crossEntropyRows(logits_NV, labels_N, scale).sum().item<double>();
}

at::Tensor crossEntropyPerRow(const at::Tensor& logits_NV, const at::Tensor& labels_N)
{
    if (!runsOwn(logits_NV)) {
        const at::Tensor real = toReal(logits_NV);
        return (real.logsumexp(1) - real.gather(1, labels_N.unsqueeze(1)).squeeze(1))
            .to(at::kDouble);
    }
    return crossEntropyRows(logits_NV, labels_N, 0.0);
}

} // namespace pissarro::core

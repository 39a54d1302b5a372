// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/kernel_ops_p.h"
#include "core/decoder/ops/product_input_p.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace pissarro::core::inline decoder::inline ops {

namespace {

// As kThinRows in float32, where LibTorch's product is the other way.
constexpr std::int64_t kThinFloatRows = 64;

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
    case Activation::Relu: // of parts without a gate alone: activated()
    case Activation::Tanh:
    case Activation::GeluErf:
        break;
    }
    return kernels::Gate::GeluErf;
}

} // namespace

KernelOps::KernelOps(const kernels::Table& table)
    : m_table(table)
{
}

std::string_view KernelOps::name() const
{
    return kernels::operationsName(m_table.operations);
}

Normed KernelOps::rmsNorm(const at::Tensor& x_ND, const at::Tensor& w_D, double eps,
                          double offset) const
{
    const std::int64_t d = x_ND.size(1);
    Normed result {at::empty_like(x_ND), at::empty({x_ND.size(0)}, realType(x_ND.scalar_type()))};
    withStorage(x_ND.scalar_type(), [&]<class S>() {
        const kernels::Norm<S> norm {
            in<S>(x_ND), in<S>(w_D), out<S>(result.y_ND), out<kernels::Real<S>>(result.rstd_N), d,
            eps,         offset};
        at::parallel_for(0, x_ND.size(0), grainFor(d), [&](std::int64_t begin, std::int64_t end) {
            m_table.functions<S>().rmsNorm(norm, begin, end);
        });
    });
    return result;
}

void KernelOps::rmsNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                const at::Tensor& rstd_N, const at::Tensor& w_D, double offset,
                                at::Tensor& dx_ND) const
{
    const std::int64_t d = x_ND.size(1);
    withStorage(x_ND.scalar_type(), [&]<class S>() {
        const kernels::NormGradient<S> gradient {
            in<S>(dy_ND), in<S>(x_ND), in<kernels::Real<S>>(rstd_N), in<S>(w_D), out<S>(dx_ND), d,
            offset};
        at::parallel_for(0, x_ND.size(0), grainFor(d), [&](std::int64_t begin, std::int64_t end) {
            m_table.functions<S>().rmsNormBackward(gradient, begin, end);
        });
    });
}

void KernelOps::rotate(at::Tensor& x_NC, const at::Tensor& positions_N, const RotaryTable& table,
                       std::int64_t heads, double direction) const
{
    const std::int64_t half = table.cos_TH.size(1);
    if (table.pairs || (table.headDim > 0 && table.headDim != 2 * half)) {
        LibTorchCpuOps::rotate(x_NC, positions_N, table, heads, direction);
        return;
    }
    withStorage(x_NC.scalar_type(), [&]<class S>() {
        const kernels::Rotation<S> rotation {out<S>(x_NC),
                                             x_NC.size(1),
                                             in<std::int64_t>(positions_N),
                                             in<float>(table.cos_TH),
                                             in<float>(table.sin_TH),
                                             heads,
                                             half,
                                             direction};
        at::parallel_for(0, x_NC.size(0), grainFor(heads * half),
                         [&](std::int64_t begin, std::int64_t end) {
                             m_table.functions<S>().rotate(rotation, begin, end);
                         });
    });
}

at::Tensor KernelOps::gated(const at::Tensor& ab_N2F, Activation activation) const
{
    const std::int64_t f = ab_N2F.size(1) / 2;
    at::Tensor result = at::empty({ab_N2F.size(0), f}, ab_N2F.options());
    withStorage(ab_N2F.scalar_type(), [&]<class S>() {
        at::parallel_for(0, ab_N2F.size(0), grainFor(f), [&](std::int64_t begin, std::int64_t end) {
            m_table.functions<S>().gated(in<S>(ab_N2F), out<S>(result), begin, end, f,
                                         gateFor(activation));
        });
    });
    return result;
}

GatedGradient KernelOps::gatedBackward(const at::Tensor& ab_N2F, const at::Tensor& dout_NF,
                                       Activation activation) const
{
    const std::int64_t f = dout_NF.size(1);
    GatedGradient result {at::empty_like(ab_N2F), at::empty_like(dout_NF)};
    withStorage(ab_N2F.scalar_type(), [&]<class S>() {
        const kernels::GatedGradient<S> gradient {
            in<S>(ab_N2F),      in<S>(dout_NF), out<S>(result.dab_N2F), out<S>(result.out_NF), f,
            gateFor(activation)};
        at::parallel_for(0, ab_N2F.size(0), grainFor(f), [&](std::int64_t begin, std::int64_t end) {
            m_table.functions<S>().gatedBackward(gradient, begin, end);
        });
    });
    return result;
}

at::Tensor KernelOps::crossEntropyRows(const at::Tensor& logits_NV, const at::Tensor& labels_N,
                                       double scale) const
{
    at::Tensor losses = at::empty({logits_NV.size(0)}, at::kDouble);
    const std::int64_t v = logits_NV.size(1);
    withStorage(logits_NV.scalar_type(), [&]<class S>() {
        const kernels::CrossEntropy<S> loss {out<S>(logits_NV), in<std::int64_t>(labels_N),
                                             out<double>(losses), v, scale};
        at::parallel_for(0, logits_NV.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
            m_table.functions<S>().crossEntropy(loss, begin, end);
        });
    });
    return losses;
}

double KernelOps::crossEntropyInPlace(at::Tensor& logits_NV, const at::Tensor& labels_N,
                                      double scale) const
{
    return crossEntropyRows(logits_NV, labels_N, scale).sum().item<double>();
}

at::Tensor KernelOps::crossEntropyPerRow(const at::Tensor& logits_NV,
                                         const at::Tensor& labels_N) const
{
    return crossEntropyRows(logits_NV, labels_N, 0.0);
}

bool KernelOps::isThin(const at::Tensor& x_NK, const at::Tensor& w, Side side)
{
    const bool is16 = x_NK.scalar_type() == at::kBFloat16;
    return side == Side::Rows && (is16 || x_NK.scalar_type() == at::kFloat)
        && x_NK.size(0) <= (is16 ? kThinRows : kThinFloatRows) && x_NK.stride(1) == 1
        && w.stride(1) == 1;
}

// Of few rows by the instruction set's own dot products.
at::Tensor KernelOps::product(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                              const ExtraTerm& extra, const at::Tensor& bias_O,
                              const at::Tensor& add_NO) const
{
    if (!isThin(x_NK, w, side)) {
        return LibTorchCpuOps::product(x_NK, w, side, extra, bias_O, add_NO);
    }
    constexpr std::int64_t kTaskColumns = 32;
    at::Tensor y_NO;
    withStorage(x_NK.scalar_type(), [&]<class S>() {
        const auto described = describeProduct<S>(x_NK, w, Side::Rows, extra, bias_O, add_NO);
        const kernels::Product<S>& p = described.product;
        eachTask((p.columns + kTaskColumns - 1) / kTaskColumns,
                 [&](std::int64_t begin, std::int64_t end) {
                     m_table.functions<S>().dots(p, begin * kTaskColumns,
                                                 std::min(end * kTaskColumns, p.columns));
                 });
        y_NO = described.y_NO;
    });
    return y_NO;
}

at::Tensor KernelOps::attentionOfOne(const at::Tensor& q_BHD, const at::Tensor& k_BKSD,
                                     const at::Tensor& v_BKSD,
                                     const std::vector<std::int64_t>& lengths,
                                     const AttentionShape& shape) const
{
    if (!shape.isPlain()) {
        return LibTorchCpuOps::attentionOfOne(q_BHD, k_BKSD, v_BKSD, lengths, shape);
    }
    const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end());
    at::Tensor y_BC = at::empty({q_BHD.size(0), shape.heads * shape.headDim}, q_BHD.options());
    withStorage(q_BHD.scalar_type(), [&]<class S>() {
        kernels::KeptAttention<S> a;
        a.lengths = lengths.data();
        a.heads = shape.heads;
        a.kvHeads = shape.kvHeads;
        a.headDim = shape.headDim;
        a.capacity = k_BKSD.size(2);
        a.window = shape.window;
        a.scale = shape.scoreScale();
        a.q = in<S>(q_BHD);
        a.qStride = q_BHD.stride(0);
        a.keys = in<S>(k_BKSD);
        a.values = in<S>(v_BKSD);
        a.y = out<S>(y_BC);
        const auto scratch = static_cast<std::size_t>(shape.headDim + longest);
        eachTask(q_BHD.size(0) * shape.kvHeads, [&](std::int64_t begin, std::int64_t end) {
            thread_local std::vector<kernels::Real<S>> memory;
            memory.resize(std::max(memory.size(), scratch));
            m_table.functions<S>().attendKept(a, memory.data(), begin, end);
        });
    });
    return y_BC;
}

} // namespace pissarro::core::inline decoder::inline ops

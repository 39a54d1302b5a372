// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels of AVX512-BF16 on what is not finite, by the rule of special_values.h.
#include "core/kernels/bf16_kernels.h"
#include "core/kernels/operations.h"
#include "core/kernels/table.h"
#include "tests/core/kernels/special_values.h"

#include <torch/csrc/autograd/autograd.h>

using namespace pissarro::core;
using namespace pissarro::tests;
using kernels::Bf16;

namespace {

Kernel bf16Product(const kernels::Bf16Kernels& own, bool thin, bool byColumns)
{
    constexpr std::int64_t kDepth = 64;
    constexpr std::int64_t kColumns = 50;
    const auto random = [](at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16); };
    const auto oriented = [byColumns](const at::Tensor& t) { return byColumns ? t : t.t(); };
    const auto weight = [&](std::int64_t depth) {
        return byColumns ? random({depth, kColumns}) : random({kColumns, depth});
    };
    return {thin ? "bfloat16 thin" : "bfloat16 product",
            {random({kRows, kDepth}), weight(kDepth), random({kRows, 8}), weight(8),
             random({kColumns}), random({kRows, kColumns})},
            kColumns,
            [=, &own](const Tensors& t) {
                at::Tensor y = at::empty_like(t[5]);
                kernels::Product<Bf16> p;
                p.rows = kRows;
                p.columns = kColumns;
                p.main = {in<Bf16>(t[0]), kDepth, in<Bf16>(t[1]),
                          t[1].stride(0), kDepth, byColumns};
                p.extra = {in<Bf16>(t[2]), 8, in<Bf16>(t[3]), t[3].stride(0), 8, byColumns};
                p.bias_O = in<Bf16>(t[4]);
                p.add = in<Bf16>(t[5]);
                p.addStride = kColumns;
                p.y = out<Bf16>(y);
                p.yStride = kColumns;
                if (thin) {
                    own.thin(p, 0, own.thinTasks(p));
                } else {
                    own.product(p, 1, 0, own.productTasks(p, 1));
                }
                return Tensors {y};
            },
            [=](const Tensors& t) {
                return Tensors {at::mm(t[0], oriented(t[1])) + at::mm(t[2], oriented(t[3])) + t[4]
                                + t[5]};
            }};
}

Kernel bf16Outer(const kernels::Bf16Kernels& own)
{
    const auto random = [](at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16); };
    return {"bfloat16 outer product",
            {random({33, 20}), random({33, 50})},
            50,
            [&own](const Tensors& t) {
                at::Tensor g = at::zeros({20, 50});
                kernels::OuterProduct o;
                o.depth = 33;
                o.rows = 20;
                o.columns = 50;
                o.a = in<Bf16>(t[0]);
                o.aStride = 20;
                o.b = in<Bf16>(t[1]);
                o.bStride = 50;
                o.g = out<float>(g);
                o.gStride = 50;
                own.outer(o, 0, own.outerTasks(o));
                return Tensors {g};
            },
            [](const Tensors& t) { return Tensors {at::mm(t[0].t(), t[1])}; }};
}

constexpr std::int64_t kTokens = 60; // of each of two segments: more than a panel of keys
constexpr std::int64_t kHeadDim = 16;

// A query at a time over the keys that it sees: what it does not see is nothing to it, not even zero times a NaN.
at::Tensor exactAttention(const at::Tensor& qkv)
{
    Tensors rows;
    for (std::int64_t i = 0; i < 2 * kTokens; ++i) {
        const std::int64_t first = i / kTokens * kTokens;
        const at::Tensor seen =
            qkv.narrow(0, first, i - first + 1).view({i - first + 1, 4, kHeadDim});
        const at::Tensor q = qkv[i].view({4, kHeadDim}).narrow(0, 0, 2);
        const at::Tensor s = at::mm(q, seen.select(1, 2).t()) / std::sqrt(double(kHeadDim));
        rows.push_back(at::mm(at::softmax(s, -1), seen.select(1, 3)).flatten());
    }
    return at::stack(rows);
}

kernels::Attention describe(const Tensors& t, const std::vector<std::int64_t>& offsets,
                            const std::vector<std::int64_t>& lengths, at::Tensor& y,
                            at::Tensor& lse)
{
    kernels::Attention a;
    a.offsets = offsets.data();
    a.lengths = lengths.data();
    a.segments = 2;
    a.heads = 2;
    a.kvHeads = 1;
    a.headDim = kHeadDim;
    a.scale = 0.25F;
    a.qkv = in<Bf16>(t[0]);
    a.y = out<Bf16>(y);
    a.lse = out<float>(lse);
    return a;
}

Kernel bf16Attention(const kernels::Bf16Kernels& own, bool backward)
{
    const std::vector<std::int64_t> offsets {0, kTokens};
    const std::vector<std::int64_t> lengths {kTokens, kTokens};
    const auto random = [](std::int64_t columns) {
        return at::randn({2 * kTokens, columns}).to(at::kBFloat16);
    };
    Kernel kernel {backward ? "bfloat16 attention, backward" : "bfloat16 attention",
                   {random(4 * kHeadDim)},
                   kTokens * (backward ? 4 : 2) * kHeadDim,
                   {},
                   {}};
    if (backward) {
        kernel.inputs.push_back(random(2 * kHeadDim));
    }
    kernel.run = [=, &own](const Tensors& t) {
        at::Tensor y = at::empty({2 * kTokens, 2 * kHeadDim}, at::kBFloat16);
        at::Tensor lse = at::empty({2 * kTokens, 2});
        kernels::Attention a = describe(t, offsets, lengths, y, lse);
        own.attention(a, 0, 2);
        if (!backward) {
            return Tensors {y};
        }
        at::Tensor dqkv = at::empty_like(t[0]);
        a.dy = in<Bf16>(t[1]);
        a.dqkv = out<Bf16>(dqkv);
        own.attentionBackward(a, 0, 2);
        return Tensors {dqkv};
    };
    kernel.exact = [backward](const Tensors& t) {
        if (!backward) {
            return Tensors {exactAttention(t[0])};
        }
        const c10::AutoGradMode recording(true);
        const at::Tensor qkv = t[0].clone().requires_grad_();
        const at::Tensor y = exactAttention(qkv);
        return Tensors {torch::autograd::grad({y}, {qkv}, {t[1]})[0]};
    };
    return kernel;
}

} // namespace

class TestSpecialValuesBf16 : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::manual_seed(5); }

    void bfloat16Kernels()
    {
        const kernels::Bf16Kernels* own =
            kernels::tableOf(kernels::presentOperations().back()).bf16;
        if (own == nullptr) {
            QSKIP("this processor has no AVX512-BF16");
        }
        tryKernel(bf16Product(*own, false, false), 2e-2);
        tryKernel(bf16Product(*own, false, true), 2e-2);
        tryKernel(bf16Product(*own, true, false), 2e-2);
        tryKernel(bf16Outer(*own), 1e-3);
        tryKernel(bf16Attention(*own, false), 5e-2);
        tryKernel(bf16Attention(*own, true),
                  0.5); // probabilities are rounded: tst_bf16_kernels judges the numbers
    }
};

QTEST_GUILESS_MAIN(TestSpecialValuesBf16)
#include "tst_special_values_bf16.moc"

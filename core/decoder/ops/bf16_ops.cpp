// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/bf16_ops_p.h"
#include "core/decoder/ops/product_input_p.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

namespace pissarro::core::inline decoder::inline ops {

namespace {

using kernels::Bf16;

bool fits(const at::Tensor& t)
{
    return t.scalar_type() == at::kBFloat16 && t.dim() == 2 && t.stride(1) == 1;
}

bool fits(const at::Tensor& x_NK, const at::Tensor& w, const ExtraTerm& extra,
          const at::Tensor& add_NO)
{
    const bool low = extra.x_NR.defined();
    return fits(x_NK) && fits(w) && x_NK.size(1) % 2 == 0
        && (!low || (fits(extra.x_NR) && fits(extra.w) && extra.x_NR.size(1) % 2 == 0))
        && (!add_NO.defined() || fits(add_NO));
}

// The kernels' view of the segments; the vectors must outlive it.
struct SegmentArrays {
    explicit SegmentArrays(const std::vector<Segment>& segments)
    {
        for (const Segment& segment : segments) {
            offsets.push_back(segment.offset);
            lengths.push_back(segment.length);
        }
    }
    kernels::Attention describe(const at::Tensor& qkv_NC, const AttentionShape& shape) const
    {
        kernels::Attention a;
        a.offsets = offsets.data();
        a.lengths = lengths.data();
        a.segments = static_cast<std::int64_t>(offsets.size());
        a.heads = shape.heads;
        a.kvHeads = shape.kvHeads;
        a.headDim = shape.headDim;
        a.window = shape.window;
        a.scale = shape.scale > 0.0 ? static_cast<float>(shape.scale)
                                    : 1.0F / std::sqrt(static_cast<float>(shape.headDim));
        a.qkv = in<kernels::Bf16>(qkv_NC);
        return a;
    }

    std::vector<std::int64_t> offsets;
    std::vector<std::int64_t> lengths;
};

} // namespace

// Ours, unless the product is large and LibTorch makes those.
at::Tensor Bf16Ops::product(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                            const ExtraTerm& extra, const at::Tensor& bias_O,
                            const at::Tensor& add_NO) const
{
    const bool thin = isThin(x_NK, w, side);
    if (!(thin || table().largeProducts) || !fits(x_NK, w, extra, add_NO)) {
        return KernelOps::product(x_NK, w, side, extra, bias_O, add_NO);
    }
    const kernels::Bf16Kernels& own = *table().bf16;
    const auto described = describeProduct<Bf16>(x_NK, w, side, extra, bias_O, add_NO);
    const kernels::Product<Bf16>& p = described.product;
    if (thin) {
        eachTask(own.thinTasks(p),
                 [&](std::int64_t begin, std::int64_t end) { own.thin(p, begin, end); });
        return described.y_NO;
    }
    const int threads = at::get_num_threads();
    eachTask(own.productTasks(p, threads),
             [&](std::int64_t begin, std::int64_t end) { own.product(p, threads, begin, end); });
    return described.y_NO;
}

std::int64_t Bf16Ops::productRows(std::int64_t rows, at::ScalarType type) const
{
    return table().largeProducts ? rows : KernelOps::productRows(rows, type);
}

void Bf16Ops::addOuterProduct(at::Tensor& g_MO, const at::Tensor& a_NM, const at::Tensor& b_NO,
                              double scale) const
{
    if (!table().largeProducts || !fits(a_NM) || !fits(b_NO) || g_MO.scalar_type() != at::kFloat
        || g_MO.stride(1) != 1) {
        return KernelOps::addOuterProduct(g_MO, a_NM, b_NO, scale);
    }
    const kernels::Bf16Kernels& own = *table().bf16;
    kernels::OuterProduct o;
    o.depth = a_NM.size(0);
    o.rows = a_NM.size(1);
    o.columns = b_NO.size(1);
    o.a = in<Bf16>(a_NM);
    o.aStride = a_NM.stride(0);
    o.b = in<Bf16>(b_NO);
    o.bStride = b_NO.stride(0);
    o.scale = static_cast<float>(scale);
    o.g = out<float>(g_MO);
    o.gStride = g_MO.stride(0);
    eachTask(own.outerTasks(o),
             [&](std::int64_t begin, std::int64_t end) { own.outer(o, begin, end); });
}

AttentionSaved Bf16Ops::attention(const at::Tensor& qkv_NC, const std::vector<Segment>& segments,
                                  const AttentionShape& shape, const at::Tensor& keyMask_T) const
{
    const bool taken = qkv_NC.scalar_type() == at::kBFloat16 && qkv_NC.is_contiguous()
        && shape.headDim % 16 == 0 && shape.headDim <= 256 && !keyMask_T.defined()
        && shape.isPlain() && shape.causal;
    if (!taken) {
        return KernelOps::attention(qkv_NC, segments, shape, keyMask_T);
    }
    const SegmentArrays arrays(segments);
    AttentionSaved saved;
    saved.own = true;
    saved.y_NC = at::empty({qkv_NC.size(0), shape.heads * shape.headDim}, qkv_NC.options());
    saved.lse.push_back(
        at::empty({qkv_NC.size(0), shape.heads}, qkv_NC.options().dtype(at::kFloat)));
    kernels::Attention a = arrays.describe(qkv_NC, shape);
    a.y = out<kernels::Bf16>(saved.y_NC);
    a.lse = out<float>(saved.lse.front());
    eachTask(a.segments * a.kvHeads,
             [&](std::int64_t begin, std::int64_t end) { table().bf16->attention(a, begin, end); });
    return saved;
}

at::Tensor Bf16Ops::attentionBackward(const at::Tensor& dy_NC, const at::Tensor& qkv_NC,
                                      const AttentionSaved& saved,
                                      const std::vector<Segment>& segments,
                                      const AttentionShape& shape) const
{
    if (!saved.own) {
        return KernelOps::attentionBackward(dy_NC, qkv_NC, saved, segments, shape);
    }
    const SegmentArrays arrays(segments);
    const at::Tensor dy = dy_NC.contiguous();
    at::Tensor dqkv_NC = at::empty_like(qkv_NC);
    kernels::Attention a = arrays.describe(qkv_NC, shape);
    a.y = out<kernels::Bf16>(saved.y_NC);
    a.lse = out<float>(saved.lse.front());
    a.dy = in<kernels::Bf16>(dy);
    a.dqkv = out<kernels::Bf16>(dqkv_NC);
    eachTask(a.segments * a.kvHeads, [&](std::int64_t begin, std::int64_t end) {
        table().bf16->attentionBackward(a, begin, end);
    });
    return dqkv_NC;
}

} // namespace pissarro::core::inline decoder::inline ops

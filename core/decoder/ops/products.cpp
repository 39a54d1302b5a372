// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/products_tensors.h"
#include "core/kernels/bf16_kernels.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cstdint>

namespace pissarro::core {

namespace {

using kernels::Bf16;

// As kThinRows in float32, where LibTorch's product is the other way.
constexpr std::int64_t kThinFloatRows = 64;

bool fits(const at::Tensor& t)
{
    return t.is_cpu() && t.scalar_type() == at::kBFloat16 && t.dim() == 2 && t.stride(1) == 1;
}

// Ours, unless the product is large and LibTorch makes those.
const kernels::Bf16Kernels* kernelsFor(const at::Tensor& x, bool thin)
{
    return fits(x) && (thin || kernels::ownLargeProducts()) ? kernels::bf16Kernels() : nullptr;
}

template <class S>
typename kernels::Product<S>::Pair pairOf(const at::Tensor& x, const at::Tensor& w, Side side)
{
    return {in<S>(x), x.stride(0), in<S>(w), w.stride(0), x.size(1), side == Side::Columns};
}

// The product as the kernels take it; y is allocated.
template <class S>
kernels::Product<S> describe(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                             const ExtraTerm& extra, const at::Tensor& bias_O,
                             const at::Tensor& add_NO, at::Tensor& y_NO)
{
    kernels::Product<S> p;
    p.rows = x_NK.size(0);
    p.columns = w.size(side == Side::Rows ? 0 : 1);
    p.main = pairOf<S>(x_NK, w, side);
    if (extra.x_NR.defined()) {
        p.extra = pairOf<S>(extra.x_NR, extra.w, side);
    }
    if (bias_O.defined()) {
        p.bias_O = in<S>(bias_O);
    }
    if (add_NO.defined()) {
        p.add = in<S>(add_NO);
        p.addStride = add_NO.stride(0);
    }
    y_NO = at::empty({p.rows, p.columns}, x_NK.options());
    p.y = out<S>(y_NO);
    p.yStride = p.columns;
    return p;
}

bool isThin(const at::Tensor& x_NK, const at::Tensor& w, Side side)
{
    const bool is16 = x_NK.scalar_type() == at::kBFloat16;
    return side == Side::Rows && runsOwn(x_NK) && (is16 || x_NK.scalar_type() == at::kFloat)
        && x_NK.size(0) <= (is16 ? kThinRows : kThinFloatRows) && x_NK.stride(1) == 1
        && w.stride(1) == 1;
}

// For every processor: the instruction set's own dot products.
at::Tensor productOfFewRows(const at::Tensor& x_NK, const at::Tensor& w_OK, const ExtraTerm& extra,
                            const at::Tensor& bias_O, const at::Tensor& add_NO)
{
    constexpr std::int64_t kTaskColumns = 32;
    at::Tensor y_NO;
    withStorage(x_NK.scalar_type(), [&]<class S>() {
        const auto p = describe<S>(x_NK, w_OK, Side::Rows, extra, bias_O, add_NO, y_NO);
        eachTask((p.columns + kTaskColumns - 1) / kTaskColumns,
                 [&](std::int64_t begin, std::int64_t end) {
                     kernels::functions<S>().dots(p, begin * kTaskColumns,
                                                  std::min(end * kTaskColumns, p.columns));
                 });
    });
    return y_NO;
}

// LibTorch rounds to the type at the end of every product that it adds to, so the small terms come first: the main product is
// added to their sum in its own accumulators, and the whole is rounded once more, where our kernels round once at all.
at::Tensor productByLibTorch(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                             const ExtraTerm& extra, const at::Tensor& bias_O,
                             const at::Tensor& add_NO)
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

} // namespace

at::Tensor product(const at::Tensor& x_NK, const at::Tensor& w, Side side, const ExtraTerm& extra,
                   const at::Tensor& bias_O, const at::Tensor& add_NO)
{
    const bool thin = isThin(x_NK, w, side);
    const kernels::Bf16Kernels* own = kernelsFor(x_NK, thin);
    const bool low = extra.x_NR.defined();
    if (own == nullptr || !fits(w) || x_NK.size(1) % 2 != 0
        || (low && (!fits(extra.x_NR) || !fits(extra.w) || extra.x_NR.size(1) % 2 != 0))
        || (add_NO.defined() && !fits(add_NO))) {
        return thin ? productOfFewRows(x_NK, w, extra, bias_O, add_NO)
                    : productByLibTorch(x_NK, w, side, extra, bias_O, add_NO);
    }
    at::Tensor y_NO;
    const auto p = describe<Bf16>(x_NK, w, side, extra, bias_O, add_NO, y_NO);
    if (thin) {
        eachTask(own->thinTasks(p),
                 [&](std::int64_t begin, std::int64_t end) { own->thin(p, begin, end); });
        return y_NO;
    }
    const int threads = at::get_num_threads();
    eachTask(own->productTasks(p, threads),
             [&](std::int64_t begin, std::int64_t end) { own->product(p, threads, begin, end); });
    return y_NO;
}

std::int64_t productRows(std::int64_t rows, at::ScalarType type, at::Device device)
{
    constexpr std::uint64_t kShapes =
        8; // between a power of two and the next: 4 % of the rows are waste
    constexpr std::uint64_t kFewest = 16;
    if (!device.is_cpu() || type != at::kBFloat16 || kernels::ownLargeProducts() || rows <= 0) {
        return rows;
    }
    const auto given = static_cast<std::uint64_t>(rows);
    const std::uint64_t step = std::max(kFewest, std::bit_floor(given) / kShapes);
    return static_cast<std::int64_t>((given + step - 1) / step * step);
}

void addOuterProduct(at::Tensor& g_MO, const at::Tensor& a_NM, const at::Tensor& b_NO, double scale)
{
    const kernels::Bf16Kernels* own = kernelsFor(a_NM, /*thin=*/false);
    if (own != nullptr && fits(b_NO) && g_MO.scalar_type() == at::kFloat && g_MO.stride(1) == 1) {
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
        eachTask(own->outerTasks(o),
                 [&](std::int64_t begin, std::int64_t end) { own->outer(o, begin, end); });
    } else if (g_MO.scalar_type() == a_NM.scalar_type()) {
        g_MO.addmm_(a_NM.t(), b_NO, 1, scale);
    } else {
        g_MO.add_(at::mm(a_NM.t(), b_NO), scale);
    }
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/ops/ops_tensors.h"
#include "core/kernels/kernels.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ops/empty.h>

namespace pissarro::core::inline decoder::inline ops {

template <class S>
typename kernels::Product<S>::Pair productPair(const at::Tensor& x, const at::Tensor& w, Side side)
{
    return {in<S>(x), x.stride(0), in<S>(w), w.stride(0), x.size(1), side == Side::Columns};
}

// A product as the kernels take it, and what it is written into.
template <class S>
struct DescribedProduct {
    kernels::Product<S> product;
    at::Tensor y_NO;
};

template <class S>
DescribedProduct<S> describeProduct(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                                    const ExtraTerm& extra, const at::Tensor& bias_O,
                                    const at::Tensor& add_NO)
{
    DescribedProduct<S> described;
    kernels::Product<S>& p = described.product;
    p.rows = x_NK.size(0);
    p.columns = w.size(side == Side::Rows ? 0 : 1);
    p.main = productPair<S>(x_NK, w, side);
    if (extra.x_NR.defined()) {
        p.extra = productPair<S>(extra.x_NR, extra.w, side);
    }
    if (bias_O.defined()) {
        p.bias_O = in<S>(bias_O);
    }
    if (add_NO.defined()) {
        p.add = in<S>(add_NO);
        p.addStride = add_NO.stride(0);
    }
    described.y_NO = at::empty({p.rows, p.columns}, x_NK.options());
    p.y = out<S>(described.y_NO);
    p.yStride = p.columns;
    return described;
}

} // namespace pissarro::core::inline decoder::inline ops

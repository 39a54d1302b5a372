// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/kernels.h"

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

namespace pissarro::core {

// A tensor's data as the kernels see it: S is float, double or kernels::Bf16.
template <class S>
const S* in(const at::Tensor& t)
{
    return static_cast<const S*>(t.const_data_ptr());
}
template <class S>
S* out(const at::Tensor& t)
{
    return static_cast<S*>(t.mutable_data_ptr());
}

// Whether our kernels take a tensor; the others are LibTorch's.
inline bool runsOwn(const at::Tensor& t)
{
    return t.is_cpu() && kernels::ownKernels();
}

// Calls body.operator()<S>() with the storage type of `type`.
template <class Body>
void withStorage(at::ScalarType type, const Body& body)
{
    switch (type) {
    case at::kFloat:
        return body.template operator()<float>();
    case at::kDouble:
        return body.template operator()<double>();
    case at::kBFloat16:
        return body.template operator()<kernels::Bf16>();
    default:
        TORCH_CHECK(false, "fused operators know float32, float64 and bfloat16, not ", type);
    }
}

} // namespace pissarro::core

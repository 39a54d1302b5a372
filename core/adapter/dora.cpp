// SPDX-License-Identifier: GPL-3.0-or-later
// DoRA (Liu et al. 2024, arXiv:2402.09353): a weight as the length of each of its rows, which trains by itself, and a
// direction, to which LoRA's two factors are added.
// Formula: W' = m / |W + s B A| * (W + s B A), row by row; the lengths below the line have no gradient (section 4.3).
// Dropout acts on what the factors read, as under LoRA. PEFT drops numbers of the x in (m / |…| - 1) x W^T too: another
// deviation, the same mean.
#include "core/adapter/factors_p.h"

#include <ATen/ATen.h>

#include <limits>

namespace pissarro::core::inline adapter {

namespace {

using Shape = std::vector<std::int64_t>;

AdapterTerm term(const Adapter& adapter)
{
    return {adapter.a_RI, adapter.b_OR * adapter.scale};
}

at::Tensor norm(const Adapter& adapter, const at::Tensor& w_OI)
{
    const at::Tensor whole_OI =
        at::addmm(w_OI.to(adapter.b_OR.options()), adapter.b_OR, adapter.a_RI, 1, adapter.scale);
    // A row of zeros, which has no direction, stays one.
    return at::linalg_vector_norm(whole_OI, 2, at::IntArrayRef {1})
        .clamp_min_(std::numeric_limits<float>::min());
}

} // namespace

extern const AdapterKind kDora {
    .named = {"dora", "DoRA"},
    .tensors =
        {
            factorA(),
            factorB(),
            {"lora_magnitude_vector", &Adapter::magnitude_O,
             [](std::int64_t rows, std::int64_t /*cols*/, std::int64_t /*rank*/) {
                 return Shape {rows};
             },
             ""},
        },
    .term = term,
    .form = {.type = "LORA", .keys = {"use_dora"}},
    .norm = norm,
};

} // namespace pissarro::core::inline adapter

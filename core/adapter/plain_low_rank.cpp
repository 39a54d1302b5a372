// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/adapter_kind_tensors.h"
#include "core/adapter/adapter_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline adapter {

namespace {

using Shape = std::vector<std::int64_t>;

AdapterTerm term(const Adapter& adapter)
{
    return {adapter.a_RI, adapter.scale == 1.0 ? adapter.b_OR : adapter.b_OR * adapter.scale};
}

} // namespace

extern const AdapterKind kPlainLowRank {
    .named = {"lora", "LoRA"},
    .tensors =
        {
            {"lora_A", &Adapter::a_RI,
             [](std::int64_t /*rows*/, std::int64_t cols, std::int64_t rank) {
                 return Shape {rank, cols};
             }},
            {"lora_B", &Adapter::b_OR,
             [](std::int64_t rows, std::int64_t /*cols*/, std::int64_t rank) {
                 return Shape {rows, rank};
             }},
        },
    .term = term,
    .form = {.type = "LORA", .keys = {}},
};

} // namespace pissarro::core::inline adapter

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/factors_p.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline adapter {

namespace {

AdapterTerm term(const Adapter& adapter)
{
    return {adapter.a_RI, adapter.scale == 1.0 ? adapter.b_OR : adapter.b_OR * adapter.scale};
}

} // namespace

extern const AdapterKind kPlainLowRank {
    .named = {"lora", "LoRA"},
    .tensors =
        {
            factorA(),
            factorB(),
        },
    .term = term,
    .form = {.type = "LORA", .keys = {}},
};

} // namespace pissarro::core::inline adapter

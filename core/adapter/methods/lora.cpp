// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/method.h"
#include "core/adapter/method_start_tensors.h"

namespace pissarro::core::inline adapter::inline methods {

namespace {

MethodStart start(const StartInput& input, const JobContext& /*job*/)
{
    const Adapter made = loraFactors(input.module, input.rank, input.scale, input.how.seed);
    return {made.a_RI, made.b_OR};
}

} // namespace

// arXiv:2106.09685: A is random, B zero, W stays as it is.
extern const MethodInfo kLora {
    .name = "lora",
    .title = "LoRA",
    .base = MethodBase::Untouched,
    .twin = "pissa",
    .start = start,
};

} // namespace pissarro::core::inline adapter::inline methods

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/method.h"
#include "core/adapter/method_start_tensors.h"

namespace pissarro::core::inline adapter::inline methods {

namespace {

MethodStart start(const StartInput& input, const JobContext& /*job*/)
{
    const Adapter made = loraFactors(input.module, input.rank, input.scale, input.how.seed);
    return {made.a_RI, made.b_OR, quantize(input.weight(), input.quant)};
}

} // namespace

// arXiv:2305.14314: W in four bits, LoRA's start on it.
extern const MethodInfo kQlora {
    .name = "qlora",
    .title = "QLoRA",
    .base = MethodBase::FourBit,
    .twin = "qpissa",
    .start = start,
};

} // namespace pissarro::core::inline adapter::inline methods

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/method.h"
#include "core/adapter/method_start_tensors.h"
#include "core/base/error.h"
#include "core/linalg/factor_cache_tensors.h"
#include "core/tensor/runtime.h"

namespace pissarro::core::inline adapter::inline methods {

namespace {

MethodStart start(const StartInput& input, const JobContext& job)
{
    if (!(input.scale > 0.0)) { // only PEFT's folders hold such
        throw Error(ErrorKind::Format,
                    "lora_alpha is not above 0 (expected so with init_lora_weights \"pissa\")");
    }
    const AdapterOptions& how = input.how;
    const at::Tensor w_OI = input.weight();
    const c10::Device device = parseDevice(how.device);
    const std::int64_t first = sliceStart(how.slice, input.module.smallerSide(), input.rank);
    const PissaFactors factors = how.svd.kind == SvdKind::Exact
        ? pissaFactors(FactorCache().exactSvd(w_OI, input.rank, first, device, job), input.scale)
        : pissaFactors(w_OI.to(device), input.rank, input.scale, how,
                       moduleSeed(how.seed, input.module.name), job);
    return {factors.a_RI.cpu(), factors.b_OR.cpu()};
}

} // namespace

// arXiv:2404.02948: the leading singular triplets become the adapter, the rest stays frozen.
extern const MethodInfo kPissa {
    .name = "pissa",
    .title = "PiSSA",
    .base = MethodBase::Residual,
    .uses = {.svd = true, .slice = true},
    .twin = "lora",
    .start = start,
    .peftStart = "pissa",
};

} // namespace pissarro::core::inline adapter::inline methods

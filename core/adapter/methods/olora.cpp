// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"
#include "core/adapter/method_start_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tensor/runtime.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline adapter::inline methods {

namespace {

// Formula: W = Q R, the reduced QR decomposition in float32 as PEFT has it; B = Q_r, the first r columns, A = R_r, the first
//   r rows, whatever the scale is: W - scale B A stays.
MethodStart start(const StartInput& input, const JobContext& job)
{
    const std::int64_t smaller = input.module.smallerSide();
    if (input.rank > smaller) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("rank {} does not fit the matrix (expected 1 to {})", input.rank, smaller));
    }
    job.throwIfCancelled();
    const auto [q_OK, r_KI] = at::linalg_qr(input.weight().to(parseDevice(input.how.device)));
    const at::Tensor a_RI = r_KI.narrow(0, 0, input.rank).contiguous().cpu();
    const at::Tensor b_OR = q_OK.narrow(1, 0, input.rank).contiguous().cpu();
    if (!at::isfinite(a_RI).all().item<bool>() || !at::isfinite(b_OR).all().item<bool>()) {
        throw Error(ErrorKind::Numeric,
                    "the matrix holds NaN or Inf, so it has no QR decomposition");
    }
    return {a_RI, b_OR};
}

} // namespace

// arXiv:2406.01775.
extern const MethodInfo kOlora {
    .name = "olora",
    .title = "OLoRA",
    .base = MethodBase::Residual,
    .twin = "lora",
    .start = start,
    .peftStart = "olora",
};

} // namespace pissarro::core::inline adapter::inline methods

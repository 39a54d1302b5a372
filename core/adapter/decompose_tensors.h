// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/linalg/svd_tensors.h"
#include "core/quant/quantized_tensors.h"
#include "core/settings/svd_kind.h"

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>

namespace pissarro::core {

// How a four-bit base with adapters begins: deq(base) + scale B A stands for W.
struct QuantStart {
    QuantizedMatrix base;
    at::Tensor a_RI; // lora_A
    at::Tensor b_OR; // lora_B
};

struct QuantStartOptions {
    std::int64_t rank = 16;
    double scale = 1.0; // alpha / rank
    int iters = 1; // T
    SvdKind svd = SvdKind::Exact;
    int niter = 16; // fast SVD only
    std::int64_t oversampling = 8; // fast SVD only
    std::uint64_t seed = 0; // fast SVD only
    QuantOptions quant;
    at::Device device {at::kCPU}; // where low-rank parts are fitted; all else is the CPU's
    // Exact SVD only: svdFactors() of what the first iteration fits, W for QPiSSA and W - deq(nf4(W)) for LoftQ, made once
    // for several ranks; null: made anew. The same bits either way.
    const SvdFactors* firstFit = nullptr;
};

// Called after each of the T iterations with what would be the result if it were the last.
using EachIteration = std::function<void(int iteration, const QuantStart& start)>;

// QPiSSA-T (PiSSA, arXiv:2404.02948, algorithm 1, as its authors' code does it).
// Formula:  R := W; T times: L := the best rank-r approximation of R; Q := nf4(W - L); R := W - deq(Q).
//   T = 1 is PiSSA with a quantized residual. L is not fitted again after the last quantization.
// Requires: w_OI float32, not empty. Throws: Error{InvalidArgument} for T or r below 1, or r above
//   the smaller side, with the reason; Error{Numeric} for NaN or Inf; Cancelled.
QuantStart qpissaStart(const at::Tensor& w_OI, const QuantStartOptions& options,
                       const EachIteration& each = {}, const JobContext& job = {});

// LoftQ-T (arXiv:2310.08659, algorithm 1).
// Formula:  L := 0; T times: Q := nf4(W - L); L := the best rank-r approximation of W - deq(Q).
// Requires, Throws: as qpissaStart().
QuantStart loftqStart(const at::Tensor& w_OI, const QuantStartOptions& options,
                      const EachIteration& each = {}, const JobContext& job = {});

// W - (deq(base) + scale B A), float32.
at::Tensor quantResidual(const at::Tensor& w_OI, const QuantStart& start, double scale);

} // namespace pissarro::core

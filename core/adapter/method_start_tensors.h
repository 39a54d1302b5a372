// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_options.h"
#include "core/base/job_context.h"
#include "core/linalg/svd_tensors.h"
#include "core/model/model_files.h"
#include "core/quant/quantized_tensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace pissarro::core::inline adapter {

// What MethodInfo::start makes of one matrix, on the CPU. Shapes as Adapter has them.
struct MethodStart {
    at::Tensor a_RI; // lora_A
    at::Tensor b_OR; // lora_B
    // Of MethodBase::FourBit: deq(base) + scale B A stands for W. The other bases follow from W, A and B.
    QuantizedMatrix base = {};
};

// Called after each of the T iterations with what would be the result if it were the last.
using EachIteration = std::function<void(int iteration, const MethodStart& start)>;

struct StartInput {
    LinearModule module;
    std::function<at::Tensor()> weight; // W_OI, float32; a method that needs none does not ask
    std::int64_t rank = 16;
    double scale = 1.0; // alpha / rank
    AdapterOptions how; // svd, slice, seed of the run, device
    int iters = 1; // T, of a method with uses.iters, as the next two
    EachIteration each = {};
    // Exact SVD only: svdFactors() of what the first iteration fits, W or, where the method quantizes first, W - deq(nf4(W)),
    // made once for several ranks; null: made anew. The same bits either way.
    const SvdFactors* firstFit = nullptr;
    QuantOptions quant = {}; // of MethodBase::FourBit
};

} // namespace pissarro::core::inline adapter

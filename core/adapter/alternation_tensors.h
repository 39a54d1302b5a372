// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method_start_tensors.h"
#include "core/base/job_context.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline adapter {

// A four-bit base and an adapter that are found in turn: QPiSSA-T, LoftQ-T. In which order is the method's.
class Alternation {
public:
    // Requires: the weight is float32, not empty; `input` and `job` outlive it.
    // Throws: Error{InvalidArgument} for T or r below 1, or r above the smaller side, with the reason.
    Alternation(const StartInput& input, const JobContext& job);
    Alternation(const StartInput& input,
                const JobContext&& job) = delete; // it would not outlive this

    // The best rank-r approximation of `r_OI` becomes the adapter; iterations count from 1.
    // Throws: Error{Numeric} for NaN or Inf; Cancelled.
    void fit(const at::Tensor& r_OI, int iteration);
    void quantizeRest(); // W without the adapter becomes the base; without one, W itself
    void tell(int iteration) const; // StartInput::each

    const at::Tensor& weight() const { return m_w_OI; }
    at::Tensor unquantized() const; // W - deq(base)
    const MethodStart& start() const { return m_start; }

private:
    const StartInput& m_input;
    const JobContext& m_job;
    at::Tensor m_w_OI;
    AdapterOptions m_svd;
    MethodStart m_start;
};

// W - (deq(base) + scale B A), float32.
at::Tensor quantResidual(const at::Tensor& w_OI, const MethodStart& start, double scale);

} // namespace pissarro::core::inline adapter

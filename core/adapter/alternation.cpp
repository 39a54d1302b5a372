// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/alternation_tensors.h"
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tensor/runtime.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline adapter {

namespace {

void check(const at::Tensor& w_OI, const StartInput& input)
{
    if (input.iters < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("iters is {} (expected 1 or more): without one there is no "
                                "low-rank part, which is QLoRA",
                                input.iters));
    }
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    if (input.rank < 1 || input.rank > smaller) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("rank is {} (expected 1 to {}, the matrix's smaller side)",
                                input.rank, smaller));
    }
}

} // namespace

Alternation::Alternation(const StartInput& input, const JobContext& job)
    : m_input(input)
    , m_job(job)
    , m_w_OI(input.weight())
{
    check(m_w_OI, input);
    m_svd.svd = input.how.svd; // no slice: the best approximation is the leading one
}

void Alternation::fit(const at::Tensor& r_OI, int iteration)
{
    const bool known =
        iteration == 1 && m_input.firstFit != nullptr && m_svd.svd.kind == SvdKind::Exact;
    const PissaFactors factors = known
        ? pissaFactors(r_OI, *m_input.firstFit, m_input.rank, m_input.scale)
        : pissaFactors(r_OI.to(parseDevice(m_input.how.device)), m_input.rank, m_input.scale, m_svd,
                       moduleSeed(m_input.how.seed, m_input.module.name), m_job);
    m_start.a_RI = factors.a_RI.cpu();
    m_start.b_OR = factors.b_OR.cpu();
}

void Alternation::quantizeRest()
{
    m_start.base = quantize(m_start.a_RI.defined()
                                ? subtractAdapter(m_w_OI, m_start.a_RI, m_start.b_OR, m_input.scale)
                                : m_w_OI,
                            m_input.quant);
}

void Alternation::tell(int iteration) const
{
    if (m_input.each) {
        m_input.each(iteration, m_start);
    }
}

at::Tensor Alternation::unquantized() const
{
    return m_w_OI - dequantize(m_start.base, at::kFloat);
}

at::Tensor quantResidual(const at::Tensor& w_OI, const MethodStart& start, double scale)
{
    const at::Tensor rest_OI = w_OI - dequantize(start.base, at::kFloat);
    return start.a_RI.defined() ? subtractAdapter(rest_OI, start.a_RI, start.b_OR, scale) : rest_OI;
}

} // namespace pissarro::core::inline adapter

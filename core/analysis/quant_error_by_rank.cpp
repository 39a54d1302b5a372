// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/quant_error_by_rank_tensors.h"
#include "core/analysis/quant_error_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline analysis {

QuantErrorByRank::QuantErrorByRank(at::Tensor w_OI, Method method, int iters, const JobContext& job)
    : m_w_OI(std::move(w_OI))
    , m_method(method)
{
    m_input = startInput({}, {}, m_w_OI);
    m_input.iters = iters;
    const at::Tensor left_OI = m_w_OI - dequantize(quantize(m_w_OI, m_input.quant), at::kFloat);
    m_qlora = normsOf(left_OI, job).nuclear;
    if (!isExact()) {
        job.throwIfCancelled();
        m_firstFit = svdFactors(method->quantizesFirst ? left_OI : m_w_OI, job);
        m_input.firstFit = &m_firstFit;
    }
}

double QuantErrorByRank::shareAt(std::int64_t rank, const JobContext& job)
{
    if (isExact()) {
        return 0.0;
    }
    job.throwIfCancelled();
    StartInput input = m_input;
    input.rank = rank;
    input.each = [&job](int, const MethodStart&) { job.throwIfCancelled(); };
    const MethodStart start = m_method->start(input, job);
    return normsOf(quantResidual(m_w_OI, start, m_input.scale), job).nuclear / m_qlora;
}

std::int64_t QuantErrorByRank::knownRank(double share) const
{
    if (isExact() || !m_method->quantizesFirst || m_input.iters > 1) {
        return 0;
    }
    const at::Tensor s_K = m_firstFit.s_K.contiguous();
    const auto* values = in<double>(s_K);
    std::int64_t rank = s_K.numel();
    for (double tail = 0.0; rank > 1; --rank) {
        tail += values[rank - 1];
        if (tail > share * m_qlora) {
            break;
        }
    }
    return rank;
}

} // namespace pissarro::core::inline analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/alternation_tensors.h"
#include "core/adapter/method.h"
#include "core/base/job_context.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pissarro::core::inline analysis {

// What QPiSSA-T or LoftQ-T leaves of one matrix at any rank. What ranks share, nf4(W) and the decomposition that the first
// iteration fits, is made once.
// Threads: one call at a time.
class QuantErrorByRank {
public:
    // Requires: iterates(method), iters >= 1; w_OI float32. Throws: as MethodInfo::start.
    QuantErrorByRank(at::Tensor w_OI, Method method, int iters, const JobContext& job);
    QuantErrorByRank(const QuantErrorByRank&) = delete; // m_input points into it
    QuantErrorByRank& operator=(const QuantErrorByRank&) = delete;

    bool isExact() const { return m_qlora == 0.0; } // nf4(W) is W: nothing is ever left
    // The nuclear error at `rank` as a share of that of nf4(W) alone; 0 where isExact().
    // Cost: T - 1 decompositions and the singular values of one matrix. Throws: as the constructor.
    double shareAt(std::int64_t rank, const JobContext& job);
    // The smallest rank whose share is at most `share`, where that is known without decomposing; else 0.
    // Formula: LoftQ-1 leaves the singular values of W - deq(nf4(W)) behind the first r.
    std::int64_t knownRank(double share) const;

private:
    at::Tensor m_w_OI;
    Method m_method;
    double m_qlora = 0.0;
    SvdFactors m_firstFit;
    StartInput m_input;
};

} // namespace pissarro::core::inline analysis

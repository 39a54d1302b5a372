// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"
#include "core/analysis/rank_map.h"
#include "core/base/job_context.h"

#include <vector>

namespace pissarro::core::inline analysis {

struct QuantErrorTarget {
    double share = 0.8; // of QLoRA's nuclear error, the most that may be left
    Method method = firstWhere(iterates); // or another that does
    int iters = 1; // T of every probe; quant-error's own default is 5
    RankBounds bounds;
};

// The smallest rank of each matrix at which QPiSSA-T or LoftQ-T leaves at most `share` of what nf4(W) alone leaves, in the
// nuclear norm: what measureQuantErrors() reports for that rank. Found by bisection, about log2 of the smaller side
// probes, each one start and one spectrum; the decomposition that the first iteration fits is made once for all of them.
// The rank found meets the target and the rank below it does not; where an error does not fall with every rank (QPiSSA,
// by a little), a smaller one may meet it too. A larger share never gives a larger rank.
// A matrix that the highest rank allowed does not bring to the target gets that rank, and the reason counts such.
//
// Several matrices at a time, each on one thread; the process's thread count stays, for a run in progress. `job` reports
// one call at a time, on any of the threads.
// Throws: Error{InvalidArgument} unless 0 < share <= 1, T is at least 1, iterates(method) and there is a module;
//   Error{Format} for NaN or Inf, naming the matrix; Cancelled within one probe of one matrix.
RankMap ranksByQuantError(const ModelFiles& files, const std::vector<LinearModule>& modules,
                          const QuantErrorTarget& target, const JobContext& job);

} // namespace pissarro::core::inline analysis

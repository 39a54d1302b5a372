// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/run_directory.h"
#include "core/stats/sample.h"
#include "core/text/said.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pissarro::core::inline sweep {

// Which rank to begin with, by two or three of them trained briefly on the same batches: a measurement beside what the singular values
// promise (core/analysis/rank_advice.h).

struct RankTrial {
    std::int64_t rank = 0;
    std::int64_t parameters = 0; // that train
    std::vector<StepRecord> records;
};

struct TriedRank {
    std::int64_t rank = 0;
    std::int64_t parameters = 0;
    double loss = 0.0; // mean of the later half of the steps
    SampleSummary behind; // of its losses less those of the best rank, step by step
    bool isAsGood = false;
};

struct RankProposal {
    std::optional<std::int64_t> rank; // none: fewer than two ranks came to their end
    std::vector<TriedRank> tried; // ascending
    std::int64_t best = 0; // the rank of the lowest loss
    Said reason; // whole, with the numbers: "Start with 16: …"
};

// How much worse than the best a rank may be and still be as good, of the best loss.
constexpr double kAsGoodShare = 0.005;

// The rule: losses of the later half of the steps that all trials have, each step on the same batch. A rank is as good as the best
// one when the 95 % interval of their differences holds 0 or less, or their mean is at most kAsGoodShare of the best loss. Proposed
// is the smallest that is as good. Steps that follow one another are alike, so the interval is too narrow rather than too wide: it
// proposes a larger rank rather than a smaller one. A trial of few steps says where to begin, not what is best in the end.
// Throws: Error{InvalidArgument} where two trials are of one rank or took other batches.
RankProposal proposeRank(std::span<const RankTrial> trials);

// Trains `spec` with each of the ranks for `steps` in temporary folders, alpha / rank and everything else as it is.
// Throws: as train(); Cancelled.
std::vector<RankTrial> tryRanks(const RunSpec& spec, const std::vector<std::int64_t>& ranks,
                                std::int64_t steps, const JobContext& job);

} // namespace pissarro::core::inline sweep

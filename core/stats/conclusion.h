// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stats/claims.h"
#include "core/stats/sample.h"
#include "core/text/said.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pissarro::core::inline stats {

// What a table of runs says of two methods: «PiSSA is ahead», «LoRA is ahead», «no difference can be told», «it depends on
// the rate». A method has a best learning rate of its own, so that one rate for both answers a question that nobody has.

// One run of the table.
struct TriedRun {
    std::string method; // as a person reads it: "PiSSA"
    std::string
        setting; // what is held equal beside the rate: "rank 16"; only runs of one setting are compared
    double rate = 0.0; // learning rate
    std::int64_t seed = 0;
    // The score on the half of the held-out rows that chooses rates (choosingHalf), and on the other one, which is reported.
    // NaN: the run diverged or has none.
    double choosing = std::numeric_limits<double>::quiet_NaN();
    double score = std::numeric_limits<double>::quiet_NaN();
    std::vector<bool>
        solved; // each question of the reported half, in one order for all runs; empty: not known
};

struct ConclusionOptions {
    std::vector<std::string> methods; // that are compared, each with each after it
    bool lowerIsBetter = false; // scores are losses: `solved` does not count
    // Whether `choosing` and `score` are of different rows. If not, the best-rate claims are marked as picked afterwards.
    bool ratesChosenOnOtherRows = true;
};

// Two methods of one setting at a rate each.
struct RateClaim {
    double rateA = 0.0;
    double rateB = 0.0;
    SampleSummary a; // of the scores over seeds
    SampleSummary b;
    std::optional<PairedAnswers> answers; // of a claim over questions, of the two runs of `seed`
    std::int64_t seed = 0;
    Claim claim;
    Said evidence; // what it stands on: both figures, the difference with its interval, p; whole
};

enum class Outcome { NothingToCompare, NoDifference, FirstAhead, SecondAhead, DependsOnRate };

struct Conclusion {
    std::string first; // the methods
    std::string second;
    std::string setting;
    Outcome outcome = Outcome::NothingToCompare;
    Verdict verdict = Verdict::NoDifference; // how strongly that may be said
    std::optional<RateClaim> atBestRates; // none: a method has no run that came to a score
    std::vector<RateClaim> atSameRates; // each rate that both tried, ascending
    // Said in this order, each whole: what survives, what it stands on, and what limits it.
    std::vector<Said> sentences;
};

// Rows 0 to count-1: true where a row is of the half that chooses rates: count/2 of them, rounded down, drawn by `seed`. The
// same on every machine, so that a sweep and its report agree. Throws: Error{InvalidArgument} for 2^32 rows or more.
std::vector<bool> choosingHalf(std::size_t count, std::uint64_t seed = 0);

// Questions in their two halves: the share that is solved of each, and which are of the reported one.
// Requires: two questions at least.
struct HalvedAnswers {
    double choosing = 0.0;
    double score = 0.0;
    std::vector<bool> solved;
};
HalvedAnswers halvesOf(const std::vector<bool>& solved);

// Draws the conclusions for every setting (as they appear) and every pair of options.methods (in order).
//
// Rules, beside those of claims.h, whose family are all claims of all conclusions returned, each pair of rates once:
//  1. A method's best rate is that with the best mean of `choosing` over its seeds; of equals the smaller rate. A rate with a run
//     that diverged is never the best.
//  2. Scores of the same seeds on both sides are paired. With fewer than five seeds a side, runs of one seed that answered the
//     same questions are compared over these (the smallest such seed): a claim about those two runs.
//  3. Claims (suggested ones count) in favour of both, at whichever rates: it depends on the rate; as strong as the weaker of the
//     two strongest. Else what the best rates say. What only one same rate says is told beside, and is no lead.
// Runs of other methods are left alone. Throws: Error{InvalidArgument} naming a run that is there twice, and where two runs
// answered different numbers of questions.
std::vector<Conclusion> concludeFrom(std::span<const TriedRun> runs,
                                     const ConclusionOptions& options);

} // namespace pissarro::core::inline stats

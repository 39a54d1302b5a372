// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stats/proportion.h"
#include "core/text/enum_names.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace pissarro::core::inline stats {

// The rules by which two things may be said to differ: one place, for every page, verb and report (golden/eval/statistics.json
// has families of claims with their verdicts).
//
//  1. Every p is two-sided.
//  2. Holm's correction over all claims that are shown together, those without a test included.
//  3. shows: the corrected p is below 0.05, and the test is over questions, or over five seeds or more on each side.
//  4. suggests: not that, but the p by itself is below 0.05.
//  5. Else no difference can be shown. That is not «they are equal».

constexpr double kClaimLevel = 0.05;
constexpr std::int64_t kClaimSeeds = 5;

// Two recipes, scores of some seeds of each.
struct SeedScores {
    std::vector<double> a;
    std::vector<double> b;
    bool paired = false; // a[i] and b[i] are of the same seed
};

struct Comparison {
    std::variant<SeedScores, PairedAnswers> found;
    bool lowerIsBetter = false; // a loss; questions that are solved are better
    // The pair was chosen because of the very scores that are compared. The best of many by chance looks better than it
    // is, which no p knows of: whoever shows the claim says so.
    bool pickedAfterwards = false;
};

enum class ClaimTest { None, PairedT, WelchT, McNemar };
enum class Verdict { NoDifference, Suggests, Shows }; // from weak to strong
enum class Better { Neither, A, B };

struct Claim {
    Verdict verdict = Verdict::NoDifference;
    Better better = Better::Neither; // by the difference alone, whatever the verdict
    double difference = 0.0; // mean of A less mean of B; of questions the shares
    std::optional<Interval> interval; // of the difference, 95 %; none: it cannot be known
    ClaimTest test =
        ClaimTest::None; // none: a side has fewer than two seeds, or there are no questions
    std::optional<double>
        p; // by itself; none also where nothing varies and nothing differs, or a score is NaN
    double adjustedP = 1.0; // Holm's, over the family
    std::int64_t seeds = 0; // on the side that has fewer; 0: over questions
    std::int64_t questions = 0; // 0: over seeds
    bool nothingVaries = false; // see MeanTest
    bool pickedAfterwards = false;
};

} // namespace pissarro::core::inline stats

namespace pissarro::core {

template <>
struct EnumNames<Verdict> {
    static constexpr std::array all {
        Named<Verdict> {Verdict::Shows, "shows"}, Named<Verdict> {Verdict::Suggests, "suggests"},
        Named<Verdict> {Verdict::NoDifference, "no difference can be shown"}};
};

template <>
struct EnumNames<ClaimTest> {
    static constexpr std::array all {Named<ClaimTest> {ClaimTest::McNemar, "mcnemar"},
                                     Named<ClaimTest> {ClaimTest::PairedT, "paired t"},
                                     Named<ClaimTest> {ClaimTest::WelchT, "welch t"},
                                     Named<ClaimTest> {ClaimTest::None, "none"}};
};

} // namespace pissarro::core

namespace pissarro::core::inline stats {

// Judges comparisons that are shown together, in their order.
//
// Tests: paired t where seeds are paired, else Welch's t (significance.h); over questions McNemar's exact test.
// Throws: Error{InvalidArgument} when paired scores are not as many, or a count is negative. Threads: any.
std::vector<Claim> judgeTogether(std::span<const Comparison> family);

} // namespace pissarro::core::inline stats

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stats/proportion.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pissarro::core::inline stats {

// Tests of whether two things differ. Every p is two-sided. Threads: any.

// McNemar's exact test of two models on the same questions: `onlyA` were solved by A alone, `onlyB` by B alone. Questions that
// both or none solved say nothing and do not count.
// Formula: min(1, 2 P[X <= min(onlyA, onlyB)]), X ~ Bin(onlyA + onlyB, 1/2). McNemar 1947; the exact form of Cochran 1950.
//   As many on either side, none on both included: 1.
// Assumes independent questions. It is about these two models, not about other seeds of their recipes.
// Throws: Error{InvalidArgument} for a negative count.
double mcnemarP(std::int64_t onlyA, std::int64_t onlyB);

struct MeanTest {
    double t = 0.0;
    double freedom = 0.0; // degrees of freedom
    double p = 1.0;
    Interval interval; // of the difference of the means, A less B
    // All values of each side (paired: all differences) are the same but for rounding. The p is then about 0, or NaN where the
    // means are equal too; a page says «nothing varies» instead: runs that repeat each other are no evidence.
    bool nothingVaries = false;
};

// Welch's test of two samples whose variances may differ.
// Formula: t = (mean a - mean b)/sqrt(va/n + vb/m), freedom (va/n + vb/m)²/((va/n)²/(n-1) + (vb/m)²/(m-1)), v with n - 1.
//   Welch 1947; as scipy's ttest_ind(equal_var=False).
// Assumes independent values, each sample about normal. nullopt where a side has fewer than two values. A NaN or an infinity
// among them: every figure is NaN. Throws: Error{InvalidArgument} unless 0 < level < 1.
std::optional<MeanTest> welchTest(std::span<const double> a, std::span<const double> b,
                                  double level = 0.95);

// Student's test of the differences a[i] - b[i]: runs of the same seed, which share what the seed decides.
// Formula: t = mean/(sd/sqrt(n)) of the differences, n - 1 degrees of freedom; as scipy's ttest_rel. Otherwise as welchTest().
// Throws: Error{InvalidArgument} also when the lengths differ.
std::optional<MeanTest> pairedTest(std::span<const double> a, std::span<const double> b,
                                   double level = 0.95);

struct PermutationOptions {
    std::int64_t most = 100000; // arrangements; all of them are tried where there are no more
    std::uint64_t seed = 0; // where they are drawn: same seed, same p, on every machine
};

struct PermutationTest {
    double p = 1.0;
    std::int64_t arrangements = 0; // tried
    bool isExact = false; // all that there are
};

// Whether a difference of means is more than chance, without assuming a distribution: the share of arrangements of the very
// same values that lie at least as far apart (Fisher 1935). Few values cannot be far from chance: five pairs give no p below
// 2/32, so a p beside the arrangements tells what was possible.
//
// paired: each difference a[i] - b[i] may have either sign, 2^n arrangements. unpaired: any n of the n + m values may be a.
// Formula: p = #{|d| >= |observed|}/#all; drawn ones: (1 + #)/(1 + drawn), never 0 (Phipson & Smyth 2010). Arrangements that tie
//   with what was observed, to 1e-12 of the largest value, count as far apart.
// nullopt where a side is empty or a value is not finite. Cost: arrangements times values.
// Throws: Error{InvalidArgument} when paired lengths differ, for most < 1, and for 2^31 values or more.
std::optional<PermutationTest> pairedPermutationTest(std::span<const double> a,
                                                     std::span<const double> b,
                                                     const PermutationOptions& options = {});
std::optional<PermutationTest> permutationTest(std::span<const double> a, std::span<const double> b,
                                               const PermutationOptions& options = {});

// p of each of a family of tests such that any false one among them has at most the chance that is read off: Holm 1979.
// Formula: in ascending order the i-th (from 0) of m becomes the largest of min(1, (m - j) p_j), j <= i.
// The order of the arguments is kept. NaN (no test could be made) counts as 1, and as a member: it was asked too.
// Assumes nothing of how the tests depend on one another. Throws: Error{InvalidArgument} for a p outside 0 to 1.
std::vector<double> holmAdjusted(std::span<const double> p);

} // namespace pissarro::core::inline stats

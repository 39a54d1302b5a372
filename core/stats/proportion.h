// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace pissarro::core::inline stats {

struct Interval {
    double low = 0.0;
    double high = 0.0;

    friend bool operator==(const Interval&, const Interval&) = default;
};

// Intervals of the share of questions that a model would solve, from `correct` of `questions` (n) drawn independently.
// No questions: [0, 1], nothing is known. None right: the lower end is exactly 0; all right: the upper end exactly 1.
// Throw: Error{InvalidArgument} unless 0 <= correct <= questions and 0 < level < 1. Threads: any.

// Wilson's, without continuity correction: what every score is shown with. On average it covers what it promises.
// Formula: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n), z the normal quantile of (1 + level)/2. Wilson 1927.
Interval wilsonInterval(std::int64_t correct, std::int64_t questions, double level = 0.95);

// Clopper and Pearson's, the exact one: never covers less than it promises, and is wider for it.
// Formula: quantiles of Beta(k, n-k+1) and Beta(k+1, n-k) at (1 ∓ level)/2. Clopper & Pearson 1934.
Interval clopperPearsonInterval(std::int64_t correct, std::int64_t questions, double level = 0.95);

// What two models solve of the same questions.
struct PairedAnswers {
    std::int64_t both = 0;
    std::int64_t onlyA = 0;
    std::int64_t onlyB = 0;
    std::int64_t none = 0;

    std::int64_t questions() const { return both + onlyA + onlyB + none; }
    double difference() const; // share of A less share of B, in [-1, 1]; no questions: 0

    friend bool operator==(const PairedAnswers&, const PairedAnswers&) = default;
};

// Counts them; a[i] and b[i] are whether question i is solved. Throws: Error{InvalidArgument} with both lengths when they differ.
PairedAnswers countPairs(const std::vector<bool>& a, const std::vector<bool>& b);

// Interval of difference(): how far apart the two are, which McNemar's p does not say.
// Formula: Wald's with half an answer added to each cell, m = n + 2, d = (onlyA - onlyB)/m,
//   d ± z sqrt((onlyA + onlyB + 1)/m - d²)/sqrt(m), cut to [-1, 1]. Agresti & Min 2005, Statistics in Medicine 24.
//   It may just hold 0 where McNemar's p is below 1 - level, and the other way round: the test decides.
// No questions: [-1, 1].
Interval differenceInterval(const PairedAnswers& pairs, double level = 0.95);

// Unbiased estimate of the chance that one of k answers passes, from `passed` of `samples` answers to one problem.
// Formula: 1 - C(n-c, k)/C(n, k), as a product. Chen et al. 2021 (arXiv:2107.03374).
// nullopt where there are fewer samples than k: nothing can be said. Throws: Error{InvalidArgument} unless
//   0 <= passed <= samples and k >= 1.
std::optional<double> passAtK(std::int64_t samples, std::int64_t passed, std::int64_t k);

// Mean over problems {samples, passed}; nullopt where there is none, or one that has too few samples.
std::optional<double> meanPassAtK(std::span<const std::pair<std::int64_t, std::int64_t>> problems,
                                  std::int64_t k);

} // namespace pissarro::core::inline stats

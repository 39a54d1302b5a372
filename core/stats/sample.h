// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stats/proportion.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace pissarro::core::inline stats {

// Repeated measurements of one thing: the scores of one recipe over seeds.
struct SampleSummary {
    std::int64_t count = 0; // n
    double mean = std::numeric_limits<double>::quiet_NaN();
    double lowest = std::numeric_limits<double>::quiet_NaN();
    double highest = std::numeric_limits<double>::quiet_NaN();
    // One value says nothing of how values vary: these want two.
    std::optional<double> deviation; // sd with n - 1
    std::optional<double> standardError; // sd / sqrt(n)
    std::optional<Interval> interval; // of the mean
};

// Formula: mean ± t sd/sqrt(n), t Student's quantile at (1 + level)/2 with n - 1 degrees of freedom. Assumes values that are
//   independent and about normal, which few seeds cannot show.
// No values: the mean is NaN. A NaN or an infinity among them makes every figure NaN: nothing is left out unsaid.
// Throws: Error{InvalidArgument} unless 0 < level < 1.
SampleSummary summaryOf(std::span<const double> values, double level = 0.95);

// summaryOf() of many small samples, as at each step of a curve: Student's quantile, which costs more than they, is found once
// for each size. Threads: one at a time.
class Summaries {
public:
    explicit Summaries(double level = 0.95); // Throws: as summaryOf()
    SampleSummary of(std::span<const double> values);

private:
    double m_level;
    std::map<std::size_t, double> m_quantiles; // by size
};

// Sum without the rounding that grows with the number of terms (Neumaier 1974).
double preciseSum(std::span<const double> values);

// The value below which the share p of `values` lies, interpolated between neighbours as numpy does: position p (n - 1) of
// the sorted values. NaN where there is none or one of them is NaN. Throws: Error{InvalidArgument} unless 0 <= p <= 1.
double sampleQuantile(std::span<const double> values, double p);

struct BootstrapOptions {
    double level = 0.95;
    std::int64_t resamples = 9999;
    std::uint64_t seed = 0; // same seed, same interval, on every machine
};

// Interval of any figure of a sample: the figure of many samples drawn from it with replacement.
//
// Formula: the percentile interval, quantiles (1 ∓ level)/2 of the resampled figures. Efron & Tibshirani 1993, chapter 13.
//   Paired runs: give it the differences. Assumes independent values and many of them: over five seeds it is about a fifth too
//   narrow, so means over seeds have Student's interval (summaryOf) and this is for questions, medians and the like.
// nullopt for fewer than two values, and where one is not finite. Cost: resamples times `figure`.
// Throws: Error{InvalidArgument} for a level out of range, fewer than 1 resample, 2^32 values or more.
std::optional<Interval>
bootstrapInterval(std::span<const double> values,
                  const std::function<double(std::span<const double>)>& figure,
                  const BootstrapOptions& options = {});

} // namespace pissarro::core::inline stats

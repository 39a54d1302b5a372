// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sample.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/stats/random_p.h"
#include "core/stats/sample_p.h"
#include "core/stats/special_functions.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace pissarro::core::inline stats {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void requireShare(bool holds, double found, const char* what)
{
    if (!holds) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} is {} (expected between 0 and 1)", what, found));
    }
}

double sumOfSquares(std::span<const double> values, double mean)
{
    std::vector<double> squares;
    squares.reserve(values.size());
    for (const double value : values) {
        squares.push_back((value - mean) * (value - mean));
    }
    return preciseSum(squares);
}

double quantileOfSorted(const std::vector<double>& sorted, double p)
{
    const double at = p * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

} // namespace

bool allFinite(std::span<const double> values)
{
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

std::vector<double> differencesOf(std::span<const double> a, std::span<const double> b)
{
    if (a.size() != b.size()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("a paired test of {} and {} values (expected as many)", a.size(),
                                b.size()));
    }
    std::vector<double> differences(a.size());
    std::transform(a.begin(), a.end(), b.begin(), differences.begin(), std::minus<> {});
    return differences;
}

double preciseSum(std::span<const double> values)
{
    double sum = 0.0;
    double lost = 0.0;
    for (const double value : values) {
        const double next = sum + value;
        lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
        sum = next;
    }
    return sum + lost;
}

SampleSummary summaryOf(std::span<const double> values, double level)
{
    return Summaries(level).of(values);
}

Summaries::Summaries(double level)
    : m_level(level)
{
    requireShare(level > 0.0 && level < 1.0, level, "an interval's level");
}

SampleSummary Summaries::of(std::span<const double> values)
{
    SampleSummary out;
    out.count = static_cast<std::int64_t>(values.size());
    if (values.empty()) {
        return out;
    }
    const bool known = allFinite(values);
    const auto n = static_cast<double>(values.size());
    if (known) {
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        out.lowest = *low;
        out.highest = *high;
        // Equal values have their own mean and vary by exactly nothing, which a rounded sum would not say.
        out.mean = *low == *high ? *low : preciseSum(values) / n;
    }
    if (values.size() > 1) {
        const double sd = known ? std::sqrt(sumOfSquares(values, out.mean) / (n - 1.0)) : kNaN;
        const double se = sd / std::sqrt(n);
        const auto [found, isNew] = m_quantiles.try_emplace(values.size(), 0.0);
        if (isNew) {
            found->second = studentQuantile(0.5 + m_level / 2.0, n - 1.0);
        }
        const double half = found->second * se;
        out.deviation = sd;
        out.standardError = se;
        out.interval = Interval {out.mean - half, out.mean + half};
    }
    return out;
}

double sampleQuantile(std::span<const double> values, double p)
{
    requireShare(p >= 0.0 && p <= 1.0, p, "a quantile's share");
    if (values.empty()
        || std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) {
        return kNaN;
    }
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return quantileOfSorted(sorted, p);
}

std::optional<Interval>
bootstrapInterval(std::span<const double> values,
                  const std::function<double(std::span<const double>)>& figure,
                  const BootstrapOptions& options)
{
    requireShare(options.level > 0.0 && options.level < 1.0, options.level, "an interval's level");
    if (options.resamples < 1) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("a bootstrap of {} resamples (expected 1 or more)", options.resamples));
    }
    if (values.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("a bootstrap of {} values (expected fewer than 2^32)", values.size()));
    }
    if (values.size() < 2 || !allFinite(values)) {
        return std::nullopt;
    }
    Draws draws(options.seed);
    std::vector<double> sample(values.size());
    std::vector<double> figures;
    figures.reserve(static_cast<std::size_t>(options.resamples));
    for (std::int64_t i = 0; i < options.resamples; ++i) {
        for (double& value : sample) {
            value = values[draws.below(values.size())];
        }
        figures.push_back(figure(sample));
    }
    const double tail = (1.0 - options.level) / 2.0;
    return Interval {sampleQuantile(figures, tail), sampleQuantile(figures, 1.0 - tail)};
}

} // namespace pissarro::core::inline stats

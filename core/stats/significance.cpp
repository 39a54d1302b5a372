// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/significance.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/stats/sample.h"
#include "core/stats/sample_p.h"
#include "core/stats/special_functions.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace pissarro::core::inline stats {

namespace {

// The largest absolute value of both.
double scaleOf(std::span<const double> a, std::span<const double> b)
{
    double out = 0.0;
    for (const auto& values : {a, b}) {
        for (const double value : values) {
            out = std::max(out, std::abs(value));
        }
    }
    return out;
}

// What welchTest() and pairedTest() have in common: a difference, its standard error and its degrees of freedom. What varies
// less than values of `scale` are rounded does not vary.
MeanTest testOf(double difference, double error, double freedom, double level, double scale)
{
    MeanTest out;
    out.t = difference / error; // 0/0 is NaN, x/0 infinite: as scipy has it
    out.freedom = freedom;
    out.p = studentTwoSided(out.t, freedom);
    out.nothingVaries = error <= 4.0 * std::numeric_limits<double>::epsilon() * scale;
    const double half = studentQuantile(0.5 + level / 2.0, freedom) * error;
    out.interval = {difference - half, difference + half};
    return out;
}

} // namespace

double mcnemarP(std::int64_t onlyA, std::int64_t onlyB)
{
    const std::int64_t low = std::min(onlyA, onlyB);
    if (low < 0) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("{} questions were solved by one model alone (expected 0 or more)", low));
    }
    if (onlyA == onlyB) {
        return 1.0;
    }
    return std::min(
        1.0, 2.0 * fairCoin(static_cast<double>(low), static_cast<double>(onlyA + onlyB)).lower);
}

std::optional<MeanTest> welchTest(std::span<const double> a, std::span<const double> b,
                                  double level)
{
    const SampleSummary left = summaryOf(a, level);
    const SampleSummary right = summaryOf(b, level);
    if (!left.deviation || !right.deviation) {
        return std::nullopt;
    }
    const double va = *left.standardError * *left.standardError;
    const double vb = *right.standardError * *right.standardError;
    const double both = va + vb;
    // Neither varies: any freedom gives the same p; scipy says 1.
    const double freedom = both == 0.0 ? 1.0
                                       : both * both
            / (va * va / static_cast<double>(a.size() - 1)
               + vb * vb / static_cast<double>(b.size() - 1));
    return testOf(left.mean - right.mean, std::sqrt(both), freedom, level, scaleOf(a, b));
}

std::optional<MeanTest> pairedTest(std::span<const double> a, std::span<const double> b,
                                   double level)
{
    const std::vector<double> differences = differencesOf(a, b);
    const SampleSummary summary = summaryOf(differences, level);
    if (!summary.deviation) {
        return std::nullopt;
    }
    const double freedom =
        std::isnan(*summary.deviation) ? *summary.deviation : static_cast<double>(a.size() - 1);
    return testOf(summary.mean, *summary.standardError, freedom, level, scaleOf(a, b));
}

std::vector<double> holmAdjusted(std::span<const double> p)
{
    std::vector<double> known(p.begin(), p.end());
    for (double& value : known) {
        if (std::isnan(value)) {
            value = 1.0;
        }
        if (value < 0.0 || value > 1.0) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("p is {} (expected between 0 and 1)", value));
        }
    }
    std::vector<std::size_t> order(known.size());
    std::iota(order.begin(), order.end(), std::size_t {0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t i, std::size_t j) { return known[i] < known[j]; });
    std::vector<double> out(known.size());
    double running = 0.0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto left = static_cast<double>(order.size() - i);
        running = std::max(running, std::min(1.0, left * known[order[i]]));
        out[order[i]] = running;
    }
    return out;
}

} // namespace pissarro::core::inline stats

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/early_ending.h"

#include "core/stats/sample.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace pissarro::core::inline sweep {

namespace {

constexpr std::int64_t kBeyond = 1'000'000'000; // the most steps that a run may have

// A run's values up to a step, those that are not finite left out.
std::vector<double> valuesUpTo(std::span<const StepRecord> records, std::int64_t step,
                               StopMetric metric)
{
    std::vector<double> values;
    for (const StepRecord& record : records) {
        const double value = metric == StopMetric::Loss ? record.loss : record.evalLoss;
        if (record.step <= step && std::isfinite(value)) {
            values.push_back(value);
        }
    }
    return values;
}

// NaN behind every number.
double ranked(double figure)
{
    return std::isnan(figure) ? std::numeric_limits<double>::infinity() : figure;
}

} // namespace

std::int64_t lookStep(const StopRule& rule, std::size_t look)
{
    std::int64_t step = rule.first;
    for (std::size_t i = 0; i < look; ++i) {
        if (step > kBeyond / rule.keepOneOf) {
            return 0;
        }
        step *= rule.keepOneOf;
    }
    return step;
}

double figureAt(std::span<const StepRecord> records, std::int64_t step, StopMetric metric)
{
    const std::vector<double> values = valuesUpTo(records, step, metric);
    if (values.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (metric == StopMetric::EvalLoss) {
        return values.back();
    }
    const auto last = std::min<std::size_t>(
        values.size(), static_cast<std::size_t>(std::max<std::int64_t>(1, step / 4)));
    return std::accumulate(values.end() - static_cast<std::ptrdiff_t>(last), values.end(), 0.0)
        / static_cast<double>(last);
}

std::vector<std::size_t> survivorsOf(std::span<const double> figures, std::int64_t keepOneOf)
{
    std::vector<std::size_t> order(figures.size());
    std::iota(order.begin(), order.end(), std::size_t {0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return ranked(figures[a]) < ranked(figures[b]);
    });
    const auto kept = figures.size() / static_cast<std::size_t>(keepOneOf);
    order.resize(std::min(figures.size(), std::max<std::size_t>(1, kept)));
    std::sort(order.begin(), order.end());
    return order;
}

std::optional<MedianLook> medianLook(std::span<const StepRecord> own,
                                     std::span<const std::vector<StepRecord>> peers,
                                     std::int64_t step, StopMetric metric)
{
    const std::vector<double> mine = valuesUpTo(own, step, metric);
    std::vector<double> means;
    for (const std::vector<StepRecord>& peer : peers) {
        const std::vector<double> values = valuesUpTo(peer, step, metric);
        if (!values.empty()) {
            means.push_back(std::accumulate(values.begin(), values.end(), 0.0)
                            / static_cast<double>(values.size()));
        }
    }
    if (mine.empty() || means.size() < kFewestPeers) {
        return std::nullopt;
    }
    return MedianLook {*std::min_element(mine.begin(), mine.end()), sampleQuantile(means, 0.5),
                       means.size()};
}

} // namespace pissarro::core::inline sweep

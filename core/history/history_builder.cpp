// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history/history_builder.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <numeric>

namespace pissarro::core::inline history {

namespace {

constexpr std::size_t kMostFigures = 64'000'000;
constexpr std::size_t kMostMetrics = 4096;
constexpr std::size_t kLongestName = 256;

bool isName(std::string_view name)
{
    return !name.empty() && name.size() <= kLongestName && isValidUtf8(name)
        && std::none_of(name.begin(), name.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; });
}

// In the order of steps, each as it was told first. Returns how many were told again.
std::int64_t sortOut(MetricSeries& series)
{
    const auto ascends =
        std::adjacent_find(series.steps.begin(), series.steps.end(), std::greater_equal<>());
    if (ascends == series.steps.end()) {
        return 0;
    }
    std::vector<std::size_t> order(series.steps.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return series.steps[a] < series.steps[b];
    });
    MetricSeries sorted;
    for (const std::size_t i : order) {
        if (sorted.steps.empty() || sorted.steps.back() != series.steps[i]) {
            sorted.steps.push_back(series.steps[i]);
            sorted.values.push_back(series.values[i]);
        }
    }
    const auto again = static_cast<std::int64_t>(series.steps.size() - sorted.steps.size());
    series = std::move(sorted);
    return again;
}

// Tokens that nobody counted are told as 0.
bool isUncounted(std::string_view name, const MetricSeries& series)
{
    return (name == metric::kTokens || name == metric::kTokensPerS)
        && std::all_of(series.values.begin(), series.values.end(),
                       [](double value) { return value == 0.0; });
}

} // namespace

void HistoryBuilder::add(std::string_view metric, std::int64_t step, double value)
{
    if (step < 0 || !isName(metric)) {
        ++m_unread;
        return;
    }
    auto found = m_metrics.find(metric);
    if (found == m_metrics.end()) {
        if (m_metrics.size() == kMostMetrics) {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format("tells more than {} metrics (expected the log of a "
                                            "training); get the file again",
                                            kMostMetrics)});
        }
        found = m_metrics.emplace(metric, Metric {}).first;
    }
    if (++m_figures > kMostFigures) {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("tells more than {} figures; log more seldom, or cut it "
                                        "into several files",
                                        kMostFigures)});
    }
    auto& [series, stretches] = found->second;
    const std::size_t session = m_from.size() - 1;
    if (stretches.empty() || stretches.back().session != session) {
        stretches.push_back({series.steps.size(), session, step});
    }
    stretches.back().lowest = std::min(stretches.back().lowest, step);
    series.steps.push_back(step);
    series.values.push_back(value);
}

void HistoryBuilder::setStep(std::int64_t step)
{
    m_step = std::max(m_step, step);
}

void HistoryBuilder::beginSession()
{
    beginSessionAt(kNever);
}

void HistoryBuilder::beginSessionAt(std::int64_t step)
{
    m_from.push_back(step);
}

std::vector<std::int64_t> HistoryBuilder::gonesFrom() const
{
    std::vector<std::int64_t> from = m_from;
    for (const auto& [name, metric] : m_metrics) {
        if (isAxis(name) || isEvaluation(name)) {
            continue; // whoever only evaluates tells these, too
        }
        for (std::size_t i = 1; i < metric.stretches.size(); ++i) {
            const Stretch& stretch = metric.stretches[i];
            from[stretch.session] = std::min(from[stretch.session], stretch.lowest);
        }
    }
    std::int64_t later = kNever;
    for (auto session = from.rbegin(); session != from.rend(); ++session) {
        later = std::min(later, std::exchange(*session, later));
    }
    return from;
}

void HistoryBuilder::keep(const std::string& name, Metric& metric,
                          const std::vector<std::int64_t>& gone)
{
    auto& [series, stretches] = metric;
    std::size_t end = series.steps.size();
    std::int64_t ownLater = kNever;
    std::vector<std::int64_t> below(stretches.size());
    for (std::size_t i = stretches.size(); i-- > 0;) {
        below[i] = std::min(gone[stretches[i].session], ownLater);
        if (!isAxis(name)) {
            ownLater = std::min(ownLater, stretches[i].lowest);
        }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < stretches.size(); ++i) {
        end = i + 1 < stretches.size() ? stretches[i + 1].begin : series.steps.size();
        for (std::size_t k = stretches[i].begin; k < end; ++k) {
            if (series.steps[k] < below[i]) {
                series.steps[kept] = series.steps[k];
                series.values[kept++] = series.values[k];
            }
        }
    }
    series.steps.resize(kept);
    series.values.resize(kept);
    const std::int64_t again = sortOut(series);
    m_again += isAxis(name) ? 0 : again;
}

std::vector<Said> HistoryBuilder::notes() const
{
    std::vector<Said> notes = m_notes;
    const auto counted = [&](std::int64_t count, const char* many, const char* one) {
        if (count > 0) {
            notes.push_back({many, one, count, {fmt::format("{}", count)}});
        }
    };
    counted(m_again,
            PISSARRO_SAID_N("pissarro::core",
                            "%1 figures were told again for the same step: the first ones count"),
            "%1 figure was told again for the same step: the first one counts");
    counted(static_cast<std::int64_t>(m_from.size()) - 1,
            PISSARRO_SAID_N("pissarro::core", "%1 sessions follow the first one"),
            "%1 session follows the first one");
    counted(
        m_unread,
        PISSARRO_SAID_N("pissarro::core", "%1 lines, records or names are none and were left out"),
        "%1 line, record or name is none and was left out");
    counted(m_torn, PISSARRO_SAID_N("pissarro::core", "the ends of %1 files are cut off"),
            "the end of %1 file is cut off");
    return notes;
}

History HistoryBuilder::finish()
{
    const std::vector<std::int64_t> gone = gonesFrom();
    History history;
    history.step = m_step;
    history.steps = m_steps;
    const bool ended = m_metrics.contains("train_runtime");
    for (auto& [name, metric] : m_metrics) {
        keep(name, metric, gone);
        MetricSeries& series = metric.series;
        if (series.steps.empty() || isUncounted(name, series)) {
            continue;
        }
        history.step = std::max(history.step, series.steps.back());
        if (ended && isOfWholeRun(name) && series.steps.size() == 1) {
            history.figures.emplace(name, series.values.front());
        } else {
            history.metrics.emplace(name, std::move(series));
        }
    }
    history.notes = notes();
    m_metrics.clear();
    return history;
}

} // namespace pissarro::core::inline history

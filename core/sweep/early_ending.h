// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "core/text/enum_names.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pissarro::core::inline sweep {

// Which runs of a sweep are given up before their end, where a person asked for that.
enum class StopKind {
    None,
    Halving, // all go to a step, the best of them go on to keepOneOf times as many, and so on
    Median, // a run goes whose best loss so far is above the median of what finished runs had had on average
};

enum class StopMetric { Loss, EvalLoss };

struct StopRule {
    StopKind kind = StopKind::None;
    StopMetric metric = StopMetric::Loss;
    std::int64_t first = 0; // the step of the first look
    std::int64_t keepOneOf =
        3; // Halving: the share that goes on; each next look is at so many times the step
    std::int64_t every = 0; // Median: steps between looks
    // Settings whose values are kept apart: a run is only measured against those that are equal in all of them. What makes
    // losses incomparable (model, data, the form of a prompt, the longest row, what is held out) always is.
    std::vector<std::string> within {"method"};
};

} // namespace pissarro::core::inline sweep

namespace pissarro::core {

template <>
struct EnumNames<StopKind> {
    static constexpr std::array all {Named<StopKind> {StopKind::Halving, "halving"},
                                     Named<StopKind> {StopKind::Median, "median"},
                                     Named<StopKind> {StopKind::None, "none"}};
};

template <>
struct EnumNames<StopMetric> {
    static constexpr std::array all {Named<StopMetric> {StopMetric::Loss, "loss"},
                                     Named<StopMetric> {StopMetric::EvalLoss, "eval_loss"}};
};

} // namespace pissarro::core

namespace pissarro::core::inline sweep {

// Halving's step of look `look` (from 0): first * keepOneOf^look. 0: beyond what any run has.
std::int64_t lookStep(const StopRule& rule, std::size_t look);

// What a run is judged by at a step. Loss: the mean of the last quarter of its steps up to there. EvalLoss: the newest
// evaluation up to there. NaN: it has none, which is worse than any number.
double figureAt(std::span<const StepRecord> records, std::int64_t step, StopMetric metric);

// Successive halving of one look (Jamieson & Talwalkar 2016): indices of `figures` that go on, ascending:
// max(1, floor(n / keepOneOf)) of them, the lowest; of equals the earlier.
std::vector<std::size_t> survivorsOf(std::span<const double> figures, std::int64_t keepOneOf);

constexpr std::size_t kFewestPeers = 3; // finished runs that a median is made of

// The median stopping rule (Golovin et al., Vizier, 2017) at a step.
struct MedianLook {
    double best = 0.0; // the run's lowest value up to the step
    double median = 0.0; // of the means of each peer's values up to the step
    std::size_t peers = 0;

    bool isHopeless() const { return best > median; }
};
// `peers`: records of finished runs, each from its first step. None: fewer than kFewestPeers have a value up to there, or
// the run itself has none.
std::optional<MedianLook> medianLook(std::span<const StepRecord> own,
                                     std::span<const std::vector<StepRecord>> peers,
                                     std::int64_t step, StopMetric metric);

} // namespace pissarro::core::inline sweep

// SPDX-License-Identifier: GPL-3.0-or-later
// The rules that give each matrix a rank: another one is a row here and its place in the list.
#include "core/analysis/rank_by_quant_error.h"
#include "core/analysis/rank_rule.h"
#include "core/text/enum_names.h"

#include <cmath>

namespace pissarro::core::inline analysis {

namespace {

using Candidates = std::vector<RankCandidate>;

constexpr double kMostParameters = 1e15;

const RankRuleInfo kEnergy {
    .name = "energy",
    .title = "Energy kept",
    .by = "energy kept",
    .value = RankValue::Share,
    .means = "share kept (0.9)",
    .expected = "an energy target is above 0 and at most 1 (0.9 or 90%)",
    .standard = 0.9,
    .typed = "90 %",
    .bySpectra = [](const Candidates& all, double value,
                    const RankBounds& bounds) { return ranksByEnergy(all, value, bounds); },
};

const RankRuleInfo kKnee {
    .name = "knee",
    .title = "Knee of each",
    .by = "knee of the curve",
    .standard = 0.0,
    .bySpectra = [](const Candidates& all, double /*value*/,
                    const RankBounds& bounds) { return ranksByKnee(all, bounds); },
};

const RankRuleInfo kThreshold {
    .name = "threshold",
    .title = "Above the noise",
    .by = "threshold against noise",
    .value = RankValue::Noise,
    .means = "standard deviation of the noise (estimated)",
    .expected = "the noise is the standard deviation of a weight's error (0: estimated)",
    .standard = 0.0,
    .bySpectra = [](const Candidates& all, double value,
                    const RankBounds& bounds) { return ranksByThreshold(all, value, bounds); },
};

const RankRuleInfo kBudget {
    .name = "budget",
    .title = "Budget for all",
    .by = "a budget for all",
    .value = RankValue::Parameters,
    .means = "parameters or size (5e6, 10MB)",
    .expected = "a budget is a number of parameters (5000000, 5e6, 5M) or a size in float32 (10MB)",
    .typed = "10 MB",
    .bySpectra =
        [](const Candidates& all, double value, const RankBounds& bounds) {
            return ranksByBudget(all, static_cast<std::int64_t>(value), bounds);
        },
};

const RankRuleInfo kQuantError {
    .name = "quant-error",
    .title = "Error in four bits",
    .by = "what four bits leave",
    .value = RankValue::Share,
    .means = "share of QLoRA's nuclear error that may be left (0.8)",
    .expected = "a quantization-error target is a share of QLoRA's error, above 0 and at most 1 "
                "(0.8 or 80%)",
    .standard = 0.8,
    .typed = "80 %",
    .byWork =
        [](const RankWork& work, double value, const RankBounds& bounds) {
            QuantErrorTarget target;
            target.share = value;
            target.method = work.method;
            target.iters = work.iters;
            target.bounds = bounds;
            return ranksByQuantError(work.files, work.modules, target, work.job);
        },
};

} // namespace

const std::vector<RankRule>& allRankRules()
{
    static const std::vector<RankRule> all {&kEnergy, &kBudget, &kKnee, &kThreshold, &kQuantError};
    return all;
}

RankRule rankRuleNamed(std::string_view name)
{
    std::vector<Named<RankRule>> names;
    for (const RankRule one : allRankRules()) {
        names.push_back({one, one->name});
    }
    return parseIn(names, "rule of ranks", name);
}

bool isRankValue(const RankRuleInfo& rule, double value)
{
    switch (rule.value) {
    case RankValue::None:
        return true;
    case RankValue::Share:
        return value > 0.0 && value <= 1.0;
    case RankValue::Parameters:
        return value >= 1.0 && value <= kMostParameters;
    case RankValue::Noise:
        return value >= 0.0 && std::isfinite(value);
    }
    return false;
}

} // namespace pissarro::core::inline analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"
#include "core/analysis/rank_map.h"
#include "core/base/job_context.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline analysis {

// What the value of a rule is; whoever lets a person type one knows how to read these, whatever the rule.
enum class RankValue {
    None, // the rule takes none
    Share, // above 0, at most 1; or percent
    Parameters, // of all adapters together; or a size, in float32
    Noise, // a standard deviation, 0: estimated
};

// What a rule looks at beside the spectra, where it does.
struct RankWork {
    const ModelFiles& files;
    const std::vector<LinearModule>& modules;
    Method method; // whose four bits
    int iters = 1; // T
    const JobContext& job;
};

// How a rank for each matrix is found. Each is a row of rank_rules.cpp; `advise` and the window walk the list.
struct RankRuleInfo {
    std::string_view name; // "energy": --by
    std::string_view
        title; // "Energy kept": what a person reads, where the window has no words of its own
    std::string_view by; // "energy kept": within a sentence of what rules go by
    RankValue value = RankValue::None;
    std::string_view means = {}; // "share kept (0.9)": of the value, for help
    std::string_view expected = {}; // what a value has to be, a sentence without its full stop
    std::optional<double> standard = {}; // where none is given; nullopt: one has to be
    std::string_view typed = {}; // "90 %": what a field begins with
    // One of the two. Requires: isRankValue(), and spectra that are complete.
    RankMap (*bySpectra)(const std::vector<RankCandidate>& candidates, double value,
                         const RankBounds& bounds) = nullptr;
    // A job of a minute and more: every matrix is quantized several times. Throws: as bySpectra; Cancelled.
    RankMap (*byWork)(const RankWork& work, double value, const RankBounds& bounds) = nullptr;
};

using RankRule = const RankRuleInfo*;
const std::vector<RankRule>& allRankRules(); // lists keep this order
RankRule
rankRuleNamed(std::string_view name); // Throws: Error{InvalidArgument} with the names known
bool isRankValue(const RankRuleInfo& rule, double value);

} // namespace pissarro::core::inline analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/run_claims.h"
#include "core/text/said.h"

#include <cstdint>
#include <optional>
#include <string>

namespace pissarro::core::inline compare {

// Two methods at a learning rate each: the means of their scores over seeds.
struct RatePair {
    double rateA = 0.0;
    double rateB = 0.0;
    double a = 0.0;
    double b = 0.0;
    std::int64_t seeds = 0; // on the side that has fewer
};

// Which of two methods is ahead depends on the learning rate: one rate where the first is, one where the second is.
struct RateOrder {
    std::string first; // the methods as people read them: "PiSSA"
    std::string second;
    std::string measure; // "held-out loss"
    RatePair forFirst; // where the first is ahead by most
    RatePair forSecond;
    // Whether the rules of core/stats/claims.h let it be said; else it is what these runs show and no more.
    bool isClaimed = false;

    Said sentence() const;
};

// Looked at: each rate that both tried in one setting, and the best rate of each. nullopt: one of them is ahead at all of these,
// or they have no rate in common to tell by.
std::optional<RateOrder> rateOrder(const RunClaims& claims, const std::string& first,
                                   const std::string& second);

} // namespace pissarro::core::inline compare

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/claims.h"

#include "core/stats/sample.h"
#include "core/stats/significance.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::core::inline stats {

namespace {

Claim testedSeeds(const SeedScores& scores)
{
    Claim claim;
    claim.seeds = static_cast<std::int64_t>(std::min(scores.a.size(), scores.b.size()));
    claim.difference = summaryOf(scores.a).mean - summaryOf(scores.b).mean;
    const std::optional<MeanTest> test =
        scores.paired ? pairedTest(scores.a, scores.b) : welchTest(scores.a, scores.b);
    if (test) {
        claim.test = scores.paired ? ClaimTest::PairedT : ClaimTest::WelchT;
        claim.nothingVaries = test->nothingVaries;
        if (!std::isnan(test->interval.low)) {
            claim.interval = test->interval;
        }
        if (!std::isnan(test->p)) {
            claim.p = test->p;
        }
    }
    return claim;
}

Claim testedAnswers(const PairedAnswers& pairs)
{
    Claim claim;
    claim.questions = pairs.questions();
    claim.difference = pairs.difference();
    if (claim.questions > 0) {
        claim.test = ClaimTest::McNemar;
        claim.p = mcnemarP(pairs.onlyA, pairs.onlyB);
        claim.interval = differenceInterval(pairs);
    }
    return claim;
}

Claim tested(const Comparison& comparison)
{
    const auto* const seeds = std::get_if<SeedScores>(&comparison.found);
    Claim claim = seeds != nullptr ? testedSeeds(*seeds)
                                   : testedAnswers(std::get<PairedAnswers>(comparison.found));
    const bool lower = seeds != nullptr && comparison.lowerIsBetter;
    const double ahead = lower ? -claim.difference : claim.difference;
    claim.better = ahead > 0.0 ? Better::A
        : ahead < 0.0          ? Better::B
                               : Better::Neither; // NaN: neither
    claim.pickedAfterwards = comparison.pickedAfterwards;
    return claim;
}

Verdict verdictOf(const Claim& claim)
{
    const bool enough = claim.test == ClaimTest::McNemar || claim.seeds >= kClaimSeeds;
    if (!claim.p) {
        return Verdict::NoDifference;
    }
    if (claim.adjustedP < kClaimLevel && enough) {
        return Verdict::Shows;
    }
    return *claim.p < kClaimLevel ? Verdict::Suggests : Verdict::NoDifference;
}

} // namespace

std::vector<Claim> judgeTogether(std::span<const Comparison> family)
{
    std::vector<Claim> claims;
    std::vector<double> p;
    claims.reserve(family.size());
    for (const Comparison& comparison : family) {
        claims.push_back(tested(comparison));
        p.push_back(claims.back().p.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    const std::vector<double> adjusted = holmAdjusted(p);
    for (std::size_t i = 0; i < claims.size(); ++i) {
        claims[i].adjustedP = adjusted[i];
        claims[i].verdict = verdictOf(claims[i]);
    }
    return claims;
}

} // namespace pissarro::core::inline stats

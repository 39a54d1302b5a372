// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/conclusion.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/stats/conclusion_p.h"
#include "core/stats/random_p.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace pissarro::core::inline stats {

namespace {

using Seeds = std::vector<const TriedRun*>; // of one method at one rate, by seed
using Rates = std::map<double, Seeds>;

Rates ratesOf(std::span<const TriedRun> runs, const std::string& setting, const std::string& method)
{
    Rates out;
    for (const TriedRun& run : runs) {
        if (run.setting == setting && run.method == method) {
            out[run.rate].push_back(&run);
        }
    }
    for (auto& [rate, seeds] : out) {
        const auto seedOf = [](const TriedRun* run) { return run->seed; };
        std::ranges::sort(seeds, {}, seedOf);
        const auto twice = std::ranges::adjacent_find(seeds, {}, seedOf);
        if (twice != seeds.end()) {
            throw Error(
                ErrorKind::InvalidArgument,
                fmt::format("the run of {}{}{} at rate {}, seed {} is there twice; leave one out",
                            shownText(method), setting.empty() ? "" : ", ",
                            setting.empty() ? "" : shownText(setting), rateText(rate),
                            (*twice)->seed));
        }
    }
    return out;
}

std::vector<double> valuesOf(const Seeds& seeds, double TriedRun::*value)
{
    std::vector<double> out;
    out.reserve(seeds.size());
    for (const TriedRun* run : seeds) {
        out.push_back(run->*value);
    }
    return out;
}

// The rate whose runs chose it; nullopt: none came to a score.
std::optional<double> bestRate(const Rates& rates, bool lowerIsBetter)
{
    std::optional<double> best;
    double bestMean = 0.0;
    for (const auto& [rate, seeds] : rates) {
        const double mean = summaryOf(valuesOf(seeds, &TriedRun::choosing)).mean;
        const bool better = lowerIsBetter ? mean < bestMean : mean > bestMean;
        if (std::isfinite(mean) && (!best || better)) { // the smaller rate of equals: it came first
            best = rate;
            bestMean = mean;
        }
    }
    return best;
}

// The smallest seed of both whose runs answered questions: its two runs.
std::optional<std::pair<const TriedRun*, const TriedRun*>> answeredTogether(const Seeds& a,
                                                                            const Seeds& b)
{
    for (const TriedRun* left : a) {
        for (const TriedRun* right : b) {
            if (left->seed == right->seed && !left->solved.empty() && !right->solved.empty()) {
                return std::pair(left, right);
            }
        }
    }
    return std::nullopt;
}

// What is compared at two rates, in the claim's own place; its verdict comes with the whole family.
Comparison comparisonOf(const Seeds& a, const Seeds& b, const ConclusionOptions& options,
                        RateClaim& claim)
{
    SeedScores scores {valuesOf(a, &TriedRun::score), valuesOf(b, &TriedRun::score), false};
    claim.a = summaryOf(scores.a);
    claim.b = summaryOf(scores.b);
    const bool few = static_cast<std::int64_t>(std::min(a.size(), b.size())) < kClaimSeeds;
    if (few && !options.lowerIsBetter) {
        if (const auto pair = answeredTogether(a, b)) {
            claim.seed = pair->first->seed;
            claim.answers = countPairs(pair->first->solved, pair->second->solved);
            return {*claim.answers, false, false};
        }
    }
    scores.paired = std::ranges::equal(a, b, [](const TriedRun* left, const TriedRun* right) {
        return left->seed == right->seed;
    });
    return {std::move(scores), options.lowerIsBetter, false};
}

// A conclusion without its verdicts, and what they are of: its same rates, then its best ones.
struct Asked {
    Conclusion conclusion;
    std::vector<Comparison> comparisons;
    bool bestIsSame = false; // the best rates are one of the same rates: asked once
    std::size_t bestAt = 0; // in comparisons
};

Asked ask(std::span<const TriedRun> runs, const std::string& setting, const std::string& first,
          const std::string& second, const ConclusionOptions& options)
{
    Asked out;
    out.conclusion.first = first;
    out.conclusion.second = second;
    out.conclusion.setting = setting;
    const Rates a = ratesOf(runs, setting, first);
    const Rates b = ratesOf(runs, setting, second);
    const std::optional<double> bestA = bestRate(a, options.lowerIsBetter);
    const std::optional<double> bestB = bestRate(b, options.lowerIsBetter);
    const auto compare = [&](double rateA, double rateB) {
        RateClaim claim;
        claim.rateA = rateA;
        claim.rateB = rateB;
        out.comparisons.push_back(comparisonOf(a.at(rateA), b.at(rateB), options, claim));
        return claim;
    };
    for (const auto& entry : a) {
        const double rate = entry.first;
        if (b.contains(rate)) {
            if (bestA == rate && bestB == rate) {
                out.bestIsSame = true;
                out.bestAt = out.comparisons.size();
            }
            out.conclusion.atSameRates.push_back(compare(rate, rate));
        }
    }
    if (bestA && bestB) {
        if (!out.bestIsSame) {
            out.bestAt = out.comparisons.size();
            out.conclusion.atBestRates = compare(*bestA, *bestB);
        }
        out.comparisons[out.bestAt].pickedAfterwards = !options.ratesChosenOnOtherRows;
    }
    return out;
}

void decide(Conclusion& conclusion)
{
    const RateClaim* const forFirst = strongestFor(conclusion, Better::A);
    const RateClaim* const forSecond = strongestFor(conclusion, Better::B);
    if (forFirst != nullptr && forSecond != nullptr) {
        conclusion.outcome = Outcome::DependsOnRate;
        conclusion.verdict = std::min(forFirst->claim.verdict, forSecond->claim.verdict);
        return;
    }
    if (!conclusion.atBestRates) {
        return; // NothingToCompare
    }
    const Claim& best = conclusion.atBestRates->claim;
    conclusion.verdict = best.verdict;
    conclusion.outcome = best.verdict == Verdict::NoDifference ? Outcome::NoDifference
        : best.better == Better::A                             ? Outcome::FirstAhead
                                                               : Outcome::SecondAhead;
}

} // namespace

const RateClaim* strongestFor(const Conclusion& conclusion, Better side)
{
    const RateClaim* strongest = nullptr;
    const auto look = [&](const RateClaim& one) {
        if (one.claim.better != side || one.claim.verdict == Verdict::NoDifference) {
            return;
        }
        const auto strength = [](const RateClaim& of) {
            return std::pair(of.claim.verdict, -of.claim.adjustedP);
        };
        if (strongest == nullptr || strength(one) > strength(*strongest)) {
            strongest = &one;
        }
    };
    if (conclusion.atBestRates) {
        look(*conclusion.atBestRates);
    }
    for (const RateClaim& one : conclusion.atSameRates) {
        look(one);
    }
    return strongest;
}

std::vector<bool> choosingHalf(std::size_t count, std::uint64_t seed)
{
    if (count > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} rows to choose from (expected fewer than 2^32)", count));
    }
    std::vector<bool> out(count, false);
    Draws draws(seed);
    // One pass (Knuth's algorithm S): a row is taken with the chance that is left for it.
    std::size_t wanted = count / 2;
    for (std::size_t i = 0; i < count && wanted > 0; ++i) {
        if (draws.below(count - i) < wanted) {
            out[i] = true;
            --wanted;
        }
    }
    return out;
}

HalvedAnswers halvesOf(const std::vector<bool>& solved)
{
    const std::vector<bool> chooses = choosingHalf(solved.size());
    HalvedAnswers halves;
    double chosen = 0.0;
    for (std::size_t i = 0; i < chooses.size(); ++i) {
        if (chooses[i]) {
            halves.choosing += solved[i] ? 1.0 : 0.0;
            chosen += 1.0;
        } else {
            halves.score += solved[i] ? 1.0 : 0.0;
            halves.solved.push_back(solved[i]);
        }
    }
    halves.choosing /= chosen;
    halves.score /= static_cast<double>(halves.solved.size());
    return halves;
}

std::vector<Conclusion> concludeFrom(std::span<const TriedRun> runs,
                                     const ConclusionOptions& options)
{
    std::vector<std::string> settings;
    for (const TriedRun& run : runs) {
        if (std::ranges::find(settings, run.setting) == settings.end()) {
            settings.push_back(run.setting);
        }
    }
    std::vector<Asked> asked;
    std::vector<Comparison> family;
    for (const std::string& setting : settings) {
        for (std::size_t i = 0; i < options.methods.size(); ++i) {
            for (std::size_t j = i + 1; j < options.methods.size(); ++j) {
                asked.push_back(
                    ask(runs, setting, options.methods[i], options.methods[j], options));
                const std::vector<Comparison>& more = asked.back().comparisons;
                family.insert(family.end(), more.begin(), more.end());
            }
        }
    }
    const std::vector<Claim> claims = judgeTogether(family);
    std::vector<Conclusion> out;
    auto next = claims.begin();
    for (Asked& one : asked) {
        Conclusion& conclusion = one.conclusion;
        for (RateClaim& same : conclusion.atSameRates) {
            same.claim = *next++;
        }
        if (one.bestIsSame) {
            conclusion.atBestRates = conclusion.atSameRates[one.bestAt];
        } else if (conclusion.atBestRates) {
            conclusion.atBestRates->claim = *next++;
        }
        for (RateClaim& same : conclusion.atSameRates) {
            same.evidence = evidenceOf(conclusion, same, family.size());
        }
        if (conclusion.atBestRates) {
            conclusion.atBestRates->evidence =
                evidenceOf(conclusion, *conclusion.atBestRates, family.size());
        }
        decide(conclusion);
        conclusion.sentences = sentencesOf(conclusion);
        out.push_back(std::move(conclusion));
    }
    return out;
}

} // namespace pissarro::core::inline stats

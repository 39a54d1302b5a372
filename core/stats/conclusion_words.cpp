// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/stats/conclusion_p.h"
#include "core/text/number_text.h"

#include <utility>

namespace pissarro::core::inline stats {

namespace {

Said said(std::string sentence, std::vector<std::string> args = {})
{
    return {std::move(sentence), {}, 0, std::move(args)};
}

std::string figure(double value)
{
    return fmt::format("{:.4g}", value);
}

// What follows "p": "= 0.012", "< 0.0001".
std::string pText(double p)
{
    return p < 1e-4 ? "< 0.0001" : fmt::format("= {:.2g}", p);
}

std::string ratesText(const RateClaim& claim)
{
    const std::string a = rateText(claim.rateA);
    return claim.rateA == claim.rateB ? a : a + " / " + rateText(claim.rateB);
}

Said headOf(const Conclusion& of)
{
    const bool shows = of.verdict == Verdict::Shows;
    switch (of.outcome) {
    case Outcome::FirstAhead:
    case Outcome::SecondAhead: {
        const bool first = of.outcome == Outcome::FirstAhead;
        return said(
            shows ? PISSARRO_SAID("pissarro::core",
                                  "%1 is ahead of %2, each at its best learning rate.")
                  : PISSARRO_SAID("pissarro::core",
                                  "The runs suggest, and do not show, that %1 is ahead of %2, each "
                                  "at its best learning rate."),
            {first ? of.first : of.second, first ? of.second : of.first});
    }
    case Outcome::DependsOnRate:
        return said(shows ? PISSARRO_SAID(
                        "pissarro::core",
                        "Which is ahead depends on the learning rate: %1 at %2, %3 at %4.")
                          : PISSARRO_SAID(
                              "pissarro::core",
                              "The runs suggest, and do not show, that it depends on the learning "
                              "rate which is ahead: %1 at %2, %3 at %4."),
                    {of.first, ratesText(*strongestFor(of, Better::A)), of.second,
                     ratesText(*strongestFor(of, Better::B))});
    case Outcome::NoDifference:
        return said(
            PISSARRO_SAID("pissarro::core",
                          "No difference between %1 and %2 can be told, each at its best learning "
                          "rate; that does not make them equal."),
            {of.first, of.second});
    case Outcome::NothingToCompare:
        break;
    }
    return said(PISSARRO_SAID("pissarro::core",
                              "%1 and %2 cannot be compared: one of them has no run with a score."),
                {of.first, of.second});
}

// What no p knows of.
void addLimits(const Claim& claim, std::vector<Said>& out)
{
    if (claim.nothingVaries) {
        out.push_back(said(PISSARRO_SAID(
            "pissarro::core", "The runs of a method repeat each other; that is no evidence.")));
    }
    if (claim.verdict == Verdict::Suggests && claim.test != ClaimTest::McNemar
        && claim.seeds < kClaimSeeds) {
        out.push_back(said(PISSARRO_SAID("pissarro::core",
                                         "Fewer than five seeds of each suggest and never show.")));
    }
    if (claim.pickedAfterwards) {
        out.push_back(said(
            PISSARRO_SAID("pissarro::core",
                          "The rates were chosen by the very rows that are told of, so the best "
                          "look better than they are.")));
    }
}

} // namespace

Said evidenceOf(const Conclusion& of, const RateClaim& at, std::size_t claims)
{
    if (at.answers) {
        return said(
            PISSARRO_SAID(
                "pissarro::core",
                "Solved by %1 alone: %2, by %3 alone: %4 (questions: %5); p %6 by McNemar's exact "
                "test and Holm's correction (claims shown: %7), about the two runs of seed %8."),
            {of.first, fmt::format("{}", at.answers->onlyA), of.second,
             fmt::format("{}", at.answers->onlyB), fmt::format("{}", at.answers->questions()),
             pText(at.claim.adjustedP), fmt::format("{}", claims), fmt::format("{}", at.seed)});
    }
    if (!at.claim.p || !at.claim.interval) {
        return said(
            PISSARRO_SAID(
                "pissarro::core",
                "%1 against %2 at rate %3; no test can be made: that needs two runs of each with a "
                "score, and that they differ."),
            {figure(at.a.mean), figure(at.b.mean), ratesText(at)});
    }
    return said(
        PISSARRO_SAID(
            "pissarro::core",
            "%1 against %2 at rate %3, a difference of %4, between %5 and %6 at 95 %; p %7 by "
            "Holm's correction (claims shown: %8; seeds: %9)."),
        {figure(at.a.mean), figure(at.b.mean), ratesText(at), figure(at.claim.difference),
         figure(at.claim.interval->low), figure(at.claim.interval->high), pText(at.claim.adjustedP),
         fmt::format("{}", claims), fmt::format("{}", at.claim.seeds)});
}

std::vector<Said> sentencesOf(const Conclusion& conclusion)
{
    std::vector<Said> out {headOf(conclusion)};
    if (conclusion.outcome == Outcome::NothingToCompare) {
        return out;
    }
    const RateClaim* const first = strongestFor(conclusion, Better::A);
    const RateClaim* const second = strongestFor(conclusion, Better::B);
    if (conclusion.outcome == Outcome::DependsOnRate) {
        for (const RateClaim* const one : {first, second}) {
            out.push_back(one->evidence);
        }
        const bool firstIsWeaker = first->claim.verdict < second->claim.verdict;
        addLimits(firstIsWeaker ? first->claim : second->claim, out);
        return out;
    }
    out.push_back(conclusion.atBestRates->evidence);
    addLimits(conclusion.atBestRates->claim, out);
    const RateClaim* const one = first != nullptr ? first : second;
    if (conclusion.outcome == Outcome::NoDifference && one != nullptr) {
        out.push_back(
            said(one->claim.verdict == Verdict::Shows
                     ? PISSARRO_SAID("pissarro::core", "At the same rate of %1 %2 is ahead.")
                     : PISSARRO_SAID("pissarro::core",
                                     "At the same rate of %1 the runs suggest that %2 is ahead."),
                 {rateText(one->rateA), first != nullptr ? conclusion.first : conclusion.second}));
        out.push_back(one->evidence);
    }
    return out;
}

} // namespace pissarro::core::inline stats

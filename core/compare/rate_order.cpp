// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/rate_order.h"

#include "core/base/fmt.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace pissarro::core::inline compare {

namespace {

struct Mean {
    double sum = 0.0;
    std::int64_t seeds = 0;
    bool isWhole = true; // no run of it diverged

    double value() const { return sum / static_cast<double>(seeds); }
};
using ByRate = std::map<double, Mean>;

// The scores of a method in a setting, by rate; a rate with a run that diverged is left out.
ByRate scoresOf(const RunClaims& claims, const std::string& method, const std::string& setting)
{
    ByRate rates;
    for (const TriedRun& one : claims.tried) {
        if (one.method == method && one.setting == setting) {
            Mean& mean = rates[one.rate];
            mean.isWhole = mean.isWhole && std::isfinite(one.score);
            mean.sum += one.score;
            ++mean.seeds;
        }
    }
    std::erase_if(rates, [](const auto& entry) { return !entry.second.isWhole; });
    return rates;
}

ByRate::const_iterator bestOf(const ByRate& rates, bool lowerIsBetter)
{
    const auto better = [&](const auto& one, const auto& other) {
        return lowerIsBetter ? one.second.value() < other.second.value()
                             : one.second.value() > other.second.value();
    };
    return std::min_element(rates.begin(), rates.end(), better);
}

RatePair pairOf(ByRate::const_iterator a, ByRate::const_iterator b)
{
    return {a->first, b->first, a->second.value(), b->second.value(),
            std::min(a->second.seeds, b->second.seeds)};
}

std::vector<RatePair> pairsOf(const ByRate& a, const ByRate& b, bool lowerIsBetter)
{
    std::vector<RatePair> pairs;
    if (a.empty() || b.empty()) {
        return pairs;
    }
    for (auto one = a.begin(); one != a.end(); ++one) {
        if (const auto other = b.find(one->first); other != b.end()) {
            pairs.push_back(pairOf(one, other));
        }
    }
    if (!pairs.empty()) { // without one rate in common there is no order to depend on it
        pairs.push_back(pairOf(bestOf(a, lowerIsBetter), bestOf(b, lowerIsBetter)));
    }
    return pairs;
}

std::string ratesText(const RatePair& pair)
{
    return pair.rateA == pair.rateB
        ? rateText(pair.rateA)
        : fmt::format("{} / {}", rateText(pair.rateA), rateText(pair.rateB));
}

} // namespace

std::optional<RateOrder> rateOrder(const RunClaims& claims, const std::string& first,
                                   const std::string& second)
{
    std::vector<std::string> settings;
    for (const TriedRun& one : claims.tried) {
        if (std::find(settings.begin(), settings.end(), one.setting) == settings.end()) {
            settings.push_back(one.setting);
        }
    }
    for (const std::string& setting : settings) {
        std::optional<RatePair> forFirst;
        std::optional<RatePair> forSecond;
        // How far the first is ahead; below 0 the second is.
        const auto lead = [&](const RatePair& pair) {
            return claims.lowerIsBetter ? pair.b - pair.a : pair.a - pair.b;
        };
        for (const RatePair& pair :
             pairsOf(scoresOf(claims, first, setting), scoresOf(claims, second, setting),
                     claims.lowerIsBetter)) {
            if (lead(pair) > 0.0 && (!forFirst || lead(pair) > lead(*forFirst))) {
                forFirst = pair;
            } else if (lead(pair) < 0.0 && (!forSecond || lead(pair) < lead(*forSecond))) {
                forSecond = pair;
            }
        }
        if (forFirst && forSecond) {
            const bool claimed = std::any_of(
                claims.conclusions.begin(), claims.conclusions.end(), [&](const Conclusion& one) {
                    const bool same = (one.first == first && one.second == second)
                        || (one.first == second && one.second == first);
                    return same && one.setting == setting && one.outcome == Outcome::DependsOnRate;
                });
            return RateOrder {first, second, claims.measure, *forFirst, *forSecond, claimed};
        }
    }
    return std::nullopt;
}

Said RateOrder::sentence() const
{
    const auto figure = [](double value) { return roundedText(value, 4); };
    const std::vector<std::string> args {
        first,  ratesText(forFirst),  figure(forFirst.a),  figure(forFirst.b),
        second, ratesText(forSecond), figure(forSecond.b), figure(forSecond.a),
        measure};
    if (isClaimed) {
        return {PISSARRO_SAID("pissarro::core",
                              "Which is ahead depends on the learning rate: %1 at %2 (%3 against "
                              "%4), %5 at %6 (%7 against %8), by the %9."),
                {},
                0,
                args};
    }
    return {PISSARRO_SAID("pissarro::core",
                          "In earlier runs the order depends on the learning rate: %1 ahead at %2 "
                          "(%3 against %4), %5 at %6 (%7 against %8), by the %9; too few seeds to "
                          "claim it."),
            {},
            0,
            args};
}

} // namespace pissarro::core::inline compare

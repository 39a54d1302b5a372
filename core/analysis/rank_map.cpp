// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/rank_map.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/number_text.h"

#include <queue>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace pissarro::core::inline analysis {

namespace {

constexpr int kDigits = 3; // of a number in a reason

void checkCandidates(const std::vector<RankCandidate>& candidates)
{
    if (candidates.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    "there is no matrix to advise a rank for (expected at least one)");
    }
    for (const RankCandidate& one : candidates) {
        if (!one.spectrum->isComplete()) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("{}: rank advice needs every singular value", one.module.name));
        }
    }
}

std::int64_t bounded(const LinearModule& module, std::int64_t rank, const RankBounds& bounds)
{
    const std::int64_t highest = std::min(bounds.highest, module.smallerSide());
    return std::clamp(rank, std::min(bounds.lowest, highest), highest);
}

// Ranks matrix by matrix; the parameters summed.
RankMap mapOf(const std::vector<RankCandidate>& candidates, const RankBounds& bounds,
              const std::function<std::int64_t(const Spectrum&)>& rankOf)
{
    checkCandidates(candidates);
    RankMap map;
    for (const RankCandidate& one : candidates) {
        const std::int64_t rank = bounded(one.module, rankOf(*one.spectrum), bounds);
        map.ranks[one.module.name] = rank;
        map.parameters += rank * (one.module.rows + one.module.cols);
    }
    return map;
}

double lambdaOf(double beta)
{
    return std::sqrt(2.0 * (beta + 1.0)
                     + 8.0 * beta / (beta + 1.0 + std::sqrt(beta * beta + 14.0 * beta + 1.0)));
}

double medianOf(const std::vector<double>& descending)
{
    const std::size_t count = descending.size();
    return count % 2 == 1 ? descending[count / 2]
                          : (descending[count / 2 - 1] + descending[count / 2]) / 2.0;
}

// What the next rank of a matrix would keep for each parameter it costs.
struct Offer {
    double gain = 0.0;
    std::size_t candidate = 0;

    bool operator<(const Offer& other) const // of equals the earlier matrix wins
    {
        return gain != other.gain ? gain < other.gain : candidate > other.candidate;
    }
};

} // namespace

std::string boundsText(const RankBounds& bounds)
{
    const RankBounds free;
    std::string text;
    if (bounds.lowest > free.lowest) {
        text += fmt::format(", at least {}", bounds.lowest);
    }
    if (bounds.highest < free.highest) {
        text += fmt::format(", at most {}", bounds.highest);
    }
    return text;
}

std::string rangeOf(const RankMap& map)
{
    std::int64_t lowest = map.ranks.begin()->second;
    std::int64_t highest = lowest;
    for (const auto& [module, rank] : map.ranks) {
        lowest = std::min(lowest, rank);
        highest = std::max(highest, rank);
    }
    return lowest == highest ? fmt::format("rank {}", lowest)
                             : fmt::format("ranks {} to {}", lowest, highest);
}

RankMap ranksByEnergy(const std::vector<RankCandidate>& candidates, double share,
                      const RankBounds& bounds)
{
    if (!(share > 0.0 && share <= 1.0)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("an energy target must be above 0 and at most 1, found {}",
                                roundedText(share, kDigits)));
    }
    RankMap map = mapOf(candidates, bounds, [share](const Spectrum& spectrum) {
        return rankForEnergy(spectrum, share);
    });
    map.reason =
        fmt::format("The smallest rank of each matrix that keeps {} % of its energy, the sum "
                    "of squared singular values{}: {}.",
                    roundedText(100.0 * share, kDigits), boundsText(bounds), rangeOf(map));
    map.reference = "Eckart & Young, Psychometrika 1 (1936)";
    return map;
}

RankMap ranksByKnee(const std::vector<RankCandidate>& candidates, const RankBounds& bounds)
{
    RankMap map = mapOf(candidates, bounds, kneeRank);
    map.reason = fmt::format("The knee of each matrix's log singular values, after which they fall "
                             "more slowly{}: {}.",
                             boundsText(bounds), rangeOf(map));
    map.reference = "Satopaa et al., Finding a \"Kneedle\" in a Haystack, ICDCS Workshops (2011)";
    return map;
}

double marchenkoPasturMedian(double beta)
{
    // Substituting t = middle + radius cos(a) makes the integrand smooth at both edges of the support.
    const double lowest = std::pow(1.0 - std::sqrt(beta), 2);
    const double highest = std::pow(1.0 + std::sqrt(beta), 2);
    const double middle = (lowest + highest) / 2.0;
    const double radius = (highest - lowest) / 2.0;
    const auto density = [&](double angle) {
        const double t = middle + radius * std::cos(angle);
        const double sine = radius * std::sin(angle);
        // beta = 1: t and sin^2 vanish together at angle pi; the limit is finite.
        return t > 0.0 ? sine * sine / (2.0 * std::numbers::pi * beta * t)
                       : radius / (std::numbers::pi * beta);
    };
    // Share of the mass above the angle's t, by Simpson's rule.
    const auto massAbove = [&](double angle) {
        constexpr int kSteps = 512;
        const double step = angle / kSteps;
        double sum = density(0.0) + density(angle);
        for (int i = 1; i < kSteps; ++i) {
            sum += density(i * step) * (i % 2 == 1 ? 4.0 : 2.0);
        }
        return sum * step / 3.0;
    };
    double near = 0.0;
    double far = std::numbers::pi;
    for (int i = 0; i < 60; ++i) {
        const double angle = (near + far) / 2.0;
        (massAbove(angle) < 0.5 ? near : far) = angle;
    }
    return middle + radius * std::cos((near + far) / 2.0);
}

double optimalHardThreshold(const Spectrum& spectrum, double noise)
{
    const auto smaller = static_cast<double>(std::min(spectrum.rows, spectrum.cols));
    const auto larger = static_cast<double>(std::max(spectrum.rows, spectrum.cols));
    const double beta = smaller / larger;
    if (noise > 0.0) {
        return lambdaOf(beta) * std::sqrt(larger) * noise;
    }
    return lambdaOf(beta) / std::sqrt(marchenkoPasturMedian(beta)) * medianOf(spectrum.values);
}

RankMap ranksByThreshold(const std::vector<RankCandidate>& candidates, double noise,
                         const RankBounds& bounds)
{
    if (!(noise >= 0.0) || !std::isfinite(noise)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the noise must be a number from 0 on (0: estimated), found {}",
                                roundedText(noise, kDigits)));
    }
    RankMap map = mapOf(candidates, bounds, [noise](const Spectrum& spectrum) {
        const double threshold = optimalHardThreshold(spectrum, noise);
        return static_cast<std::int64_t>(
            std::count_if(spectrum.values.begin(), spectrum.values.end(),
                          [threshold](double value) { return value > threshold; }));
    });
    const std::string level = noise > 0.0
        ? fmt::format("standard deviation {}", roundedText(noise, kDigits))
        : "the level of its median singular value";
    map.reason =
        fmt::format("The number of singular values of each matrix, at least one, above the "
                    "optimal hard threshold against white noise of {}{}: {}.",
                    level, boundsText(bounds), rangeOf(map));
    map.reference = "Gavish & Donoho, IEEE Trans. Inf. Theory 60(8) (2014), arXiv:1305.5870";
    return map;
}

RankMap ranksByBudget(const std::vector<RankCandidate>& candidates, std::int64_t parameters,
                      const RankBounds& bounds)
{
    checkCandidates(candidates);
    RankMap map;
    std::vector<std::int64_t> ranks;
    const auto costOf = [&](std::size_t i) {
        return candidates[i].module.rows + candidates[i].module.cols;
    };
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        ranks.push_back(bounded(candidates[i].module, bounds.lowest, bounds));
        map.parameters += ranks[i] * costOf(i);
    }
    if (map.parameters > parameters) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("a budget of {} parameters is too small: rank {} on {} matrices "
                                "takes {}; raise it or choose fewer modules",
                                groupedText(parameters), bounds.lowest, candidates.size(),
                                groupedText(map.parameters)));
    }
    std::priority_queue<Offer> offers;
    const auto offer = [&](std::size_t i) { // the next rank of candidate i, if it has one
        const Spectrum& spectrum = *candidates[i].spectrum;
        const std::int64_t highest = std::min(bounds.highest, candidates[i].module.smallerSide());
        if (ranks[i] < highest && spectrum.squaredNorm > 0.0) {
            const double value = spectrum.values[static_cast<std::size_t>(ranks[i])];
            offers.push({value * value / spectrum.squaredNorm / static_cast<double>(costOf(i)), i});
        }
    };
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        offer(i);
    }
    while (!offers.empty()) {
        const std::size_t best = offers.top().candidate;
        offers.pop();
        if (map.parameters + costOf(best) > parameters) {
            continue; // a smaller matrix may still fit
        }
        ++ranks[best];
        map.parameters += costOf(best);
        offer(best);
    }
    double kept = 0.0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        map.ranks[candidates[i].module.name] = ranks[i];
        kept += keptEnergy(*candidates[i].spectrum, ranks[i]);
    }
    map.reason = fmt::format(
        "{} of {} parameters, each rank given to the matrix where it keeps the most energy per "
        "parameter{}: {}, {} % kept on average.",
        groupedText(map.parameters), groupedText(parameters), boundsText(bounds), rangeOf(map),
        roundedText(100.0 * kept / static_cast<double>(candidates.size()), kDigits));
    map.reference = "greedy water-filling of concave gains (Fox, Operations Research 14, 1966)";
    return map;
}

} // namespace pissarro::core::inline analysis

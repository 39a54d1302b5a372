// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/sampler.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <string>

namespace pissarro::core::inline infer {

namespace {

struct Weighed {
    double weight = 0.0; // of the largest logit 1
    std::int32_t id = 0;

    friend bool operator<(const Weighed& a, const Weighed& b)
    {
        return a.weight < b.weight || (a.weight == b.weight && a.id < b.id);
    }
};

// splitmix64's finisher (Steele, Lea & Flood 2014).
std::uint64_t mixed(std::uint64_t z)
{
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

// In [0, 1), of a seed and a place: nothing has to be drawn before it.
double drawAt(std::uint64_t seed, std::uint64_t place)
{
    constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;
    const std::uint64_t stream = mixed(seed + kStep);
    return static_cast<double>(mixed(stream + (place + 1) * kStep) >> 11U) * 0x1p-53;
}

// The settings refuse what transformers' processors refuse; what is drawn from is never empty for them.
[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::InvalidArgument, what);
}

// Penalty and temperature, in float32 as transformers has them.
std::vector<float> scoresOf(std::span<const float> logits, const Sampling& how,
                            const std::unordered_set<std::int32_t>& occurred)
{
    std::vector<float> scores(logits.begin(), logits.end());
    if (how.repetitionPenalty != 1.0) {
        const auto penalty = static_cast<float>(how.repetitionPenalty);
        for (const std::int32_t id : occurred) {
            if (id >= 0 && static_cast<std::size_t>(id) < scores.size()) {
                float& score = scores[static_cast<std::size_t>(id)];
                score = score < 0.0F ? score * penalty : score / penalty;
            }
        }
    }
    if (!how.greedy && how.temperature != 1.0) {
        const auto temperature = static_cast<float>(how.temperature);
        std::transform(scores.begin(), scores.end(), scores.begin(),
                       [temperature](float score) { return score / temperature; });
    }
    return scores;
}

// Where every number is NaN no comparison is true, and the first token would be taken for ever.
[[noreturn]] void refuseLogits()
{
    throw Error(ErrorKind::Numeric,
                "the model's logits are not finite; its weights or its adapter are damaged, or too "
                "large for the "
                "precision: try --dtype float32, or get the model again");
}

// In lanes: a plain loop takes a tenth of a step in bfloat16.
float largestOf(std::span<const float> scores)
{
    constexpr std::size_t kLanes = 16;
    std::array<float, kLanes> best;
    std::array<std::int32_t, kLanes> unordered {};
    best.fill(-std::numeric_limits<float>::infinity());
    std::size_t i = 0;
    for (; i + kLanes <= scores.size(); i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const float value = scores[i + lane];
            best[lane] = value > best[lane] ? value : best[lane];
            unordered[lane] |= value != value ? 1 : 0;
        }
    }
    float largest = *std::max_element(best.begin(), best.end());
    std::int32_t isNan = *std::max_element(unordered.begin(), unordered.end());
    for (; i < scores.size(); ++i) {
        largest = std::max(largest, scores[i]);
        isNan |= scores[i] != scores[i] ? 1 : 0;
    }
    if (isNan != 0 || !std::isfinite(largest)) {
        refuseLogits();
    }
    return largest;
}

// The k-th largest: those below it go.
float topKThreshold(const std::vector<float>& scores, std::int64_t k)
{
    if (k <= 0 || k >= static_cast<std::int64_t>(scores.size())) {
        return -std::numeric_limits<float>::infinity();
    }
    std::vector<float> sorted = scores;
    const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(k - 1);
    std::nth_element(sorted.begin(), place, sorted.end(), std::greater<>());
    return *place;
}

// Drops the least likely as long as their sum is at most `budget`; one stays. Halves are looked at, so that a vocabulary
// need not be sorted for a handful of tokens.
void dropLeastLikely(std::vector<Weighed>& kept, double budget)
{
    constexpr std::ptrdiff_t kFew = 32;
    auto low = kept.begin();
    auto high = kept.end();
    double dropped = 0.0;
    while (high - low > kFew) {
        const auto middle = low + (high - low) / 2;
        std::nth_element(low, middle, high);
        const double sum = std::accumulate(
            low, middle, dropped, [](double so, const Weighed& one) { return so + one.weight; });
        if (sum <= budget) {
            dropped = sum;
            low = middle;
        } else {
            high = middle;
        }
    }
    std::sort(low, high);
    const auto last = kept.end() - 1;
    while (low < high && low < last && dropped + low->weight <= budget) {
        dropped += low->weight;
        ++low;
    }
    kept.erase(kept.begin(), low);
}

} // namespace

void checkSampling(const Sampling& how)
{
    if (!(how.temperature > 0.0) || !std::isfinite(how.temperature)) {
        refuse(fmt::format("the temperature must be above 0, found {}; to take the likeliest token "
                           "always, choose greedy",
                           numberText(how.temperature)));
    }
    if (how.topK < 0) {
        refuse(fmt::format("top-k must be 0 (all) or above, found {}", how.topK));
    }
    if (!(how.topP >= 0.0)) {
        refuse(fmt::format("top-p must be 0 or above, found {}", numberText(how.topP)));
    }
    if (!(how.minP >= 0.0) || how.minP > 1.0) {
        refuse(fmt::format("min-p must be from 0 to 1, found {}", numberText(how.minP)));
    }
    if (!(how.repetitionPenalty > 0.0) || !std::isfinite(how.repetitionPenalty)) {
        refuse(fmt::format("the repetition penalty must be above 0, found {}",
                           numberText(how.repetitionPenalty)));
    }
}

std::int32_t likeliestOf(std::span<const float> logits)
{
    const float largest = largestOf(logits);
    return static_cast<std::int32_t>(std::find(logits.begin(), logits.end(), largest)
                                     - logits.begin());
}

std::vector<TokenChance> chancesOf(std::span<const float> logits, const Sampling& how,
                                   const std::unordered_set<std::int32_t>& occurred)
{
    const std::vector<float> scores = scoresOf(logits, how, occurred);
    const auto largest = static_cast<double>(largestOf(scores));
    const float threshold = topKThreshold(scores, how.topK);
    std::vector<Weighed> kept;
    double total = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (scores[i] >= threshold && std::isfinite(scores[i])) {
            kept.push_back(
                {std::exp(static_cast<double>(scores[i]) - largest), static_cast<std::int32_t>(i)});
            total += kept.back().weight;
        }
    }
    if (how.topP < 1.0) {
        dropLeastLikely(kept, (1.0 - how.topP) * total);
    }
    if (how.minP > 0.0) { // the likeliest has weight 1, and top-p never drops it
        const auto least = static_cast<float>(how.minP); // in float32, as transformers compares
        std::erase_if(
            kept, [least](const Weighed& one) { return static_cast<float>(one.weight) < least; });
    }
    std::sort(kept.begin(), kept.end(),
              [](const Weighed& a, const Weighed& b) { return a.id < b.id; });
    total = std::accumulate(kept.begin(), kept.end(), 0.0,
                            [](double so, const Weighed& one) { return so + one.weight; });
    std::vector<TokenChance> chances;
    chances.reserve(kept.size());
    for (const Weighed& one : kept) {
        chances.push_back({one.id, one.weight / total});
    }
    return chances;
}

Sampler::Sampler(const Sampling& how, const std::vector<std::int32_t>& prompt)
    : m_how(how)
{
    checkSampling(how);
    if (how.repetitionPenalty != 1.0) {
        m_occurred.insert(prompt.begin(), prompt.end());
    }
}

void Sampler::took(std::int32_t id)
{
    ++m_draws;
    if (m_how.repetitionPenalty != 1.0) {
        m_occurred.insert(id);
    }
}

std::int32_t Sampler::next(std::span<const float> logits)
{
    std::int32_t id = 0;
    if (m_how.greedy) {
        id = likeliestOf(scoresOf(logits, m_how, m_occurred));
    } else {
        const auto chances = chancesOf(logits, m_how, m_occurred);
        const double draw = drawAt(m_how.seed, m_draws);
        double sum = 0.0;
        id = chances.back().id; // where the sum ends below the draw, by rounding
        for (const TokenChance& one : chances) {
            sum += one.probability;
            if (draw < sum) {
                id = one.id;
                break;
            }
        }
    }
    took(id);
    return id;
}

TokenReading readingOf(std::span<const float> logits, std::int32_t token, std::int64_t alternatives)
{
    const auto largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0.0;
    for (const float logit : logits) {
        sum += std::exp(static_cast<double>(logit) - largest);
    }
    const double log = largest + std::log(sum);
    const auto chanceOf = [&](std::int32_t id) {
        return TokenReading::Chance {
            id, static_cast<double>(logits[static_cast<std::size_t>(id)]) - log};
    };
    TokenReading reading {chanceOf(token), {}, 1};
    const float own = logits[static_cast<std::size_t>(token)];
    for (std::size_t id = 0; id < logits.size(); ++id) {
        const bool isEarlier = static_cast<std::int32_t>(id) < token;
        reading.rank += logits[id] > own || (logits[id] == own && isEarlier) ? 1 : 0;
    }
    std::vector<std::int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const auto count = std::min(static_cast<std::size_t>(alternatives), order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [&](std::int32_t a, std::int32_t b) {
                          const float left = logits[static_cast<std::size_t>(a)];
                          const float right = logits[static_cast<std::size_t>(b)];
                          return left > right || (left == right && a < b);
                      });
    for (std::size_t i = 0; i < count; ++i) {
        reading.likeliest.push_back(chanceOf(order[i]));
    }
    return reading;
}

} // namespace pissarro::core::inline infer

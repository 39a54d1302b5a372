// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/data_figures.h"

#include "core/base/error.h"
#include "core/dataset/shuffle_p.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>

namespace pissarro::core::inline dataset {

namespace {

// 1, 2 or 5 times a power of ten, so that `range` has at most `most` of them.
std::int64_t niceWidth(std::int64_t range, int most)
{
    std::int64_t power = 1;
    for (;;) {
        for (const std::int64_t times : {1, 2, 5}) {
            if (range / (times * power) < most) {
                return times * power;
            }
        }
        power *= 10;
    }
}

// The value that `share` of a sorted list lie at or below.
std::int64_t quantile(const std::vector<std::int32_t>& sorted, double share)
{
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

std::uint64_t hashOf(const std::int32_t* ids, std::size_t count)
{
    return std::hash<std::string_view> {}(
        {reinterpret_cast<const char*>(ids), count * sizeof(std::int32_t)});
}

std::uint64_t hashOf(const Example& example)
{
    return hashOf(example.ids.data(), example.ids.size())
        + static_cast<std::uint64_t>(example.promptTokens)
        + (example.target ? std::hash<double> {}(*example.target) : 0);
}

// The same tokens, and the same that is learned of them.
bool repeats(const Example& first, const Example& again)
{
    return first.ids == again.ids && first.promptTokens == again.promptTokens
        && first.learned == again.learned && first.types == again.types
        && first.target == again.target;
}

} // namespace

LengthFigures lengthFigures(std::vector<std::int32_t> lengths, int mostBins)
{
    LengthFigures out;
    out.rows = static_cast<std::int64_t>(lengths.size());
    if (lengths.empty() || mostBins < 2) {
        return out;
    }
    std::sort(lengths.begin(), lengths.end());
    out.shortest = lengths.front();
    out.longest = lengths.back();
    out.median = quantile(lengths, 0.5);
    out.most = quantile(lengths, 0.95);
    out.mean =
        static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t {0}))
        / static_cast<double>(lengths.size());
    constexpr std::int64_t kTail =
        4; // a few rows that are far longer would leave one bar for all others
    const std::int64_t range = std::min(out.longest, kTail * quantile(lengths, 0.99));
    out.binWidth = niceWidth(range, mostBins);
    const std::int64_t bins = range / out.binWidth + 1;
    out.bins.assign(static_cast<std::size_t>(bins), 0);
    for (const std::int64_t length : lengths) {
        ++out.bins[static_cast<std::size_t>(std::min(length / out.binWidth, bins - 1))];
    }
    out.isOpen = out.longest >= bins * out.binWidth;
    return out;
}

CutFigures cutFigures(const TokenizedData& whole, std::int64_t maxLength)
{
    CutFigures out;
    const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(maxLength, 0));
    out.rows = static_cast<std::int64_t>(whole.examples.size());
    for (const Example& example : whole.examples) {
        const std::size_t kept = std::min(example.ids.size(), limit);
        const std::int64_t learned = example.lossTokensWithin(kept);
        out.cut += kept < example.ids.size() ? 1 : 0;
        out.tokensLost += static_cast<std::int64_t>(example.ids.size() - kept);
        if (learned == 0) {
            ++out.leftOut;
            out.tokensLost += static_cast<std::int64_t>(kept);
            continue;
        }
        out.tokens += static_cast<std::int64_t>(kept);
        out.lossTokens += learned;
    }
    return out;
}

std::int64_t lengthThatCuts(const LengthFigures& figures, std::vector<std::int32_t> lengths,
                            double percent)
{
    if (lengths.empty() || percent <= 0.0) {
        return figures.longest;
    }
    std::sort(lengths.begin(), lengths.end());
    return quantile(lengths, 1.0 - std::min(percent, 100.0) / 100.0);
}

double paddingShare(const std::vector<std::int32_t>& lengths, std::int64_t maxLength,
                    std::int64_t batchSize, std::uint64_t seed)
{
    const std::size_t count = lengths.size();
    if (count == 0 || batchSize < 1 || count > std::numeric_limits<std::uint32_t>::max()) {
        return 0.0;
    }
    const auto order = shuffledOrder(static_cast<std::uint32_t>(count), seed, /*epoch=*/0);
    const auto rows = static_cast<std::size_t>(batchSize);
    std::int64_t tokens = 0;
    std::int64_t places = 0;
    for (std::size_t first = 0; first < count; first += rows) {
        const std::size_t end = std::min(count, first + std::min(rows, count));
        std::int64_t longest = 0;
        for (std::size_t i = first; i < end; ++i) {
            const std::int64_t length = std::min<std::int64_t>(lengths[order[i]], maxLength);
            tokens += length;
            longest = std::max(longest, length);
        }
        places += longest * static_cast<std::int64_t>(end - first);
    }
    return places == 0 ? 0.0 : 1.0 - static_cast<double>(tokens) / static_cast<double>(places);
}

Duplicates duplicatesOf(const TokenizedData& data, const JobContext& job)
{
    Duplicates out;
    const auto& examples = data.examples;
    // By hash the first row that has it.
    std::unordered_map<std::uint64_t, std::size_t> rows;
    std::unordered_map<std::uint64_t, std::size_t> questions;
    rows.reserve(examples.size());
    questions.reserve(examples.size());
    for (std::size_t i = 0; i < examples.size(); ++i) {
        if (i % 4096 == 0) {
            job.checkpoint(static_cast<double>(i) / static_cast<double>(examples.size()),
                           PISSARRO_SAID("pissarro::core", "looking for repeated rows"));
        }
        const std::vector<std::int32_t>& ids = examples[i].ids;
        const auto asked = static_cast<std::size_t>(examples[i].promptTokens);
        const auto [same, isNew] = rows.emplace(hashOf(examples[i]), i);
        if (!isNew && repeats(examples[same->second], examples[i])) {
            ++out.rows;
            if (out.pairs.size() < FoundRows::kMostTold) {
                out.pairs.push_back(
                    {static_cast<std::int64_t>(same->second), static_cast<std::int64_t>(i)});
            }
            continue;
        }
        if (asked < 2 || asked > ids.size()) {
            continue;
        }
        const auto [question, isFirst] = questions.emplace(hashOf(ids.data(), asked), i);
        const Example& before = examples[question->second];
        if (!isFirst && static_cast<std::size_t>(before.promptTokens) == asked
            && before.types == examples[i].types
            && std::equal(ids.begin(), ids.begin() + examples[i].promptTokens,
                          before.ids.begin())) {
            ++out.sameQuestion;
        }
    }
    return out;
}

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/agreement.h"

#include "core/stats/sample.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <vector>

namespace pissarro::core::inline stats {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Of one class: how often it was found, was right, and both.
struct Counts {
    double found = 0.0;
    double right = 0.0;
    double both = 0.0;

    double f1() const { return found + right > 0.0 ? 2.0 * both / (found + right) : 0.0; }
};

double matthewsOf(const std::map<std::int64_t, Counts>& classes, double all, double same)
{
    double mixed = 0.0;
    double ofFound = 0.0;
    double ofRight = 0.0;
    for (const auto& [number, counts] : classes) {
        mixed += counts.found * counts.right;
        ofFound += counts.found * counts.found;
        ofRight += counts.right * counts.right;
    }
    const double spread = (all * all - ofFound) * (all * all - ofRight);
    return spread > 0.0 ? (same * all - mixed) / std::sqrt(spread) : 0.0;
}

bool isConstant(std::span<const double> values)
{
    return std::all_of(values.begin(), values.end(),
                       [&](double value) { return value == values.front(); });
}

double pearsonOf(std::span<const double> a, std::span<const double> b)
{
    const auto isFinite = [](std::span<const double> values) {
        return std::all_of(values.begin(), values.end(),
                           [](double value) { return std::isfinite(value); });
    };
    if (a.size() < 2 || !isFinite(a) || !isFinite(b) || isConstant(a) || isConstant(b)) {
        return kNone;
    }
    // As scipy: of lengths one, so that no square overflows.
    const auto centred = [](std::span<const double> values) {
        const double mean = preciseSum(values) / static_cast<double>(values.size());
        std::vector<double> out;
        double largest = 0.0;
        for (const double value : values) {
            out.push_back(value - mean);
            largest = std::max(largest, std::abs(out.back()));
        }
        double squares = 0.0;
        for (double& value : out) {
            value /= largest;
            squares += value * value;
        }
        for (double& value : out) {
            value /= std::sqrt(squares);
        }
        return out;
    };
    const std::vector<double> x = centred(a);
    const std::vector<double> y = centred(b);
    std::vector<double> products(x.size());
    std::transform(x.begin(), x.end(), y.begin(), products.begin(), std::multiplies<>());
    return std::clamp(preciseSum(products), -1.0, 1.0);
}

// From 1 on; equal values have the mean of their places.
std::vector<double> ranksOf(std::span<const double> values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t {0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t last = first;
        while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) {
            ++last;
        }
        const double rank = 1.0 + static_cast<double>(first + last) / 2.0;
        for (; first <= last; ++first) {
            ranks[order[first]] = rank;
        }
    }
    return ranks;
}

} // namespace

ClassAgreement agreementOf(std::span<const std::int64_t> found, std::span<const std::int64_t> right)
{
    assert(found.size() == right.size());
    ClassAgreement agreement;
    if (found.empty()) {
        return agreement;
    }
    std::map<std::int64_t, Counts> classes;
    double same = 0.0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        classes[found[i]].found += 1.0;
        classes[right[i]].right += 1.0;
        if (found[i] == right[i]) {
            classes[found[i]].both += 1.0;
            same += 1.0;
        }
    }
    const auto all = static_cast<double>(found.size());
    agreement.accuracy = same / all;
    agreement.matthews = matthewsOf(classes, all, same);
    agreement.macroF1 = 0.0;
    for (const auto& [number, counts] : classes) {
        agreement.macroF1 += counts.f1() / static_cast<double>(classes.size());
    }
    const auto positive = classes.find(1);
    if (classes.size() == 1 || (classes.size() == 2 && positive != classes.end())) {
        agreement.f1 = positive == classes.end() ? 0.0 : positive->second.f1();
    }
    return agreement;
}

NumberAgreement correlationOf(std::span<const double> found, std::span<const double> right)
{
    assert(found.size() == right.size());
    const auto hasNaN = [](std::span<const double> values) {
        return std::any_of(values.begin(), values.end(),
                           [](double value) { return std::isnan(value); });
    };
    NumberAgreement agreement;
    agreement.pearson = pearsonOf(found, right);
    if (!hasNaN(found) && !hasNaN(right)) {
        agreement.spearman = pearsonOf(ranksOf(found), ranksOf(right));
    }
    return agreement;
}

} // namespace pissarro::core::inline stats

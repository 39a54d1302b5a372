// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/proportion.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/stats/special_functions.h"

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline stats {

namespace {

void requireLevel(double level)
{
    if (!(level > 0.0 && level < 1.0)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("an interval's level is {} (expected above 0 and below 1)", level));
    }
}

void requireCounts(std::int64_t part, std::int64_t all, const char* of)
{
    if (part < 0 || part > all) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} of {} {} are right (expected 0 to {})", part, all, of, all));
    }
}

double zOf(double level)
{
    return normalQuantile(0.5 + level / 2.0);
}

} // namespace

Interval wilsonInterval(std::int64_t correct, std::int64_t questions, double level)
{
    requireLevel(level);
    requireCounts(correct, questions, "questions");
    if (questions == 0) {
        return {0.0, 1.0};
    }
    const auto n = static_cast<double>(questions);
    const double p = static_cast<double>(correct) / n;
    const double z = zOf(level);
    const double shrink = 1.0 + z * z / n;
    const double middle = (p + z * z / (2.0 * n)) / shrink;
    const double half = z * std::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n)) / shrink;
    return {correct == 0 ? 0.0 : std::max(0.0, middle - half),
            correct == questions ? 1.0 : std::min(1.0, middle + half)};
}

Interval clopperPearsonInterval(std::int64_t correct, std::int64_t questions, double level)
{
    requireLevel(level);
    requireCounts(correct, questions, "questions");
    const auto k = static_cast<double>(correct);
    const auto wrong = static_cast<double>(questions - correct);
    const double tail = (1.0 - level) / 2.0;
    return {correct == 0 ? 0.0 : betaQuantile(k, wrong + 1.0, tail),
            correct == questions ? 1.0 : betaQuantile(k + 1.0, wrong, 1.0 - tail)};
}

double PairedAnswers::difference() const
{
    return questions() == 0 ? 0.0
                            : static_cast<double>(onlyA - onlyB) / static_cast<double>(questions());
}

PairedAnswers countPairs(const std::vector<bool>& a, const std::vector<bool>& b)
{
    if (a.size() != b.size()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("one model answered {} questions, the other {}; compare answers to "
                                "the same questions",
                                a.size(), b.size()));
    }
    PairedAnswers out;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ++(a[i] ? (b[i] ? out.both : out.onlyA) : (b[i] ? out.onlyB : out.none));
    }
    return out;
}

Interval differenceInterval(const PairedAnswers& pairs, double level)
{
    requireLevel(level);
    if (pairs.questions() == 0) {
        return {-1.0, 1.0};
    }
    const double m = static_cast<double>(pairs.questions()) + 2.0;
    const double d = static_cast<double>(pairs.onlyA - pairs.onlyB) / m;
    const double apart = static_cast<double>(pairs.onlyA + pairs.onlyB) + 1.0;
    const double half = zOf(level) * std::sqrt(std::max(0.0, apart / m - d * d) / m);
    return {std::max(-1.0, d - half), std::min(1.0, d + half)};
}

std::optional<double> passAtK(std::int64_t samples, std::int64_t passed, std::int64_t k)
{
    requireCounts(passed, samples, "answers");
    if (k < 1) {
        throw Error(ErrorKind::InvalidArgument, fmt::format("pass@{} (expected 1 or more)", k));
    }
    if (k > samples) {
        return std::nullopt;
    }
    if (samples - passed < k) {
        return 1.0;
    }
    // C(n-c, k)/C(n, k) is symmetric in c and k: the shorter product.
    const std::int64_t factors = std::min(passed, k);
    const std::int64_t other = std::max(passed, k);
    double allFail = 1.0;
    for (std::int64_t i = 0; i < factors; ++i) {
        const auto left = static_cast<double>(samples - i);
        allFail *= (left - static_cast<double>(other)) / left;
    }
    return 1.0 - allFail;
}

std::optional<double> meanPassAtK(std::span<const std::pair<std::int64_t, std::int64_t>> problems,
                                  std::int64_t k)
{
    double sum = 0.0;
    for (const auto& [samples, passed] : problems) {
        const std::optional<double> one = passAtK(samples, passed, k);
        if (!one) {
            return std::nullopt;
        }
        sum += *one;
    }
    return problems.empty() ? std::nullopt
                            : std::optional(sum / static_cast<double>(problems.size()));
}

} // namespace pissarro::core::inline stats

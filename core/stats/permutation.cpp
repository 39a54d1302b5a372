// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/stats/random_p.h"
#include "core/stats/sample_p.h"
#include "core/stats/significance.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace pissarro::core::inline stats {

namespace {

void requireMost(std::size_t values, const PermutationOptions& options)
{
    if (options.most < 1 || values > std::numeric_limits<std::int32_t>::max()) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("a permutation test of {} values with {} arrangements (expected fewer than "
                        "2^31 and 1 or more)",
                        values, options.most));
    }
}

double largest(std::span<const double> values)
{
    double out = 0.0;
    for (const double value : values) {
        out = std::max(out, std::abs(value));
    }
    return out;
}

// Counts arrangements that lie as far apart as what was observed.
class FarApart {
public:
    FarApart(double observed, double tolerance)
        : m_line(std::abs(observed) - tolerance)
    {
    }
    void add(double difference)
    {
        ++m_all;
        m_far += std::abs(difference) >= m_line ? 1 : 0;
    }
    PermutationTest exact() const
    {
        return {static_cast<double>(m_far) / static_cast<double>(m_all), m_all, true};
    }
    PermutationTest drawn() const
    {
        return {static_cast<double>(m_far + 1) / static_cast<double>(m_all + 1), m_all, false};
    }

private:
    double m_line;
    std::int64_t m_all = 0;
    std::int64_t m_far = 0;
};

// C(n, k), or `most` + 1 where it is above `most`.
std::int64_t choices(std::size_t n, std::size_t k, std::int64_t most)
{
    const std::size_t fewer = std::min(k, n - k);
    double count = 1.0;
    for (std::size_t i = 0; i < fewer; ++i) {
        count = count * static_cast<double>(n - i) / static_cast<double>(i + 1);
        if (count > static_cast<double>(most) + 0.5) {
            return most + 1;
        }
    }
    return std::llround(count);
}

double meanDifference(double sumOfA, std::size_t sizeOfA, double sumOfAll, std::size_t sizeOfAll)
{
    return sumOfA / static_cast<double>(sizeOfA)
        - (sumOfAll - sumOfA) / static_cast<double>(sizeOfAll - sizeOfA);
}

double sumOf(std::span<const double> values)
{
    double sum = 0.0;
    for (const double value : values) {
        sum += value;
    }
    return sum;
}

// Each choice of `size` of the indices below `all`, in lexicographic order.
void forEachChoice(std::size_t all, std::size_t size,
                   const std::function<void(const std::vector<std::size_t>&)>& body)
{
    std::vector<std::size_t> chosen(size);
    for (std::size_t i = 0; i < size; ++i) {
        chosen[i] = i;
    }
    while (true) {
        body(chosen);
        std::size_t i = size;
        while (i > 0 && chosen[i - 1] == all - size + i - 1) {
            --i;
        }
        if (i == 0) {
            return;
        }
        ++chosen[i - 1];
        for (std::size_t j = i; j < size; ++j) {
            chosen[j] = chosen[j - 1] + 1;
        }
    }
}

} // namespace

std::optional<PermutationTest> pairedPermutationTest(std::span<const double> a,
                                                     std::span<const double> b,
                                                     const PermutationOptions& options)
{
    requireMost(a.size(), options);
    const std::vector<double> differences = differencesOf(a, b);
    if (a.empty() || !allFinite(differences)) {
        return std::nullopt;
    }
    const auto n = static_cast<double>(a.size());
    const double scale = std::max(largest(a), largest(b));
    FarApart count(sumOf(differences) / n, 1e-12 * scale);
    const auto withSigns = [&](const auto& isNegative) {
        double sum = 0.0;
        for (std::size_t i = 0; i < differences.size(); ++i) {
            sum += isNegative(i) ? -differences[i] : differences[i];
        }
        count.add(sum / n);
    };
    if (a.size() < 62 && (std::int64_t {1} << a.size()) <= options.most) {
        for (std::uint64_t signs = 0; signs < (std::uint64_t {1} << a.size()); ++signs) {
            withSigns([signs](std::size_t i) { return ((signs >> i) & 1U) != 0; });
        }
        return count.exact();
    }
    Draws draws(options.seed);
    for (std::int64_t i = 0; i < options.most; ++i) {
        withSigns([&draws](std::size_t) { return (draws.next() >> 63U) != 0; });
    }
    return count.drawn();
}

std::optional<PermutationTest> permutationTest(std::span<const double> a, std::span<const double> b,
                                               const PermutationOptions& options)
{
    requireMost(a.size() + b.size(), options);
    std::vector<double> values(a.begin(), a.end());
    values.insert(values.end(), b.begin(), b.end());
    if (a.empty() || b.empty() || !allFinite(values)) {
        return std::nullopt;
    }
    const double all = sumOf(values);
    const auto difference = [&](double sumOfA) {
        return meanDifference(sumOfA, a.size(), all, values.size());
    };
    FarApart count(difference(sumOf(a)), 1e-12 * largest(values));
    if (choices(values.size(), a.size(), options.most) <= options.most) {
        forEachChoice(values.size(), a.size(), [&](const std::vector<std::size_t>& chosen) {
            double sum = 0.0;
            for (const std::size_t i : chosen) {
                sum += values[i];
            }
            count.add(difference(sum));
        });
        return count.exact();
    }
    Draws draws(options.seed);
    for (std::int64_t i = 0; i < options.most; ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) { // the first n of a shuffle
            std::swap(values[j], values[j + draws.below(values.size() - j)]);
        }
        count.add(difference(sumOf(std::span(values).first(a.size()))));
    }
    return count.drawn();
}

} // namespace pissarro::core::inline stats

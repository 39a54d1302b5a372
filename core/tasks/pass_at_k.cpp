// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/pass_at_k.h"

namespace pissarro::core::inline tasks {

std::optional<double> passAtK(const ProblemTries& problem, std::int64_t k)
{
    if (k > problem.tried) {
        return std::nullopt;
    }
    const std::int64_t wrong = problem.tried - problem.passed;
    if (wrong < k) {
        return 1.0;
    }
    double allWrong = 1.0;
    for (std::int64_t i = wrong + 1; i <= problem.tried; ++i) {
        allWrong *= 1.0 - static_cast<double>(k) / static_cast<double>(i);
    }
    return 1.0 - allWrong;
}

std::optional<double> passAtK(const std::vector<ProblemTries>& problems, std::int64_t k)
{
    double sum = 0.0;
    for (const ProblemTries& problem : problems) {
        const auto one = passAtK(problem, k);
        if (!one) {
            return std::nullopt;
        }
        sum += *one;
    }
    return problems.empty() ? std::nullopt
                            : std::optional(sum / static_cast<double>(problems.size()));
}

} // namespace pissarro::core::inline tasks

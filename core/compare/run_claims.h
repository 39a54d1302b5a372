// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/compared_run.h"
#include "core/compare/scoreboard.h"
#include "core/stats/conclusion.h"

#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// What may be said of runs, by the rules of core/stats/claims.h and conclusion.h.
struct RunClaims {
    std::string measure; // what was compared: "held-out loss", "gsm8k"
    bool lowerIsBetter = true;
    std::vector<TriedRun> tried; // in the order of the runs that count
    std::vector<Conclusion> conclusions;
    std::vector<std::string>
        notes; // what was left out, and what the scores are not: a sentence each

    std::string sentence() const; // what survives, of every conclusion
    std::string basis() const; // what it stands on, and what limits it
};

// Scores are, the first that two runs have: answers of an evaluation whose names are theirs (rates chosen on one half of the
// questions, reported on the other), the best held-out loss, the loss at the end of training. Runs are of one setting where
// everything that decides a run's numbers is alike but for method, rate and seed; a setting that means nothing to a method does not
// tell it from another.
RunClaims claimsOf(const std::vector<ComparedRun>& runs,
                   const std::vector<Scoreboard>& evaluations);

} // namespace pissarro::core::inline compare

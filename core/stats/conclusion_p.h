// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stats/conclusion.h"

#include <cstddef>
#include <vector>

namespace pissarro::core::inline stats {

// The claim, suggested at least, that is strongest in favour of `side`; nullptr: there is none.
const RateClaim* strongestFor(const Conclusion& conclusion, Better side);

// What a claim stands on. `claims`: of its whole family.
Said evidenceOf(const Conclusion& conclusion, const RateClaim& at, std::size_t claims);

// What a conclusion says in words. Requires: its claims have their evidence.
std::vector<Said> sentencesOf(const Conclusion& conclusion);

} // namespace pissarro::core::inline stats

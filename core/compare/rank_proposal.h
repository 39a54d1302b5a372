// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_map.h"
#include "core/compare/update_map.h"

namespace pissarro::core::inline compare {

constexpr double kProposedShare = 0.9; // as energy of `advise`

// A smaller map of ranks for the next run, by what this one used.
//
// Rule: for each matrix the smallest rank that keeps `share` of ||Delta W||_F^2, the energy of its change, at least 1 and at most
//   the rank that it had. What a product of that rank leaves out of the change is then no more than (1 - share) of its energy
//   (Eckart & Young 1936). It says what was used, not what a longer run or other data would use.
// Throws: Error{InvalidArgument} unless 0 < share <= 1, and where whole matrices trained, which have no rank to make smaller.
RankMap ranksByUpdate(const StateUpdate& state, double share = kProposedShare);

// Parameters of the adapters as they were.
std::int64_t adapterParameters(const StateUpdate& state);

} // namespace pissarro::core::inline compare

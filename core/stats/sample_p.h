// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

namespace pissarro::core::inline stats {

bool allFinite(std::span<const double> values);

// a − b, pair by pair. Throws: Error{InvalidArgument}: one has more values than the other.
std::vector<double> differencesOf(std::span<const double> a, std::span<const double> b);

} // namespace pissarro::core::inline stats

// SPDX-License-Identifier: GPL-3.0-or-later
// What is held equal of a run: shared by what collects results and what draws lines through them.
#pragma once

#include "core/sweep/sweep_results.h"

#include <string>
#include <utility>
#include <vector>

namespace pissarro::core::inline sweep {

// Whether it is what lines are drawn over, or averaged over, and no line of its own: method, learning rate, seed.
bool isNoSetting(const std::string& key);

// What is held equal of a run, in the order of the table: what the sweep varies beside rate, seed and method, and without `left`.
using Setting = std::vector<std::pair<std::string, std::string>>;
Setting settingOf(const SweepRow& row, const std::string& left = {});

std::string textOf(const Setting& setting); // "rank 16, iters 5"

std::string valueOf(const SweepRow& row, const std::string& key); // empty: it is not varied

// The scores of `rows` over seeds, which all have one. Requires: one row at least.
SeriesPoint pointOf(const std::vector<const SweepRow*>& rows, const std::string& value);

// That of a line in `all`, which is made where there is none.
Series& seriesIn(std::vector<Series>& all, const SweepRow& row, const Setting& held);

void sortPoints(Series& series);

} // namespace pissarro::core::inline sweep

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/sweep_results.h"

#include <string>
#include <vector>

namespace pissarro::core::inline sweep {

// What a picture of a sweep asks beside its results: one rate for all methods, and which runs a point stands for.

// The rates that were asked for, ascending.
std::vector<double> ratesOf(const SweepResults& results);

// Score against a setting at one learning rate for all: a line of each method and of what is held equal beside it. A point is of
// the seeds that have come to a score; none has come to one: no point.
std::vector<Series> seriesAtRate(const SweepResults& results, const std::string& key, double rate);

// The runs of a line under a value of the setting `key`, at all rates. Of the rate sensitivity `key` is "learning_rate" and the
// runs are those of that rate. In the order of the results.
std::vector<const SweepRow*> rowsBehind(const SweepResults& results, const Series& series,
                                        const std::string& key, const SeriesPoint& point);

// Whether a run may still come to a score.
bool isToCome(const SweepRow& row);

} // namespace pissarro::core::inline sweep

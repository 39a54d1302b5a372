// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

#include <string>

namespace pissarro::core::inline run {

// Floating-point operations that training on one token takes: two for each weight on the way forward, two to hand the
// gradient back through it, and two for the gradient of each weight that trains.
//
// Formula: 4 frozen + 6 trained, the 6 N of arXiv 2001.08361 where all train. Attention between tokens and the decoding of
// four-bit weights are left out, so runs of the same length are compared fairly. 0: the run does not tell its sizes.
double flopsPerToken(const RunSummary& run);

// Every setting but the seed, as one text: runs of one recipe differ in their seed alone.
std::string recipeOf(const RunSpec& spec);

} // namespace pissarro::core::inline run

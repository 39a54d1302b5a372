// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/linalg/spectrum.h"

#include <cstdint>
#include <vector>

namespace pissarro::core::inline analysis {

// One rank for several matrices, by their spectra: what the Spectrum page advises for the selected ones.
using Spectra = std::vector<const Spectrum*>; // none of them null, each with values

// Share of the energy of the values first to first + rank: what a slice takes into the adapter. Beyond the last value there
// is nothing more to keep.
double keptBetween(const Spectrum& spectrum, std::int64_t first, std::int64_t rank);
// Mean of what the first `rank` values keep of each. NaN: there is none.
double meanKept(const Spectra& spectra, std::int64_t rank);
// The smallest rank at which they keep `share` of their energy on average, the largest where none does. 0: there is none.
std::int64_t rankForMeanEnergy(const Spectra& spectra, double share);
// How many values are above Gavish and Donoho's threshold, the noise estimated; at least 1.
std::int64_t rankAboveNoise(const Spectrum& spectrum);
// Median of one number of each, the lower one of an even count. 0: there is none.
std::int64_t medianRank(const Spectra& spectra, std::int64_t (*rankOf)(const Spectrum&));

} // namespace pissarro::core::inline analysis

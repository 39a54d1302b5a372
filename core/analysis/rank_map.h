// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/spectrum_sweep.h"
#include "core/model/model_files.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pissarro::core::inline analysis {

// A rank for each matrix, and why. What PEFT calls rank_pattern.
struct RankMap {
    std::map<std::string, std::int64_t>
        ranks; // by whole module path; every module asked for is there
    std::int64_t parameters = 0; // of the adapters: sum of rank (rows + cols)
    std::string reason; // one sentence for people, with the figures of this map
    std::string reference; // where the rule comes from
};

// A matrix and its spectrum, as every rule below takes them.
// Requires: spectrum complete (every singular value), unless a rule says otherwise.
struct RankCandidate {
    LinearModule module;
    const Spectrum* spectrum = nullptr;
};

// Bounds that a person sets; each matrix's smaller side bounds it too.
struct RankBounds {
    std::int64_t lowest = 1;
    std::int64_t highest = 65'536;
};

// The smallest rank of each matrix that keeps `share` of its energy sum s_i^2 (Eckart & Young 1936).
// Throws: Error{InvalidArgument} unless 0 < share <= 1 and there is a candidate.
RankMap ranksByEnergy(const std::vector<RankCandidate>& candidates, double share,
                      const RankBounds& bounds = {});

// The knee of log(s_i) of each matrix (Kneedle, Satopaa et al. 2011).
RankMap ranksByKnee(const std::vector<RankCandidate>& candidates, const RankBounds& bounds = {});

// The values above Gavish & Donoho's optimal hard threshold (IEEE Trans. Inf. Theory 60, 2014): W seen as a low-rank signal
// in white noise, the threshold that loses least in Frobenius norm. `noise` is the standard deviation of an entry's
// noise; 0: estimated from the median singular value.
// Formula: beta = smaller / larger side; known noise: lambda(beta) sqrt(larger) noise with
//   lambda(beta) = (2 (beta + 1) + 8 beta / (beta + 1 + (beta^2 + 14 beta + 1)^1/2))^1/2;
//   unknown: lambda(beta) / sqrt(mu(beta)) * median(s), mu the median of the Marchenko-Pastur law.
RankMap ranksByThreshold(const std::vector<RankCandidate>& candidates, double noise,
                         const RankBounds& bounds = {});

// At most `parameters` adapter parameters, spread where they keep most: each next rank goes to the matrix whose next
// singular value adds the largest share s_i^2 / ||W||_F^2 of its energy per parameter (rows + cols). Since the values
// fall, the greedy choice is the best there is up to the last step (water-filling: all matrices end at one level).
// Throws: Error{InvalidArgument} naming the smallest budget when not even `bounds.lowest` everywhere fits.
RankMap ranksByBudget(const std::vector<RankCandidate>& candidates, std::int64_t parameters,
                      const RankBounds& bounds = {});

// Parts of a reason, for rules of other folders too.
std::string rangeOf(const RankMap& map); // "ranks 4 to 96". Requires: map.ranks is not empty
std::string boundsText(const RankBounds& bounds); // ", at least 2, at most 64"; "": no bound is set

// The threshold of ranksByThreshold for one spectrum, in the unit of W.
double optimalHardThreshold(const Spectrum& spectrum, double noise);
double marchenkoPasturMedian(double beta); // 0 < beta <= 1

} // namespace pissarro::core::inline analysis

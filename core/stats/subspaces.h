// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <span>

namespace pissarro::core::inline stats {

// How two subspaces lie to each other, by the cosines of their principal angles (UpdateSpectrum::outputCosines): 1 is a direction
// that both have, 0 one at right angles to the other.
struct SubspaceSummary {
    std::int64_t directions = 0; // k, of the smaller one
    double overlap = std::numeric_limits<
        double>::quiet_NaN(); // in [0, 1]; 1: the smaller lies within the larger
    double largestAngle = std::numeric_limits<double>::quiet_NaN(); // in degrees, 0 to 90
    double smallestAngle = std::numeric_limits<double>::quiet_NaN();
    double distance = std::numeric_limits<double>::quiet_NaN(); // in radians, 0 to sqrt(k) pi/2
};

// Formula: overlap = sum cos²(t_i) / k = ||U^T V||_F² / k, the phi of LoRA (arXiv:2106.09685, §7.2); distance = sqrt(sum t_i²), the
//   geodesic one of the Grassmann manifold (Edelman, Arias & Smith 1998).
// Rounding above 1 is cut. No cosines: NaN. A NaN among them: every figure is NaN. An angle below 1e-8 cannot be told from a
// cosine. Throws: Error{InvalidArgument} for one below 0 or above 1 by more than 1e-3. Threads: any.
SubspaceSummary summaryOfCosines(std::span<const double> cosines);

// The overlap that chance gives: two subspaces of k and l directions drawn at random in n dimensions, max(k, l)/n. What is
// near it tells nothing. Throws: Error{InvalidArgument} unless 1 <= k, l <= n.
double chanceOverlap(std::int64_t k, std::int64_t l, std::int64_t n);

} // namespace pissarro::core::inline stats

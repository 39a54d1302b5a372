// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::core::inline stats {

// The distributions that intervals and tests are read from. Boost.Math has them too, in 138 MB of headers; these four are all
// that is needed, and are held against mpmath with 50 digits (tests/tools/make_stats_fixtures.py).
// Bounds: relative 1e-12 for parameters up to 1e6 and results above 1e-300; what is smaller becomes 0. Threads: any.
// NaN in, NaN out. All throw Error{InvalidArgument} for an argument outside what is named.

// Both sides of a distribution: the smaller one has its digits, the larger one is what remains.
struct Tails {
    double lower = 0.0; // P[X <= x]
    double upper = 0.0; // P[X > x]
};

// The regularised incomplete beta function, I_x(a, b) and 1 - I_x(a, b), for a, b > 0 and x in [0, 1]; y = 1 - x is given
// beside it, so that an x near 1 keeps its digits.
// Formula: the continued fraction of Didonato & Morris 1992, on the side where it converges fast; x^a y^b / B(a, b) by Loader's saddle
//   point (Loader 2000, «Fast and accurate computation of binomial probabilities»).
// Cost: about sqrt(max(a, b)) divisions.
Tails incompleteBeta(double a, double b, double x, double y);

// P[X <= k] and P[X > k] of k successes in n trials of probability 1/2, for 0 <= k <= n.
Tails fairCoin(double k, double n);

// The x with I_x(a, b) = p, p in [0, 1].
double betaQuantile(double a, double b, double p);

// P[|T| > |t|] of Student's t with df > 0 degrees of freedom; df = inf: the normal distribution. t = inf: 0.
double studentTwoSided(double t, double df);

// The t with P[T <= t] = p, p in [0, 1]: -inf at 0, inf at 1.
double studentQuantile(double p, double df);

// The z with P[Z <= z] = p of the standard normal distribution. Relative 1e-12, near p = 1/2 absolute 1e-15.
double normalQuantile(double p);

} // namespace pissarro::core::inline stats

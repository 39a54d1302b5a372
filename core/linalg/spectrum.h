// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/settings/svd_options.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace at {
class Tensor; // forward-declared: a header of core/ never pulls LibTorch into ui/
}

namespace pissarro::core::inline base {
class JobContext;
} // namespace pissarro::core::inline base

namespace pissarro::core::inline linalg {

// The singular values of one weight matrix, and how much of it they account for.
// Shape legend of this header: O = out_features, I = in_features, K = min(O, I), R = rank.
// Threads: a plain value; share it freely once built.
struct Spectrum {
    std::vector<double> values; // [K] or [R], descending, >= 0, in the unit of W
    std::int64_t rows = 0; // O
    std::int64_t cols = 0; // I
    double squaredNorm = 0.0; // ||W||_F^2, summed over W itself, never over `values`
    // Randomised only: a singular value of W lies within this of each of `values` (Weyl); 0: exact.
    double error = 0.0;

    bool isComplete() const
    {
        return static_cast<std::int64_t>(values.size()) == (rows < cols ? rows : cols);
    }
};

struct SpectrumOptions {
    std::int64_t rank = 0; // 0: all K values, exactly; else the R leading ones, randomised
    FastSvd fast; // randomised only
    std::uint64_t seed = 0; // randomised only; same seed and device, same values
    // Of a sweep: "auto" takes a GPU, where there is one, for matrices of 1,024 and more on the smaller side; else "cpu",
    // "cuda", "cuda:1", for all.
    std::string device = "auto";
};

// Computes the singular values of `w_OI`; float32 unless w is float64.
//
// Formula:  W = U diag(s) V^T. Exact: eigenvalues of the smaller Gram matrix in float64. Squaring leaves a value s_i an
//   absolute error of about eps s_1^2 / s_i, so one of 1e-5 s_1 is still right to four digits; a matrix with smaller
//   ones is decomposed again, unsquared (LAPACK's gesdd in float64). Randomised: range finder with power iterations, Halko, Martinsson & Tropp 2011
//   (arXiv:0909.4061), algorithm 4.4.
// Cost:     exact O(O I K), randomised O(O I R niter) flops. Exact holds the Gram matrix and one panel of W in
//   float64, no copy of W.
// Requires: w_OI is 2-D, floating point, not empty; 0 <= rank <= K.
// Throws:   Error{InvalidArgument} if a requirement is broken, Error{Numeric} if W holds a NaN or an Inf; Cancelled.
Spectrum computeSpectrum(const at::Tensor& w_OI, const SpectrumOptions& options,
                         const JobContext& job);

// Share of ||W||_F^2 that the first `rank` values keep, in [0, 1]: sum_{i<=R} s_i^2 / ||W||_F^2.
// By Eckart-Young this is 1 - (relative squared Frobenius error of the best rank-R approximation).
// Throws: Error{InvalidArgument} unless 0 <= rank <= values.size(). W = 0 keeps everything: 1.
double keptEnergy(const Spectrum& spectrum, std::int64_t rank);

// keptEnergy at every rank from 0 to values.size(): [K + 1], for the cumulative plot.
std::vector<double> cumulativeEnergy(const Spectrum& spectrum);

// Share of the nuclear norm that the first `rank` values keep: sum_{i<=R} s_i / sum s_i. W = 0 keeps everything: 1.
// Throws: Error{InvalidArgument} for a rank out of range or when values are missing.
double nuclearShare(const Spectrum& spectrum, std::int64_t rank);

// What the best rank-R approximation leaves: ||W - W_R||_F = (sum_{i>R} s_i^2)^1/2.
double residualNorm(const Spectrum& spectrum, std::int64_t rank);

double stableRank(const Spectrum& spectrum); // ||W||_F^2 / s_1^2; 0 for W = 0
double effectiveRank(const Spectrum& spectrum); // exp of the entropy of s / sum(s); 0 for W = 0

double
conditionNumber(const Spectrum& spectrum); // s_1 / s_K; infinite for a singular W, 0 for W = 0

// How fast the values fall: s_i is about scale * i^-exponent.
// Formula: least squares of log s_i over log i, weighted by 1 / i so that every octave of i counts alike; values below
//   1e-6 s_1 are left out. Fewer than three values: all zero.
struct DecayFit {
    double exponent = 0.0;
    double scale = 0.0;
    double rSquared = 0.0; // weighted; 1: a perfect power law
};
DecayFit decayFit(const Spectrum& spectrum);

// One number a matrix, for maps and tables. The first three depend on the rank, which is cut to what the matrix has.
enum class Measure {
    Energy,
    NuclearShare,
    ResidualNorm,
    StableRank,
    EffectiveRank,
    ConditionNumber,
    DecayExponent,
};
std::string_view
measureName(Measure measure); // "energy", "nuclear_share": files and the command line
double measureOf(const Spectrum& spectrum, Measure measure, std::int64_t rank);

// Smallest rank that keeps at least `energy` of ||W||_F^2. Requires: 0 <= energy <= 1.
std::int64_t rankForEnergy(const Spectrum& spectrum, double energy);

// The knee of log(s_i) against i: the point farthest below the chord from the first to the last positive value
// (Kneedle, Satopaa et al. 2011). Returns a rank in [1, K].
std::int64_t kneeRank(const Spectrum& spectrum);

} // namespace pissarro::core::inline linalg

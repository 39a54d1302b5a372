// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"
#include "core/analysis/quant_error.h"
#include "core/base/job_context.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pissarro::core::inline analysis {

// A Student t distribution with location and scale. Density: Gamma((v + 1) / 2) / (Gamma(v / 2) (pi v)^1/2 scale)
// (1 + ((x - location) / scale)^2 / v)^-((v + 1) / 2).
struct StudentFit {
    double location = 0.0;
    double scale = 0.0;
    double freedom =
        0.0; // v, of [kSmallestFreedom, kLargestFreedom]; the largest is as good as normal

    static constexpr double kSmallestFreedom = 0.5;
    static constexpr double kLargestFreedom = 1e3;
    double density(double x) const;
};

// By maximum likelihood: location and scale by expectation and maximization, v by golden section on a logarithmic scale
// to 0.1 %.
// Requires: values not all equal. Cost: some hundred passes over the values.
StudentFit fitStudent(const std::vector<float>& values);

// How the entries of a matrix are distributed.
struct EntryDistribution {
    std::vector<double>
        density; // of bins of equal width from lower to upper; integrates to the share inside
    double lower = 0.0; // five standard deviations around the mean: few entries lie outside
    double upper = 0.0;
    double mean = 0.0;
    double deviation = 0.0; // of the normal fit
    StudentFit student; // fitted to at most 2^17 entries, evenly taken
    double meanAbsmax =
        0.0; // of the blocks: what the sixteen levels are multiplied with, on average

    double normalDensity(double x) const;
};

// What a form leaves of each block of the matrix, as a picture.
// Shapes: a row of the picture is a row of the matrix where its blocks divide it, else `width` blocks in turn.
struct BlockErrors {
    std::int64_t width = 0; // blocks across
    std::vector<float> rms; // root mean square of the error's entries, row by row
};

// What a method's four bits leave of the matrix: E = W - (deq(Q) + scale B A).
struct ErrorView {
    std::vector<double> spectrum; // singular values, descending
    BlockErrors blocks;
};

// A matrix in four bits, looked at closely.
struct MatrixInspection {
    std::string module;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    EntryDistribution weight; // W
    Method reducedBy; // the first that takes its adapter out of W before it quantizes: QPiSSA
    EntryDistribution residual; // W - scale B A of that after T iterations: what is quantized
    std::vector<double> weightSpectrum; // singular values, descending
    std::vector<double> residualSpectrum;
    ErrorView qlora; // of yardstick()
    std::map<Method, ErrorView> errors; // of each of measuredMethods()
};

// Decomposes as `options` say and takes a full spectrum of W, of the residual and of each error, on LibTorch's threads.
// Throws: as measureQuantErrors(); Cancelled within one iteration or one spectrum.
MatrixInspection inspectMatrix(const ModelFiles& files, const LinearModule& module,
                               const QuantErrorOptions& options, const JobContext& job);

} // namespace pissarro::core::inline analysis

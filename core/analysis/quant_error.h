// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"
#include "core/base/job_context.h"
#include "core/model/model_files.h"
#include "core/settings/quant_options.h"
#include "core/settings/svd_options.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline analysis {

// What a four-bit form leaves of a matrix: norms of E = W - (deq(Q) + scale B A).
struct QuantError {
    double nuclear = 0.0; // sum of E's singular values: what the paper's tables compare
    double frobenius = 0.0;
    double spectral = 0.0; // the largest singular value
    double largest = 0.0; // |entry|
};

// Whose errors are measured: those that iterate, by name. The yardstick is W in four bits alone, which is QLoRA.
std::vector<Method> measuredMethods();
Method yardstick();
std::vector<Method> comparedMethods(); // the yardstick, then those

struct QuantErrorOptions {
    std::int64_t rank = 16;
    int iters = 5; // T
    bool eachIteration = true; // errors after 1 to T iterations, not only after T
    SvdOptions svd;
    std::uint64_t seed = 0; // fast SVD only
    QuantOptions quant;
    bool otherTypes = false; // fp4 and int8 of W beside it
    int threads = 0; // 0: as many as allowedCores() says
};

struct ModuleQuantError {
    std::string module;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    double nuclearNorm = 0.0; // of W
    QuantError qlora; // W quantized, the adapter begins at zero
    // Of each of measuredMethods(), after 1 to T iterations, or after T alone.
    std::map<Method, std::vector<QuantError>> errors;
    std::map<std::string, QuantError> others; // "fp4", "int8"
};

enum class ErrorNorm { Nuclear, Frobenius, Spectral, Largest };
double normOf(const QuantError& error, ErrorNorm norm);

// How much less than QLoRA's an error is, in percent: (1 - error / error(nf4(W))) 100.
// 0 where QLoRA leaves nothing.
double errorReduction(const QuantError& error, const QuantError& qlora,
                      ErrorNorm norm = ErrorNorm::Nuclear);

// Reductions after one of the iterations, averaged over the matrices of each type ("q_proj") and over all: the paper's
// tables 4 and 8 with the nuclear norm.
struct QuantReductions {
    using ByMethod = std::map<Method, double>; // each of measuredMethods()
    std::map<std::string, ByMethod> byType;
    ByMethod average;
    std::map<std::string, double>
        others; // W alone in "fp4", "int8", where measured: averaged over all
    std::map<Method, std::int64_t>
        ahead; // matrices on which it leaves less than each other; a tie is nobody's
    std::int64_t matrices = 0;
};
// `iteration`: from 1, where the errors of each are there; 0: the last.
QuantReductions reductionsOf(const std::vector<ModuleQuantError>& errors,
                             ErrorNorm norm = ErrorNorm::Nuclear, int iteration = 0);

// Whether its reduction is above each other. Requires: `method` is among them.
bool isBest(const QuantReductions::ByMethod& reductions, Method method);

// Measures matrix by matrix, several at a time, each on one thread.
//
// onResult is called once for each module in the order of completion, one call at a time.
// Throws: Error{InvalidArgument} for T or r below 1, or r above a matrix's smaller side (naming it);
//   Error{Numeric} for NaN or Inf; Cancelled within one iteration of one matrix.
void measureQuantErrors(const ModelFiles& files, const std::vector<LinearModule>& modules,
                        const QuantErrorOptions& options,
                        const std::function<void(ModuleQuantError)>& onResult,
                        const JobContext& job);

// What the seconds of that are in proportion to: spectrumWork() for each spectrum that is taken and each decomposition that is
// made, which take about as long. Of SmolLM2's layer 14, on two cores: T = 1 is 4.8 times its spectra, T = 5 20 times; fast 16.
double quantErrorWork(const std::vector<LinearModule>& modules, const QuantErrorOptions& options);

} // namespace pissarro::core::inline analysis

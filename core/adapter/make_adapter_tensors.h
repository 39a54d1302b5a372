// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_options.h"
#include "core/adapter/adapter_tensors.h"
#include "core/base/job_context.h"
#include "core/linalg/svd_tensors.h"
#include "core/weights/model_writer.h"
#include "core/weights/weights.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline tensor {
struct PieceReport; // parallel_tasks.h
} // namespace pissarro::core::inline tensor

namespace pissarro::core::inline adapter {

struct PissaFactors {
    at::Tensor a_RI; // (S_r / scale)^1/2 V_r^T
    at::Tensor b_OR; // U_r (S_r / scale)^1/2
};

// The principal part of one matrix as adapter factors; what is frozen is subtractAdapter() of them.
// Formula: PiSSA, arXiv:2404.02948, eq. 2-4, with PEFT's scaling: scale B A is the best rank-R approximation of W.
// Another slice of the options takes other triplets than the first, as the paper's appendix F does: sliceStart().
// Requires: w_OI float32 (float64 in tests), 0 < rank <= min(O, I). Throws: Error{InvalidArgument}, Error{Numeric}.
PissaFactors pissaFactors(const at::Tensor& w_OI, std::int64_t rank, double scale,
                          const AdapterOptions& options, std::uint64_t seed,
                          const JobContext& job = {});
// The same bits from svdFactors(w_OI) made before, exactly: another rank costs no other decomposition.
PissaFactors pissaFactors(const at::Tensor& w_OI, const SvdFactors& factors, std::int64_t rank,
                          double scale);
PissaFactors pissaFactors(const TruncatedSvd& svd, double scale);

// PEFT's LoRA start: A Kaiming-uniform with a = sqrt(5), so uniform in +-1/sqrt(I); B zero. float32.
Adapter loraFactors(const LinearModule& module, std::int64_t rank, double scale,
                    std::uint64_t seed);

// The first triplet of a slice. Formula: round(slice (smaller side - rank)).
std::int64_t sliceStart(double slice, std::int64_t smallerSide, std::int64_t rank);

// Seed of one matrix: the run's seed and the module's name, so that neither order nor thread count matters.
std::uint64_t moduleSeed(std::uint64_t seed, const std::string& module);

// The factors of one module as the method of the options begins. Requires: hasAdapter(options.method), not isFourBit().
// Exact factors come from the cache where an earlier decomposition of the same weight is there.
// Throws: Error{Numeric} naming the module for NaN or Inf; Cancelled.
Adapter makeFactorsOf(const ModelFiles& files, const LinearModule& module,
                      const AdapterOptions& options, const JobContext& job);

// The same of many modules at once, in their order.
AdapterSet makeFactors(const ModelFiles& files, const std::vector<LinearModule>& modules,
                       const AdapterOptions& options, const PieceReport& report);

// W - scale B A in the type of W: PiSSA's frozen residual, and what a four-bit base is made of. The one place where it is
// computed, so that a resumed run, a folder written by init and what is measured have the same bits.
at::Tensor subtractAdapter(const at::Tensor& w_OI, const Adapter& adapter);
at::Tensor subtractAdapter(const at::Tensor& w_OI, const at::Tensor& a_RI, const at::Tensor& b_OR,
                           double scale);

// What the model computes with: W + scale B A, its rows as long as the magnitude says where the kind has one.
// Requires: all of one type.
at::Tensor mergedWeight(const at::Tensor& w_OI, const Adapter& adapter);

// Every weight that has an adapter as W + factor * scale B A, computed in float32; the others as the file has them.
// -1 gives PiSSA's residual, 1 the merged model; adapters with a magnitude are merged only (asFactors() has none). Both arguments must outlive the provider. Weights that are known to be
// finite need not be checked again.
WeightProvider weightsPlus(const ModelFiles& files, const AdapterSet& adapters, double factor,
                           NotFinite notFinite = NotFinite::Refuse);

// What PEFT takes out of each weight before it puts the stored factors on it (PeftConfig::takenStart), as adapters:
// the start of the method whose peftStart it is, of each adapter's own rank and scale. Empty: nothing.
// Formula: W - scale B_0 A_0 + scale B A. Cost: a decomposition a module, in the cache of exact factors for PiSSA.
// Throws: Error{Format} on a base in four bits, where PEFT refuses PiSSA and quantizes anew for OLoRA; Cancelled.
AdapterSet takenFromBase(const PeftAdapter& adapter, const ModelFiles& files,
                         const JobContext& job);

// The same adapter as a plain LoRA of the untouched base: with what was taken from it stacked behind, negated.
AdapterSet plainAdapters(const PeftAdapter& adapter, const ModelFiles& files,
                         const JobContext& job);

// The factors in use and where they began: PiSSA's conversion needs both.
// Formula: scale (B_t A_t - B_0 A_0) = scale [B_t | -B_0] [A_t ; A_0]; rank doubles, alpha doubles, so the scale stays.
Adapter convertToLora(const Adapter& trained, const Adapter& initial);
// The same for each module of `trained`, whatever order the two are in. Throws: Error{Internal} when they are not of the same modules.
AdapterSet convertToLora(const AdapterSet& trained, const AdapterSet& initial);

} // namespace pissarro::core::inline adapter

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/decoder_tensors.h"
#include "core/quant/quantized_tensors.h"
#include "core/run/run_directory.h"
#include "core/run/run_spec.h"
#include "core/session/given_adapter_tensors.h"

#include <memory>
#include <optional>

namespace pissarro::core::inline training {

// What a model is compared on.
struct Probe {
    const FlatBatch& batch;
    at::ScalarType type; // the run's compute dtype
    at::Device device;
    const JobContext& job;
};

// Scored logits of an untouched model, or undefined when it cannot be computed with: another vocabulary. Its linear weights
// are read for each product and dropped: no second model is held.
at::Tensor logitsOfModel(const std::shared_ptr<const ModelFiles>& untouched, const Probe& probe);

// Where the difference of `adaptedLogits`, of the quantized base with its fresh adapter, from the untouched model's
// comes from (StepZeroParts). Five forward passes of the probe, two of them in a wider float, without a second model in
// memory; for factors that begin at zero (QLoRA) none: all of it is quantization.
StepZeroParts splitStepZero(const std::shared_ptr<const ModelFiles>& untouched,
                            const AdapterSet& initial, const QuantOptions& quant,
                            const at::Tensor& untouchedLogits, const at::Tensor& adaptedLogits,
                            const Probe& probe);

// Compares logits [M, V] of the base with those of base and fresh adapter on the same scored tokens.
// Limits: float32 max|difference| <= 2e-3; bfloat16 |loss difference| <= 0.05 and mean|difference| <= 0.5.
// A given adapter is judged by what examineGiven() found: the base by what rounding can do to its very weights, trained
// factors by their kin; where source and factors are not known the overlap decides, above 0.5 it belongs on a residual base.
StepZero judgeStepZero(const RunSpec& spec, const FlatBatch& probe, const at::Tensor& baseLogits,
                       const at::Tensor& adaptedLogits, const std::optional<GivenAdapter>& given);

// How well a fresh adapter and its base in four bits make up the untouched weights, of the matrix where they do it worst.
// What is promised is this, not that logits come nearer: LoftQ's B A is the best approximation of W - Q that its rank
// allows, QPiSSA's Q is what is left of W without B A, in four bits, and QLoRA's B A is zero.
struct FourBitFit {
    std::string module;
    double alone = 0.0; // ||W - Q||_F / ||W||_F
    double adapted = 0.0; // ||W - Q - s B A||_F / ||W||_F

    // No further off than without the adapter, rounding aside, nor than zero would be, which no four bits are.
    bool isHome() const;
};

// Cost: reads W and Q of every module of `fresh`, two at a time.
FourBitFit fitOfFourBits(const ModelFiles& untouched, const ModelFiles& base,
                         const AdapterSet& fresh, const JobContext& job);

// What is known beside the logits of an adapter on a base in four bits.
struct FourBitFacts {
    std::optional<StepZeroParts> parts = {};
    std::optional<FourBitFit> fit = {}; // of factors that nothing has trained yet
};

// Of an adapter on a base in four bits: how far quantization has put both together from the untouched model, and the
// base alone. A fresh one is judged by its weights; where these are not known it fails if it takes the logits further away,
// by a tenth on average: it belongs to another base.
StepZero judgeFourBit(const FlatBatch& probe, const at::Tensor& untouchedLogits,
                      const at::Tensor& baseLogits, const at::Tensor& adaptedLogits,
                      const FourBitFacts& known);

} // namespace pissarro::core::inline training

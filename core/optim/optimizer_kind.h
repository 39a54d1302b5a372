// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline optim {

class Optimizer; // optimizer_tensors.h
class TrainableSet; // trainable_set_tensors.h

// What every optimizer here is told; torch.optim's defaults.
struct OptimizerSettings {
    double weightDecay = 0.0; // decoupled, on everything that trains
    double beta1 = 0.9; // of the first moment
    double beta2 = 0.999; // of the second
    double epsilon = 1e-8; // added to the root of the second
};

// An optimizer, without tensors: each is one file of core/optim, and optimizers.cpp lists them.
struct OptimizerKind {
    std::string_view name; // "adamw": files, the command line
    std::string_view title; // "AdamW": what a person reads
    // Bytes of what it keeps of one trained tensor with a float32 master, in memory and in a checkpoint.
    std::int64_t (*stateBytes)(std::int64_t elements) = nullptr;
    std::unique_ptr<Optimizer> (*make)(const TrainableSet& trained,
                                       const OptimizerSettings& settings) = nullptr;
};

const std::vector<const OptimizerKind*>& allOptimizers(); // lists keep this order
const OptimizerKind& defaultOptimizer(); // the first
const OptimizerKind& optimizerNamed(std::string_view name); // Throws: Error{InvalidArgument}
const OptimizerKind* findOptimizer(std::string_view name); // null: there is none
std::string optimizerNames(); // "adamw, adamw8": for messages and help

} // namespace pissarro::core::inline optim

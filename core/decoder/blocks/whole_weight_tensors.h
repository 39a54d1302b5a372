// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/optim/trainable_tensors.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace pissarro::core::inline decoder::inline blocks {

// A weight that trains as a whole or not at all: a norm's, the embedding, the head. With Projection it is what visitors of
// blocks are given: both can trainWeights(), collect() and refresh().
struct WholeWeight {
    std::string module; // "model.norm"
    at::Tensor value; // in the compute dtype
    Trainable trained; // undefined tensors while frozen
    std::string ending = "weight"; // or "bias"

    bool trains() const { return trained.value.defined(); }
    void trainWeights(const std::function<bool(const std::string& module)>& wanted);
    void collect(std::vector<Trainable*>& out);
    void refresh();
};

} // namespace pissarro::core::inline decoder::inline blocks

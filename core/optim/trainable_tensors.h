// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace pissarro::core::inline optim {

// A tensor that the optimizer updates, with its gradient.
//
// Its master is float32 (float64 where the model computes in that). A bfloat16 weight that is
// trained itself on the CPU needs no second copy: the weight is the upper half of the master,
// rounded to nearest, and `low` holds what is missing (see kernels::AdamWSlice).
struct Trainable {
    std::string name; // "model.layers.0.self_attn.q_proj.lora_A", or a weight's own name
    at::Tensor value; // the master, or with `low` the bfloat16 weight
    at::Tensor low; // int16, of value's shape; undefined: value is the master
    at::Tensor gradient; // value's shape, the master's type, accumulated; undefined: zero
    // Made when the backward pass comes to it and released by the optimizer: the gradients of all
    // weights then take the place of the activations, layer by layer, instead of lying beside them.
    bool passing = false;

    at::ScalarType masterType() const;
    at::Tensor& sum(); // `gradient`, made where it is undefined
};

// The type of the master of something that computes in `compute`: float64 of float64, else float32.
at::ScalarType masterTypeOf(at::ScalarType compute);

// A weight in the compute dtype that trains itself: `value` is the weight where master and weight
// agree or the master is split, else a copy that refresh() must carry over.
Trainable trainableWeight(std::string name, const at::Tensor& compute);

// After a change of the master: copies it into `compute` unless they share their memory.
void refreshFrom(const Trainable& trainable, const at::Tensor& compute);

} // namespace pissarro::core::inline optim

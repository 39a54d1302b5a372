// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/coded_weight.h"

#include <string_view>

namespace pissarro::core::inline format {

using TensorsByName = std::map<std::string, TensorView, std::less<>>;

// Each takes the parts of its kind of weights out of `tensors` and puts a view of the matrix there.
void takeFp8Weights(TensorsByName& tensors, const WeightCodes& how, CodedWeights& out);
void takeInt8Weights(TensorsByName& tensors, CodedWeights& out);
void takePackedWeights(TensorsByName& tensors, const WeightCodes& how, CodedWeights& out);

// "tensor NAME WHAT; get the model again". Throws: Error{Format}.
[[noreturn]] void refuseTensor(std::string_view name, std::string_view what);

// Takes a tensor out. Throws: Error{Format} when it is missing, not of this type, or not of this shape.
TensorView takePart(TensorsByName& tensors, const std::string& name, DType dtype,
                    const std::vector<std::int64_t>& shape);

std::vector<float> numbersOf(const TensorView& view); // all of it

} // namespace pissarro::core::inline format

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/tensor_view.h"

#include <ATen/core/Tensor.h>

#include <string>

namespace pissarro::core::inline tensor {

// What a model is stored as, by the name in its config: "float32", "bfloat16" or "float16". Throws:
// Error{InvalidArgument} for another.
at::ScalarType storableType(const std::string& dtype);

// Bytes of a contiguous CPU tensor as the safetensors writer wants them, and its dtype there.
DType fileDType(at::ScalarType type);
at::ScalarType tensorType(DType dtype); // Throws: Error{Format} for block types

// A tensor over the bytes of a view (no copy; the file must outlive it). For dtypes that LibTorch has.
at::Tensor tensorOver(const TensorView& view);

} // namespace pissarro::core::inline tensor

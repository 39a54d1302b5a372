// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace pissarro::core::inline tensor {

// Tensors by name, in the order of the file that holds them. Handles: what is copied into one changes its owner's tensor.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

} // namespace pissarro::core::inline tensor

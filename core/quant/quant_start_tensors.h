// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/decompose_tensors.h"
#include "core/quant/quant_error.h"

#include <string>

namespace pissarro::core {

// How a module is decomposed when its error is measured: scale 1, a seed of its own.
QuantStartOptions startOptions(const QuantErrorOptions& options, const std::string& module);

} // namespace pissarro::core

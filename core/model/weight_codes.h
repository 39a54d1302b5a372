// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/coded_weight.h"

#include <nlohmann/json_fwd.hpp>

namespace pissarro::core::inline model {

// What a config.json's quantization_config says of the codes in its weights; null: nothing.
// Throws: Error{Format} naming a form that is not read, with what to do.
WeightCodes weightCodesOf(const nlohmann::json* quantization);

} // namespace pissarro::core::inline model

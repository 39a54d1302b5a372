// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/model_plan.h"
#include "core/text/json_fields.h"

#include <nlohmann/json_fwd.hpp>

namespace pissarro::core::inline model::inline families {

// The sizes of latent attention (DeepSeek-V2, V3) and the scale of its scores, of a config that has its rotary positions.
// Throws: Error{Format}.
void readLatent(const JsonFields& fields, ModelConfig& config);
void writeLatent(const ModelConfig& config, nlohmann::json& json);

} // namespace pissarro::core::inline model::inline families

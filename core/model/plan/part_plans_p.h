// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/layer_plan.h"

#include <string>
#include <vector>

namespace pissarro::core::inline model::inline plan {

// Those that exist, in their order.
std::vector<LinearPlan> existing(const std::vector<LinearPlan>& all);
// Of a layer whose names begin with `prefix`, "model.layers.3.".
MixturePlan mixturePlan(const ModelConfig& config, const std::string& prefix);
AttentionPlan latentPlan(const ModelConfig& config, const std::string& prefix);

} // namespace pissarro::core::inline model::inline plan

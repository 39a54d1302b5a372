// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/tensor_view.h"
#include "core/model/plan/model_plan.h"

#include <string>
#include <vector>

namespace pissarro::core::inline model {

// Takes the tensors apart in which transformers 5 keeps a layer's experts ("…mlp.experts.gate_up_proj" [experts, 2 ffn, width],
// "…mlp.experts.down_proj" [experts, width, ffn]): each matrix becomes a view of its bytes under the name that the experts
// have in published files. A router under transformers 5's name gets its published one too.
// Throws: Error{Format} for shapes that the configuration does not have.
void splitFusedExperts(std::vector<TensorView>& weights, const ModelConfig& config);

// The matrices of a tensor [experts, rows, cols], one for each expert, under `name` with the expert's number for its "*".
// Throws: as splitFusedExperts().
std::vector<TensorView> matricesOfExperts(const TensorView& all, const std::string& name,
                                          const ModelConfig& config);

} // namespace pissarro::core::inline model

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/tensor_view.h"
#include "core/model/plan/model_plan.h"

#include <string>
#include <vector>

namespace pissarro::core::inline model {

// Brings the names of a folder's weights to those of its architecture, in which they may differ as a whole: torch.compile
// puts a word before each, a model that was saved from its inner class lacks "model.", its head was called lm_head, the text
// model of one that sees or hears has a name of its own before its parts, and the rest of that model is dropped. transformers
// reads all of these. Gives what a person should know of it, a line each.
std::vector<std::string> mendNames(std::vector<TensorView>& weights, const ModelConfig& config);

// Buffers that checkpoints carry and no computation reads; transformers ignores them too.
bool isBuffer(const TensorView& weight);

// Tensors that are no part of a decoder, whatever its configuration: heads of value and reward models, of drafts. transformers
// ignores them with a warning. What has a name of the decoder's own is none: it would change numbers.
bool isBesideDecoder(std::string_view name, const ModuleNames& names);

// "v_head.summary.weight and 3 more". Requires: names is not empty.
std::string someOf(const std::vector<std::string>& names);

} // namespace pissarro::core::inline model

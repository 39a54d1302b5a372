// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/families/gguf_header.h"
#include "core/model/plan/model_plan.h"
#include "core/text/json_fields.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace pissarro::core::inline model::inline families {

// What several families of mixtures say under the same keys.

// A whole number above 0; `otherwise` where the key is absent. Throws: Error{Format}.
std::int64_t countOr(const JsonFields& fields, const char* key, std::int64_t otherwise,
                     std::int64_t highest);

// output_router_logits, router_aux_loss_coef: whether training balances the load. Throws: Error{Format}.
void readBalance(const JsonFields& fields, Mixture& mixture, double otherwise);
void writeBalance(const Mixture& mixture, nlohmann::json& json);

// Qwen: decoder_sparse_step, mlp_only_layers. Throws: Error{Format}.
void readSparseLayers(const JsonFields& fields, ModelConfig& config);
void writeSparseLayers(const ModelConfig& config, nlohmann::json& json);

// DeepSeek: the first layers are dense. Of the others each `every`th whose number it divides has experts.
void setDenseBeginning(ModelConfig& config, std::int64_t dense, std::int64_t every);
std::int64_t denseBeginning(const ModelConfig& config);

// DeepSeek: how many experts there are, how many are chosen and how wide they are; by readSparseLayers() or
// setDenseBeginning() in which layers. `shared`: so many are everyone's where n_shared_experts is absent. Throws: Error{Format}.
void readRoutedExperts(const JsonFields& fields, Mixture& mixture, std::int64_t shared);
void writeRoutedExperts(const ModelConfig& config, nlohmann::json& json);

// Of a GGUF: which layers have experts, and how wide these are. What core/model read of their number stays.
void readGgufExperts(const GgufHeader& header, ModelConfig& config);

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/families/family.h"

// What Gemma's three generations share.
namespace pissarro::core::inline model::inline families {

void makeGemma(
    ModelConfig& config); // norms of 1 + w, the embedding scaled by the root of its width
void makeNormedOnBothSides(ModelConfig& config); // from Gemma 2 on
// Biases of attention. Throws: Error{Format} for an encoder.
void readGemmaAttention(const JsonFields& fields, ModelConfig& config);
void readQueryScale(const JsonFields& fields, ModelConfig& config);
// A header does not say the query's scale: llama.cpp takes the width of a head, of the 27B the width over the heads.
void setGgufQueryScale(ModelConfig& config, std::int64_t layersOf27B);
void writeGemmaConfig(const ModelConfig& config, nlohmann::json& json); // from Gemma 2 on

} // namespace pissarro::core::inline model::inline families

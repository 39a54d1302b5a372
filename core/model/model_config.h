// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/model_plan.h"

#include <filesystem>
#include <string>

namespace pissarro::core::inline format {
class GgufFile;
} // namespace pissarro::core::inline format

namespace pissarro::core::inline model {

// Reads a Hugging Face config.json, published or transformers-5 style, with transformers' defaults
// for what is absent. Ids in a generation_config.json beside it are added to eosIds.
//
// Throws: Error{Io}; Error{Format} naming the file and the field: an unknown architecture, a value
//         of the wrong kind or out of range, a rope scaling that is not known, a key that changes what is
//         computed and that the family does not have.
ModelConfig readModelConfig(const std::filesystem::path& configJson);

// The same from a GGUF header. What may be read is in core/model/families.
ModelConfig readModelConfig(const GgufFile& file);

// A config.json of the published style (rope_theta, rope_scaling, torch_dtype) that describes the same model.
// Throws: Error{Format} for rotary factors that no config.json can hold.
std::string configToJson(const ModelConfig& config, const std::string& dtype);

} // namespace pissarro::core::inline model

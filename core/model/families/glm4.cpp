// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.rotaryPairs = true;
    config.names.afterAttention = "post_self_attn_layernorm";
    config.names.middle = "post_attention_layernorm";
    config.names.afterFeed = "post_mlp_layernorm";
    config.names.gate = "mlp.gate_up_proj";
    config.names.up.clear();
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = fields.flag("attention_bias", true);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["attention_bias"] = config.qkvBias;
}

} // namespace

extern const Family kGlm4;
constinit const Family kGlm4 {
    .modelType = "glm4",
    .title = "GLM-4",
    .className = "Glm4ForCausalLM",
    .ggufName = "",
    .defaults = {.kvHeads = 2,
                 .headDim = 128,
                 .maxPositions = 131'072,
                 .padId = 151'329,
                 .epsilon = 1.5625e-7,
                 .rotaryPart = 0.5},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

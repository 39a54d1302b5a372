// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.normBias = true;
    config.names.queryNorm = "self_attn.q_layernorm";
    config.names.keyNorm = "self_attn.k_layernorm";
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = fields.flag("use_qkv_bias", false);
    config.queryKeyNorm =
        fields.flag("qk_layernorm", false) ? QueryKeyNorm::EachHeadApart : QueryKeyNorm::None;
    config.parallel = fields.flag("use_parallel_residual", false);
    if (config.parallel) {
        config.names.middle.clear();
    }
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["use_qkv_bias"] = config.qkvBias;
    json["qk_layernorm"] = config.queryKeyNorm != QueryKeyNorm::None;
    json["use_parallel_residual"] = config.parallel;
}

} // namespace

extern const Family kStableLm;
constinit const Family kStableLm {
    .modelType = "stablelm",
    .title = "StableLM",
    .className = "StableLmForCausalLM",
    .ggufName = "",
    .defaults = {.kvHeads = 32,
                 .maxPositions = 4096,
                 .bosId = 0,
                 .eosId = 0,
                 .epsilon = 1e-5,
                 .rotaryPart = 0.25},
    .keys = {.headDim = nullptr, .epsilon = "layer_norm_eps"},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.normBias = true;
    config.mlpBias = true;
    config.fusedOrder = FusedOrder::Groups;
    ModuleNames& names = config.names;
    names.base = "gpt_neox";
    names.embedding = "embed_in";
    names.norm = "final_layer_norm";
    names.head = "embed_out";
    names.query = "attention.query_key_value";
    names.key.clear();
    names.value.clear();
    names.output = "attention.dense";
    names.gate.clear();
    names.up = "mlp.dense_h_to_4h";
    names.down = "mlp.dense_4h_to_h";
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", true);
    config.parallel = fields.flag("use_parallel_residual", true);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["use_parallel_residual"] = config.parallel;
}

} // namespace

extern const Family kGptNeoX;
constinit const Family kGptNeoX {
    .modelType = "gpt_neox",
    .title = "GPT-NeoX",
    .className = "GPTNeoXForCausalLM",
    .ggufName = "",
    .defaults = {.maxPositions = 2048,
                 .bosId = 0,
                 .eosId = 2,
                 .activation = "gelu",
                 .epsilon = 1e-5,
                 .rotaryPart = 0.25},
    .keys = {.kvHeads = nullptr,
             .headDim = nullptr,
             .epsilon = "layer_norm_eps",
             .ropeTheta = "rotary_emb_base",
             .rotaryPart = "rotary_pct"},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

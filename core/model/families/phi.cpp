// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

namespace pissarro::core::inline model::inline families {

namespace {

// Phi-1 and Phi-2: attention and feed-forward side by side behind one norm.
void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.normBias = true;
    config.parallel = true;
    config.qkvBias = config.oBias = config.mlpBias = config.headBias = true;
    config.names.norm = "final_layernorm";
    config.names.output = "self_attn.dense";
    config.names.middle.clear();
    config.names.gate.clear();
    config.names.up = "mlp.fc1";
    config.names.down = "mlp.fc2";
}

void readConfig(const JsonFields& fields, ModelConfig& /*config*/)
{
    if (fields.flag("qk_layernorm", false)) {
        refuseConfig("qk_layernorm is true, which is not supported");
    }
}

} // namespace

extern const Family kPhi;
constinit const Family kPhi {
    .modelType = "phi",
    .title = "Phi",
    .className = "PhiForCausalLM",
    .ggufName = "",
    .defaults = {.maxPositions = 2048,
                 .bosId = 1,
                 .eosId = 2,
                 .activation = "gelu_new",
                 .epsilon = 1e-5,
                 .rotaryPart = 0.5},
    .keys = {.epsilon = "layer_norm_eps"},
    .always = always,
    .readConfig = readConfig,
};

} // namespace pissarro::core::inline model::inline families

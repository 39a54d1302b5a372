// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

namespace pissarro::core::inline model::inline families {

namespace {

// Norms stand behind the blocks, none before them.
void always(ModelConfig& config)
{
    config.queryKeyNorm = QueryKeyNorm::Whole;
    config.names.before.clear();
    config.names.afterAttention = "post_attention_layernorm";
    config.names.middle.clear();
    config.names.afterFeed = "post_feedforward_layernorm";
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
}

} // namespace

extern const Family kOlmo2;
constinit const Family kOlmo2 {
    .modelType = "olmo2",
    .title = "OLMo 2",
    .className = "Olmo2ForCausalLM",
    .ggufName = "olmo2",
    .defaults = {.maxPositions = 2048, .eosId = 50'279, .padId = 1, .epsilon = 1e-5},
    .always = always,
    .readConfig = readConfig,
};

} // namespace pissarro::core::inline model::inline families

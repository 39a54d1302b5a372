// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.normBias = true;
    config.names.gate.clear();
    config.names.up = "mlp.c_fc";
    config.names.down = "mlp.c_proj";
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = config.mlpBias = fields.flag("use_bias", true);
    config.slidingWindow = fields.whole("sliding_window", 1, kPositionLimit).value_or(0);
}

void readGguf(const GgufHeader& /*header*/, ModelConfig& config)
{
    config.qkvBias = config.oBias = config.mlpBias = true;
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["use_bias"] = config.qkvBias;
}

} // namespace

extern const Family kStarcoder2;
constinit const Family kStarcoder2 {
    .modelType = "starcoder2",
    .title = "StarCoder2",
    .className = "Starcoder2ForCausalLM",
    .ggufName = "starcoder2",
    .defaults = {.kvHeads = 2,
                 .maxPositions = 4096,
                 .tiedEmbeddings = true,
                 .bosId = 50'256,
                 .eosId = 50'256,
                 .activation = "gelu_pytorch_tanh",
                 .epsilon = 1e-5},
    .keys = {.epsilon = "norm_epsilon"},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

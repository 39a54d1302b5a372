// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

namespace pissarro::core::inline model::inline families {

extern const Family kQwen2; // a config.json says where its windows are as Qwen2's does

namespace {

void always(ModelConfig& config)
{
    config.queryKeyNorm = QueryKeyNorm::Head;
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    kQwen2.readConfig(fields, config);
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    kQwen2.writeConfig(config, json);
}

} // namespace

extern const Family kQwen3;
constinit const Family kQwen3 {
    .modelType = "qwen3",
    .title = "Qwen3",
    .className = "Qwen3ForCausalLM",
    .ggufName = "qwen3",
    .defaults = {.kvHeads = 32, .headDim = 128, .maxPositions = 32'768},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.parallel = true;
    config.rotaryPairs = true;
    config.names.middle.clear();
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    config.logitScale = fields.positive("logit_scale").value_or(0.0625);
    config.queryKeyNorm =
        fields.flag("use_qk_norm", false) ? QueryKeyNorm::EachHead : QueryKeyNorm::None;
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["logit_scale"] = config.logitScale;
    json["use_qk_norm"] = config.queryKeyNorm != QueryKeyNorm::None;
}

} // namespace

extern const Family kCohere;
constinit const Family kCohere {
    .modelType = "cohere",
    .title = "Cohere",
    .className = "CohereForCausalLM",
    .ggufName = "",
    .defaults = {.maxPositions = 8192,
                 .tiedEmbeddings = true,
                 .bosId = 5,
                 .eosId = 255'001,
                 .padId = 0,
                 .epsilon = 1e-5,
                 .ropeTheta = 500'000.0},
    .keys = {.epsilon = "layer_norm_eps"},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

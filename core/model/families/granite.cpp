// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    config.mlpBias = fields.flag("mlp_bias", false);
    config.attentionScale = fields.positive("attention_multiplier").value_or(1.0);
    config.embeddingScale = fields.positive("embedding_multiplier").value_or(1.0);
    config.residualScale = fields.positive("residual_multiplier").value_or(1.0);
    config.logitScale = 1.0 / fields.positive("logits_scaling").value_or(1.0);
}

void readGguf(const GgufHeader& header, ModelConfig& config)
{
    config.attentionScale = header.number("attention.scale").value_or(0.0);
    config.embeddingScale = header.number("embedding_scale").value_or(1.0);
    config.residualScale = header.number("residual_scale").value_or(1.0);
    const double logits = header.number("logit_scale").value_or(1.0);
    if (!(config.attentionScale >= 0.0 && config.embeddingScale > 0.0 && config.residualScale > 0.0
          && logits > 0.0)) {
        refuseConfig("a multiplier is no number above 0");
    }
    config.logitScale = 1.0 / logits;
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["attention_multiplier"] = config.attentionScale > 0.0
        ? config.attentionScale
        : 1.0 / std::sqrt(static_cast<double>(config.headDim));
    json["embedding_multiplier"] = config.embeddingScale;
    json["residual_multiplier"] = config.residualScale;
    json["logits_scaling"] = 1.0 / config.logitScale;
}

constexpr std::array<GgufChanged, 2> kChanges {{
    {"blk.*.attn_q", GgufChange::PairedRows},
    {"blk.*.attn_k", GgufChange::PairedRows},
}};

} // namespace

extern const Family kGranite;
constinit const Family kGranite {
    .modelType = "granite",
    .title = "Granite",
    .className = "GraniteForCausalLM",
    .ggufName = "granite",
    .defaults = {.maxPositions = 2048, .bosId = 1, .eosId = 2},
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

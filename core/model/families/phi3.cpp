// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

// Phi-4 too: one matrix makes queries, keys and values, one gate and up.
void always(ModelConfig& config)
{
    config.names.query = "self_attn.qkv_proj";
    config.names.key.clear();
    config.names.value.clear();
    config.names.gate = "mlp.gate_up_proj";
    config.names.up.clear();
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    fields.flag("attention_bias", false); // transformers builds these matrices without
    config.slidingWindow = fields.whole("sliding_window", 1, kPositionLimit).value_or(0);
}

// llama.cpp applies no window here, and keeps the factors by length as two tensors.
void readGguf(const GgufHeader& header, ModelConfig& config)
{
    config.slidingWindow = 0;
    const std::int64_t pairs = config.turnedDims() / 2;
    RopeScaling scaling;
    scaling.longFactors = header.factors("rope_factors_long.weight", pairs);
    scaling.shortFactors = header.factors("rope_factors_short.weight", pairs);
    if (scaling.longFactors.empty() || scaling.shortFactors.empty()) {
        return;
    }
    scaling.kind = RopeScalingKind::LongRope;
    scaling.factor = 0.0;
    scaling.originalMaxPositions =
        header.whole("rope.scaling.original_context_length").value_or(config.maxPositions);
    scaling.attentionFactor = header.number("rope.scaling.attn_factor").value_or(0.0);
    config.ropeScaling = scaling;
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    if (config.ropeScaling.kind == RopeScalingKind::LongRope) {
        json["original_max_position_embeddings"] = config.ropeScaling.originalMaxPositions;
    }
}

} // namespace

extern const Family kPhi3;
constinit const Family kPhi3 {
    .modelType = "phi3",
    .title = "Phi-3",
    .className = "Phi3ForCausalLM",
    .ggufName = "phi3",
    .defaults =
        {.maxPositions = 4096, .bosId = 1, .eosId = 32'000, .padId = 32'000, .epsilon = 1e-5},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

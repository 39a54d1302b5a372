// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"
#include "core/model/families/mixture_keys_p.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

constexpr std::int64_t kExperts = 128;
constexpr std::int64_t kChosen = 8;

void always(ModelConfig& config)
{
    config.queryKeyNorm = QueryKeyNorm::Head;
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    const std::int64_t window = readSlidingWindow(fields);
    config.slidingWindow = fields.flag("use_sliding_window", false) ? window : 0;
    fields.find("max_window_layers"); // of no bearing on this class
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    Mixture& mixture = config.mixture;
    const std::int64_t newer = countOr(fields, "num_local_experts", kExperts, kExpertLimit);
    mixture.experts = countOr(fields, "num_experts", newer, kExpertLimit);
    mixture.chosen = countOr(fields, "num_experts_per_tok", kChosen, kExpertLimit);
    mixture.ffn = countOr(fields, "moe_intermediate_size", 768, kSideLimit);
    mixture.normalized = fields.flag("norm_topk_prob", false);
    readSparseLayers(fields, config);
    readBalance(fields, mixture, 0.001);
}

// llama.cpp divides by the sum in all of them.
void readGguf(const GgufHeader& header, ModelConfig& config)
{
    readGgufExperts(header, config);
    config.mixture.normalized = true;
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["use_sliding_window"] = config.slidingWindow > 0;
    json["num_experts"] = config.mixture.experts;
    json["num_experts_per_tok"] = config.mixture.chosen;
    json["moe_intermediate_size"] = config.mixture.ffn;
    json["norm_topk_prob"] = config.mixture.normalized;
    writeSparseLayers(config, json);
    writeBalance(config.mixture, json);
}

} // namespace

extern const Family kQwen3Moe;
constinit const Family kQwen3Moe {
    .modelType = "qwen3_moe",
    .title = "Qwen3-MoE",
    .className = "Qwen3MoeForCausalLM",
    .ggufName = "qwen3moe",
    .defaults = {.kvHeads = 4, .maxPositions = 32'768},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"
#include "core/model/families/mixture_keys_p.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

constexpr std::int64_t kExperts = 60;
constexpr std::int64_t kChosen = 4;

void always(ModelConfig& config)
{
    config.qkvBias = true;
    config.names.mixture.shared = "mlp.shared_expert";
    config.mixture.sharedGate = true;
}

// transformers 5 gives the window to every other layer below max_window_layers, where layer_types does not say which.
void readWindows(const JsonFields& fields, ModelConfig& config)
{
    const std::int64_t window = fields.whole("sliding_window", 0, kPositionLimit)
                                    .value_or(fields.isNull("sliding_window") ? 0 : 4096);
    const std::int64_t below = fields.whole("max_window_layers", 0, kPositionLimit).value_or(28);
    std::vector<bool> windowed;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        windowed.push_back(layer % 2 == 0 && layer < below);
    }
    if (const auto types = readLayerTypes(fields, config.layers)) {
        windowed = *types;
    }
    setWindows(config, fields.flag("use_sliding_window", false) ? window : 0, windowed);
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    readWindows(fields, config);
    config.qkvBias = fields.flag("qkv_bias", true);
    Mixture& mixture = config.mixture;
    mixture.experts = countOr(fields, "num_experts", kExperts, kExpertLimit);
    mixture.chosen = countOr(fields, "num_experts_per_tok", kChosen, kExpertLimit);
    mixture.ffn = countOr(fields, "moe_intermediate_size", 1408, kSideLimit);
    mixture.sharedFfn = countOr(fields, "shared_expert_intermediate_size", 5632, kSideLimit);
    mixture.normalized = fields.flag("norm_topk_prob", false);
    readSparseLayers(fields, config);
    readBalance(fields, mixture, 0.001);
}

void readGguf(const GgufHeader& header, ModelConfig& config)
{
    readGgufExperts(header, config);
    config.mixture.sharedFfn =
        header.whole("expert_shared_feed_forward_length").value_or(config.ffn);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["use_sliding_window"] = config.slidingWindow > 0;
    if (config.slidingWindow > 0) {
        writeLayerTypes(config, json);
    }
    json["qkv_bias"] = config.qkvBias;
    json["num_experts"] = config.mixture.experts;
    json["num_experts_per_tok"] = config.mixture.chosen;
    json["moe_intermediate_size"] = config.mixture.ffn;
    json["shared_expert_intermediate_size"] = config.mixture.sharedFfn;
    json["norm_topk_prob"] = config.mixture.normalized;
    writeSparseLayers(config, json);
    writeBalance(config.mixture, json);
}

} // namespace

extern const Family kQwen2Moe;
constinit const Family kQwen2Moe {
    .modelType = "qwen2_moe",
    .title = "Qwen2-MoE",
    .className = "Qwen2MoeForCausalLM",
    .ggufName = "qwen2moe",
    .defaults = {.kvHeads = 16, .maxPositions = 32'768},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"
#include "core/model/families/latent_keys_p.h"
#include "core/model/families/mixture_keys_p.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.rotaryPairs = true;
    config.mixture.wideLogits = true;
}

// As transformers: norm_topk_prob and aux_loss_alpha count for nothing, and every layer from the first with experts on has them.
void readConfig(const JsonFields& fields, ModelConfig& config)
{
    readLatent(fields, config);
    config.mlpBias = fields.flag("mlp_bias", false);
    Mixture& mixture = config.mixture;
    readRoutedExperts(fields, mixture, 2);
    fields.flag("norm_topk_prob", false);
    mixture.scale = fields.positive("routed_scaling_factor").value_or(1.0);
    const std::int64_t dense = fields.whole("first_k_dense_replace", 0, kLayerLimit).value_or(0);
    setDenseBeginning(config, dense, 1);
    if (countOr(fields, "moe_layer_freq", 1, kLayerLimit) != 1) {
        refuseConfig("moe_layer_freq is above 1, which transformers does not compute");
    }
    const std::int64_t groups = countOr(fields, "n_group", 1, kExpertLimit);
    const std::int64_t chosen = countOr(fields, "topk_group", groups, kExpertLimit);
    const std::string method = fields.text("topk_method").value_or("greedy");
    if (method == "group_limited_greedy") {
        mixture.groups = groups;
        mixture.chosenGroups = chosen;
    } else if (method != "greedy") {
        refuseConfig("topk_method is " + shownText(method, 40)
                     + " (expected greedy or group_limited_greedy)");
    }
    const std::string scoring = fields.text("scoring_func").value_or("softmax");
    if (scoring != "softmax") {
        refuseConfig("scoring_func is " + shownText(scoring, 40) + " (expected softmax)");
    }
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    writeLatent(config, json);
    writeRoutedExperts(config, json);
    json["n_group"] = config.mixture.groups;
    json["topk_group"] = config.mixture.chosenGroups;
    json["topk_method"] = config.mixture.groups > 1 ? "group_limited_greedy" : "greedy";
}

} // namespace

extern const Family kDeepSeekV2;
constinit const Family kDeepSeekV2 {
    .modelType = "deepseek_v2",
    .title = "DeepSeek-V2",
    .className = "DeepseekV2ForCausalLM",
    .ggufName = "",
    .defaults = {.headDim = 64, .maxPositions = 2048, .bosId = 1, .eosId = 2},
    .keys = {.kvHeads = nullptr, .headDim = "qk_rope_head_dim", .rotaryPart = nullptr},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

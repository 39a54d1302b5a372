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
    Mixture& mixture = config.mixture;
    mixture.wideLogits = true;
    mixture.score = RouterScore::Sigmoid;
    mixture.correction = true;
    mixture.groupBest = 2;
}

void requireText(const JsonFields& fields, const char* key, const std::string& expected)
{
    const std::string found = fields.text(key).value_or(expected);
    if (found != expected) {
        refuseConfig(std::string(key).append(" is ").append(shownText(found, 40)) + " (expected "
                     + expected + ")");
    }
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    readLatent(fields, config);
    config.rotaryPairs = fields.flag("rope_interleave", true);
    Mixture& mixture = config.mixture;
    readRoutedExperts(fields, mixture, 1);
    mixture.normalized = fields.flag("norm_topk_prob", true);
    mixture.scale = fields.positive("routed_scaling_factor").value_or(2.5);
    mixture.groups = countOr(fields, "n_group", 8, kExpertLimit);
    mixture.chosenGroups = countOr(fields, "topk_group", 4, kExpertLimit);
    setDenseBeginning(config, fields.whole("first_k_dense_replace", 0, kLayerLimit).value_or(3), 1);
    if (countOr(fields, "moe_layer_freq", 1, kLayerLimit) != 1) {
        refuseConfig("moe_layer_freq is above 1, which transformers does not compute");
    }
    requireText(fields, "topk_method", "noaux_tc");
    requireText(fields, "scoring_func", "sigmoid");
    const std::int64_t newer = fields.whole("num_mtp_layers", 0, kLayerLimit).value_or(0);
    config.draftLayers = fields.whole("num_nextn_predict_layers", 0, kLayerLimit).value_or(newer);
}

// Without the layers that draft: they are not written either.
void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    writeLatent(config, json);
    writeRoutedExperts(config, json);
    json["rope_interleave"] = config.rotaryPairs;
    json["n_group"] = config.mixture.groups;
    json["topk_group"] = config.mixture.chosenGroups;
    json["topk_method"] = "noaux_tc";
    json["scoring_func"] = "sigmoid";
    json["num_nextn_predict_layers"] = 0;
}

} // namespace

extern const Family kDeepSeekV3;
constinit const Family kDeepSeekV3 {
    .modelType = "deepseek_v3",
    .title = "DeepSeek-V3",
    .className = "DeepseekV3ForCausalLM",
    .ggufName = "",
    .defaults = {.headDim = 64, .maxPositions = 4096, .bosId = 0, .eosId = 1},
    .keys = {.kvHeads = nullptr, .headDim = "qk_rope_head_dim", .rotaryPart = nullptr},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

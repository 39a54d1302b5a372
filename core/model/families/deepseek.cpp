// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"
#include "core/model/families/mixture_keys_p.h"
#include "core/text/message_text.h"

#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.mixture.wideLogits = true;
}

// DeepSeek-MoE-16B: LLaMA's attention, and experts as DeepSeek-V2 routes them where it chooses greedily. transformers has no
// class for it; what the repository's own code adds to the loss while training (aux_loss_alpha) is not computed.
void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    config.mlpBias = fields.flag("mlp_bias", false);
    Mixture& mixture = config.mixture;
    readRoutedExperts(fields, mixture, 0);
    mixture.scale = fields.positive("routed_scaling_factor").value_or(1.0);
    mixture.normalized = fields.flag("norm_topk_prob", false) && mixture.chosen > 1;
    setDenseBeginning(config, fields.whole("first_k_dense_replace", 0, kLayerLimit).value_or(0),
                      countOr(fields, "moe_layer_freq", 1, kLayerLimit));
    const std::string scoring = fields.text("scoring_func").value_or("softmax");
    if (scoring != "softmax") {
        refuseConfig("scoring_func is " + shownText(scoring, 40) + " (expected softmax)");
    }
}

void readGguf(const GgufHeader& header, ModelConfig& config)
{
    readGgufExperts(header, config);
    config.mixture.sharedFfn = config.mixture.ffn * header.whole("expert_shared_count").value_or(0);
    config.mixture.scale = header.number("expert_weights_scale").value_or(1.0);
}

// Which layers have experts is said by two numbers.
std::int64_t frequencyOf(const ModelConfig& config)
{
    const std::int64_t first = denseBeginning(config);
    for (std::int64_t every = 1; every <= config.layers; ++every) {
        ModelConfig tried = config;
        setDenseBeginning(tried, first, every);
        if (tried.mixture.layers == config.mixture.layers) {
            return every;
        }
    }
    return 1;
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    writeRoutedExperts(config, json);
    json["moe_layer_freq"] = frequencyOf(config);
}

constexpr std::array<GgufChanged, 2> kChanges {{
    {"blk.*.attn_q", GgufChange::PairedRows},
    {"blk.*.attn_k", GgufChange::PairedRows},
}};

} // namespace

extern const Family kDeepSeek;
constinit const Family kDeepSeek {
    .modelType = "deepseek",
    .title = "DeepSeek-MoE",
    .className = "DeepseekForCausalLM",
    .ggufName = "deepseek",
    .defaults = {.maxPositions = 2048, .bosId = 100'000, .eosId = 100'001},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

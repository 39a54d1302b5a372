// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normOffset = 1.0;
    config.embeddingScale = std::sqrt(static_cast<double>(config.width));
    config.names.afterAttention = "post_attention_layernorm";
    config.names.middle = "pre_feedforward_layernorm";
    config.names.afterFeed = "post_feedforward_layernorm";
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    config.attentionSoftCap = readCap(fields, "attn_logit_softcapping", 50.0);
    config.logitSoftCap = readCap(fields, "final_logit_softcapping", 30.0);
    config.attentionScale =
        1.0 / std::sqrt(fields.positive("query_pre_attn_scalar").value_or(256.0));
    setWindows(config, readSlidingWindow(fields),
               readWindowPattern(fields, "sliding_window_pattern", 2, config.layers));
    if (fields.flag("use_bidirectional_attention", false)) {
        refuseConfig(
            "use_bidirectional_attention is true, which is not supported (expected a decoder)");
    }
}

// A header does not say the query's scale: llama.cpp takes the width of a head, of the 27B the width over the heads.
void readGguf(const GgufHeader& header, ModelConfig& config)
{
    constexpr std::int64_t kLayersOf27B = 46;
    config.attentionSoftCap = header.number("attn_logit_softcapping").value_or(50.0);
    config.logitSoftCap = header.number("final_logit_softcapping").value_or(30.0);
    const std::int64_t scalar =
        config.layers == kLayersOf27B ? config.width / config.heads : config.headDim;
    config.attentionScale = 1.0 / std::sqrt(static_cast<double>(scalar));
    std::vector<bool> windowed;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        windowed.push_back(layer % 2 == 0);
    }
    setWindows(config, config.slidingWindow, windowed);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    const auto capOrNull = [](double cap) {
        return cap > 0.0 ? nlohmann::json(cap) : nlohmann::json(nullptr);
    };
    json["attn_logit_softcapping"] = capOrNull(config.attentionSoftCap);
    json["final_logit_softcapping"] = capOrNull(config.logitSoftCap);
    json["hidden_act"] = json["hidden_activation"];
    json["query_pre_attn_scalar"] =
        std::round(1e6 / (config.attentionScale * config.attentionScale)) / 1e6;
    if (config.slidingWindow == 0) {
        json["sliding_window"] = nullptr;
    }
    writeLayerTypes(config, json);
}

// llama.cpp keeps the norms as 1 + w.
constexpr std::array<GgufChanged, 5> kChanges {{
    {"blk.*.attn_norm", GgufChange::PlusOne},
    {"blk.*.post_attention_norm", GgufChange::PlusOne},
    {"blk.*.ffn_norm", GgufChange::PlusOne},
    {"blk.*.post_ffw_norm", GgufChange::PlusOne},
    {"output_norm", GgufChange::PlusOne},
}};

} // namespace

extern const Family kGemma2;
constinit const Family kGemma2 {
    .modelType = "gemma2",
    .title = "Gemma 2",
    .className = "Gemma2ForCausalLM",
    .ggufName = "gemma2",
    .defaults = {.kvHeads = 4,
                 .headDim = 256,
                 .maxPositions = 8192,
                 .tiedEmbeddings = true,
                 .bosId = 2,
                 .eosId = 1,
                 .padId = 0,
                 .activation = "gelu_pytorch_tanh"},
    .keys = {.activation = "hidden_activation"},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

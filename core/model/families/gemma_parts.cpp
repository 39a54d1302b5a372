// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gemma_parts_p.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

void makeGemma(ModelConfig& config)
{
    config.normOffset = 1.0;
    config.embeddingScale = std::sqrt(static_cast<double>(config.width));
}

void makeNormedOnBothSides(ModelConfig& config)
{
    config.names.afterAttention = "post_attention_layernorm";
    config.names.middle = "pre_feedforward_layernorm";
    config.names.afterFeed = "post_feedforward_layernorm";
}

void readGemmaAttention(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    if (fields.flag("use_bidirectional_attention", false)) {
        refuseConfig(
            "use_bidirectional_attention is true, which is not supported (expected a decoder)");
    }
}

void readQueryScale(const JsonFields& fields, ModelConfig& config)
{
    config.attentionScale =
        1.0 / std::sqrt(fields.positive("query_pre_attn_scalar").value_or(256.0));
}

void setGgufQueryScale(ModelConfig& config, std::int64_t layersOf27B)
{
    const std::int64_t scalar =
        config.layers == layersOf27B ? config.width / config.heads : config.headDim;
    config.attentionScale = 1.0 / std::sqrt(static_cast<double>(scalar));
}

void writeGemmaConfig(const ModelConfig& config, nlohmann::json& json)
{
    const auto capOrNull = [](double cap) {
        return cap > 0.0 ? nlohmann::json(cap) : nlohmann::json(nullptr);
    };
    json["attn_logit_softcapping"] = capOrNull(config.attentionSoftCap);
    json["final_logit_softcapping"] = capOrNull(config.logitSoftCap);
    json["query_pre_attn_scalar"] =
        std::round(1e6 / (config.attentionScale * config.attentionScale)) / 1e6;
    if (config.slidingWindow == 0) {
        json["sliding_window"] = nullptr;
    }
    writeLayerTypes(config, json);
}

} // namespace pissarro::core::inline model::inline families

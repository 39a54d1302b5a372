// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/latent_keys_p.h"
#include "core/model/families/mixture_keys_p.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

// YaRN stretches the scores by what it stretches cosines and sines by in other models, twice.
double stretchOf(const ModelConfig& config)
{
    const RopeScaling& scaling = config.ropeScaling;
    const double factor = scaling.factor > 0.0 ? scaling.factor
                                               : static_cast<double>(config.maxPositions)
            / static_cast<double>(scaling.originalMaxPositions);
    if (scaling.kind != RopeScalingKind::Yarn || scaling.mscaleAllDim == 0.0 || factor <= 1.0) {
        return 1.0;
    }
    const double once = 0.1 * scaling.mscaleAllDim * std::log(factor) + 1.0;
    return once * once;
}

} // namespace

void readLatent(const JsonFields& fields, ModelConfig& config)
{
    Latent& latent = config.latent;
    latent.rank = countOr(fields, "kv_lora_rank", 512, kSideLimit);
    const std::int64_t queryRank = countOr(fields, "q_lora_rank", 1536, kSideLimit);
    latent.queryRank = fields.isNull("q_lora_rank") ? 0 : queryRank;
    latent.plainDim = countOr(fields, "qk_nope_head_dim", 128, kHeadLimit);
    latent.valueDim = countOr(fields, "v_head_dim", 128, kHeadLimit);
    // Every head has keys of its own, as wide as these say together.
    for (const char* const key : {"num_key_value_heads", "head_dim", "qk_head_dim"}) {
        fields.find(key);
    }
    config.kvHeads = config.heads;
    config.attentionScale =
        stretchOf(config) / std::sqrt(static_cast<double>(latent.plainDim + config.headDim));
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
}

void writeLatent(const ModelConfig& config, nlohmann::json& json)
{
    const Latent& latent = config.latent;
    json["kv_lora_rank"] = latent.rank;
    json["q_lora_rank"] =
        latent.queryRank > 0 ? nlohmann::json(latent.queryRank) : nlohmann::json(nullptr);
    json["qk_nope_head_dim"] = latent.plainDim;
    json["v_head_dim"] = latent.valueDim;
    json["num_key_value_heads"] = config.kvHeads;
}

} // namespace pissarro::core::inline model::inline families

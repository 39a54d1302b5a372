// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/model/families/family.h"
#include "core/model/model_config.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model {

namespace {

using nlohmann::json;

json ropeScaling(const RopeScaling& scaling)
{
    json out;
    const auto number = [&](const char* key, double value) {
        if (value > 0.0) {
            out[key] = value;
        }
    };
    switch (scaling.kind) {
    case RopeScalingKind::None:
        return nullptr;
    case RopeScalingKind::Linear:
        return {{"rope_type", "linear"}, {"factor", scaling.factor}};
    case RopeScalingKind::Dynamic:
        return {{"rope_type", "dynamic"}, {"factor", scaling.factor}};
    case RopeScalingKind::Llama3:
        return {{"rope_type", "llama3"},
                {"factor", scaling.factor},
                {"low_freq_factor", scaling.lowFrequencyFactor},
                {"high_freq_factor", scaling.highFrequencyFactor},
                {"original_max_position_embeddings", scaling.originalMaxPositions}};
    case RopeScalingKind::Yarn:
        out = {{"rope_type", "yarn"},
               {"beta_fast", scaling.betaFast},
               {"beta_slow", scaling.betaSlow},
               {"truncate", scaling.truncate}};
        number("mscale", scaling.mscale);
        number("mscale_all_dim", scaling.mscaleAllDim);
        break;
    case RopeScalingKind::LongRope:
        out = {{"rope_type", "longrope"},
               {"type", "longrope"},
               {"short_factor", scaling.shortFactors},
               {"long_factor", scaling.longFactors}};
        break;
    }
    number("factor", scaling.factor);
    number("attention_factor", scaling.attentionFactor);
    out["original_max_position_embeddings"] = scaling.originalMaxPositions;
    return out;
}

json idOrNull(std::int64_t id)
{
    return id >= 0 ? json(id) : json(nullptr);
}

} // namespace

std::string configToJson(const ModelConfig& c, const std::string& dtype)
{
    if (!c.ropeFrequencyFactors.empty()) {
        throw Error(ErrorKind::Format,
                    "the GGUF stores its rotary scaling as a table of factors, which a config.json "
                    "cannot hold; "
                    "use the model's Hugging Face folder");
    }
    json eos = nullptr;
    if (c.eosIds.size() == 1) {
        eos = c.eosIds.front();
    } else if (!c.eosIds.empty()) {
        eos = c.eosIds;
    }
    const Family& family = familyOf(c.modelType);
    const FamilyKeys& keys = family.keys;
    json config {
        {"architectures", {family.className}},
        {"attention_bias", c.qkvBias && c.oBias},
        {"bos_token_id", idOrNull(c.bosId)},
        {"eos_token_id", eos},
        {keys.activation, activationName(c.activation)},
        {"mlp_bias", c.mlpBias},
        {"model_type", c.modelType},
        {"pad_token_id", idOrNull(c.padId)},
        {"rope_scaling", ropeScaling(c.ropeScaling)},
        {"tie_word_embeddings", c.tiedEmbeddings},
        {"torch_dtype", dtype},
        {"vocab_size", c.vocabulary},
    };
    const auto put = [&](const char* key, const json& value) {
        if (key != nullptr) {
            config[key] = value;
        }
    };
    put(keys.layers, c.layers);
    put(keys.width, c.width);
    put(keys.heads, c.heads);
    put(keys.kvHeads, c.kvHeads);
    put(keys.headDim, c.headDim);
    put(keys.ffn, c.ffn);
    put(keys.positions, c.maxPositions);
    put(keys.epsilon, c.rmsEpsilon);
    put(keys.ropeTheta, c.ropeTheta);
    if (c.rotaryDims > 0 || family.defaults.rotaryPart != 1.0) {
        put(keys.rotaryPart, static_cast<double>(c.turnedDims()) / static_cast<double>(c.headDim));
    }
    if (c.slidingWindow > 0) {
        config["sliding_window"] = c.slidingWindow;
    }
    if (family.writeConfig != nullptr) {
        family.writeConfig(c, config);
    }
    return config.dump(2) + "\n";
}

} // namespace pissarro::core::inline model

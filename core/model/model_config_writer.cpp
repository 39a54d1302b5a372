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
    switch (scaling.kind) {
    case RopeScalingKind::Linear:
        return {{"rope_type", "linear"}, {"factor", scaling.factor}};
    case RopeScalingKind::Llama3:
        return {{"rope_type", "llama3"},
                {"factor", scaling.factor},
                {"low_freq_factor", scaling.lowFrequencyFactor},
                {"high_freq_factor", scaling.highFrequencyFactor},
                {"original_max_position_embeddings", scaling.originalMaxPositions}};
    case RopeScalingKind::None:
        break;
    }
    return nullptr;
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
    json config {
        {"architectures", {family.className}},
        {"attention_bias", c.qkvBias},
        {"bos_token_id", idOrNull(c.bosId)},
        {"eos_token_id", eos},
        {"head_dim", c.headDim},
        {"hidden_act",
         c.activation == Activation::Silu           ? "silu"
             : c.activation == Activation::GeluTanh ? "gelu_pytorch_tanh"
                                                    : "gelu"},
        {"hidden_size", c.width},
        {"intermediate_size", c.ffn},
        {"max_position_embeddings", c.maxPositions},
        {"mlp_bias", c.mlpBias},
        {"model_type", c.modelType},
        {"num_attention_heads", c.heads},
        {"num_hidden_layers", c.layers},
        {"num_key_value_heads", c.kvHeads},
        {"pad_token_id", idOrNull(c.padId)},
        {"rms_norm_eps", c.rmsEpsilon},
        {"rope_scaling", ropeScaling(c.ropeScaling)},
        {"rope_theta", c.ropeTheta},
        {"tie_word_embeddings", c.tiedEmbeddings},
        {"torch_dtype", dtype},
        {"vocab_size", c.vocabulary},
    };
    if (c.slidingWindow > 0) {
        config["sliding_window"] = c.slidingWindow;
    }
    if (family.writeConfig != nullptr) {
        family.writeConfig(c, config);
    }
    return config.dump(2) + "\n";
}

} // namespace pissarro::core::inline model

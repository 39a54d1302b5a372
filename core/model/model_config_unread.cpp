// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/model/model_files_p.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model {

namespace {

using nlohmann::json;

// Keys of other families that change what is computed. Where one is set and the family does not read it, the model asks for
// more than transformers' class of that name does: it is a variant, and numbers without it would be wrong.
constexpr std::array<std::string_view, 29> kChangesNumbers {
    "attn_logit_softcapping",
    "final_logit_softcapping",
    "query_pre_attn_scalar",
    "clip_qkv",
    "logit_scale",
    "logits_scaling",
    "embedding_multiplier",
    "residual_multiplier",
    "attention_multiplier",
    "scale_emb",
    "scale_depth",
    "dim_model_base",
    "qk_layernorm",
    "use_qk_norm",
    "no_rope_layers",
    "alibi",
    "num_experts",
    "num_local_experts",
    "n_routed_experts",
    "moe_intermediate_size",
    "kv_lora_rank",
    "q_lora_rank",
    "use_parallel_residual",
    "parallel_attn",
    "attention_chunk_size",
    "use_bidirectional_attention",
    "vision_config",
    "altup_num_inputs",
    "num_kv_shared_layers",
};

// Of no bearing on what a model computes, in nearly every file: not worth a word.
constexpr std::array<std::string_view, 25> kOfNoBearing {
    "architectures",
    "model_type",
    "transformers_version",
    "torch_dtype",
    "dtype",
    "use_cache",
    "initializer_range",
    "_name_or_path",
    "auto_map",
    "cache_implementation",
    "pretraining_tp",
    "output_attentions",
    "output_hidden_states",
    "return_dict",
    "is_decoder",
    "task_specific_params",
    "gradient_checkpointing",
    "n_ctx",
    "model_max_length",
    "max_length",
    "chunk_size_feed_forward",
    "layer_norm_epsilon",
    "quantization_config",
    "rope_theta",
    "_attn_implementation",
};

template <std::size_t kCount>
bool holds(const std::array<std::string_view, kCount>& keys, const std::string& key)
{
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Says nothing: null, false, nothing at all, or the 1 of a multiplier.
bool isNeutral(const json& value)
{
    return value.is_null() || value == false || value == 0 || value == 1 || value == ""
        || ((value.is_array() || value.is_object()) && value.empty());
}

} // namespace

void readUnread(const JsonFields& fields, const Family& family, ModelConfig& config)
{
    for (const std::string& key : fields.unasked()) {
        const json* const value = fields.find(key.c_str());
        if (value == nullptr || isNeutral(*value) || holds(kOfNoBearing, key)) {
            continue;
        }
        if (holds(kChangesNumbers, key)) {
            refuseConfig(fmt::format("{} is {}, which changes what is computed and which no {} "
                                     "model has; this is a variant that is not supported",
                                     key, shownValue(*value), family.title));
        }
        config.unreadKeys.push_back(key);
    }
}

std::string nearFamilies(const std::string& type, const json& object)
{
    const std::vector<const Family*> near = familiesNear(type);
    std::string text;
    for (const Family* family : near) {
        text +=
            fmt::format("{}{} ({})", text.empty() ? "" : ", ", family->title, family->modelType);
    }
    if (near.empty()) {
        return text;
    }
    text = fmt::format("; near: {}", text);
    const std::vector<std::string> strange = keysUnknownTo(*near.front(), object);
    constexpr std::size_t kShown = 8;
    constexpr std::size_t kWide = 160; // a message is one line
    std::size_t shown = 0;
    for (; shown < std::min(kShown, strange.size()) && text.size() < kWide; ++shown) {
        text += fmt::format("{}{}", shown == 0 ? "; not understood: " : ", ",
                            shownText(strange[shown], 40));
    }
    if (strange.size() > shown) {
        text += fmt::format(" and {} more", strange.size() - shown);
    }
    return text;
}

std::vector<std::string> strangeKeys(const JsonFields& fields)
{
    std::vector<std::string> strange;
    for (const std::string& key : fields.unasked()) {
        const json* const value = fields.find(key.c_str());
        if (value != nullptr && !isNeutral(*value) && !holds(kOfNoBearing, key)) {
            strange.push_back(key);
        }
    }
    return strange;
}

} // namespace pissarro::core::inline model

// SPDX-License-Identifier: GPL-3.0-or-later
// A tiny model of every form that the families have, with random weights, for tests that walk them all. What the numbers
// must be is said by the peers (tests/parity/tiny2_parity.py); here they are held against themselves: gradients against
// differences, decoding against the whole text.
#pragma once

#include "core/model/families/family.h"
#include "core/model/model_config.h"
#include "core/model/model_files.h"
#include "core/model/plan/layer_plan.h"
#include "tests/core/model/model_folders.h"

#include <ATen/ATen.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::tests {

// Title, model_type, and what its config.json says beside the sizes.
struct FamilyForm {
    const char* title;
    const char* modelType;
    const char* settings;
};

inline std::vector<FamilyForm> mixtureForms()
{
    return {
        {"mixtral", "mixtral", R"({"num_local_experts": 4, "num_experts_per_tok": 2})"},
        {"qwen2_moe", "qwen2_moe",
         R"({"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 8, "mlp_only_layers": [0],
             "shared_expert_intermediate_size": 12})"},
        {"qwen3_moe, balanced", "qwen3_moe",
         R"({"num_experts": 5, "num_experts_per_tok": 3, "moe_intermediate_size": 8, "norm_topk_prob": true,
             "output_router_logits": true, "router_aux_loss_coef": 0.5})"},
        {"deepseek", "deepseek",
         R"({"n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 8, "n_shared_experts": 2,
             "first_k_dense_replace": 1})"},
        {"deepseek_v2", "deepseek_v2",
         R"({"n_routed_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 8, "n_shared_experts": 1,
             "n_group": 3, "topk_group": 2, "topk_method": "group_limited_greedy", "routed_scaling_factor": 1.5,
             "q_lora_rank": null, "kv_lora_rank": 10, "qk_nope_head_dim": 4, "v_head_dim": 8,
             "rope_scaling": {"type": "yarn", "factor": 4, "mscale": 0.7, "mscale_all_dim": 0.7,
                              "original_max_position_embeddings": 64}})"},
        {"deepseek_v3", "deepseek_v3",
         R"({"n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 8, "n_shared_experts": 1,
             "n_group": 2, "topk_group": 1, "first_k_dense_replace": 1, "attention_bias": true,
             "q_lora_rank": 12, "kv_lora_rank": 10, "qk_nope_head_dim": 8, "v_head_dim": 6})"},
    };
}

inline std::vector<FamilyForm> denseForms()
{
    return {
        {"llama, dynamic", "llama",
         R"({"max_position_embeddings": 8, "rope_scaling": {"type": "dynamic", "factor": 3}})"},
        {"llama, yarn", "llama",
         R"({"rope_scaling": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 64}})"},
        {"gemma2", "gemma2",
         R"({"sliding_window": 4, "query_pre_attn_scalar": 9, "attn_logit_softcapping": 1.5,
             "final_logit_softcapping": 2.0})"},
        {"gemma3", "gemma3_text",
         R"({"sliding_window": 4, "sliding_window_pattern": 2, "query_pre_attn_scalar": 9,
             "rope_local_base_freq": 100, "rope_scaling": {"rope_type": "linear", "factor": 4}})"},
        {"phi3, longrope", "phi3",
         R"({"original_max_position_embeddings": 10, "max_position_embeddings": 64,
             "rope_scaling": {"type": "longrope", "short_factor": [1, 1.1, 1.2], "long_factor": [2, 3, 4]}})"},
        {"phi3, a part turns", "phi3", R"({"partial_rotary_factor": 0.67, "sliding_window": 5})"},
        {"olmo2", "olmo2", "{}"},
        {"granite", "granite",
         R"({"attention_multiplier": 0.3, "embedding_multiplier": 3, "residual_multiplier": 0.4,
             "logits_scaling": 2})"},
        {"smollm3", "smollm3", R"({"no_rope_layers": [1, 0]})"},
        {"olmo", "olmo", R"({"clip_qkv": 0.5})"},
        {"stablelm", "stablelm", R"({"use_qkv_bias": true, "partial_rotary_factor": 0.34})"},
        {"stablelm2-12b", "stablelm",
         R"({"qk_layernorm": true, "use_parallel_residual": true, "partial_rotary_factor": 0.34})"},
        {"starcoder2", "starcoder2", R"({"sliding_window": 5})"},
        {"phi2", "phi", R"({"partial_rotary_factor": 0.67})"},
        {"gpt2", "gpt2", "{}"},
        {"gpt_neox", "gpt_neox", R"({"rotary_pct": 0.67})"},
        {"gpt_neox, serial", "gpt_neox",
         R"({"use_parallel_residual": false, "attention_bias": false, "rotary_pct": 0.67})"},
        {"falcon 7b", "falcon", "{}"},
        {"falcon 40b", "falcon", R"({"new_decoder_architecture": true})"},
        {"falcon rw", "falcon",
         R"({"alibi": true, "bias": true, "multi_query": false, "parallel_attn": false})"},
        {"glm4", "glm4", R"({"partial_rotary_factor": 0.67})"},
        {"cohere", "cohere", R"({"use_qk_norm": true, "logit_scale": 0.5})"},
        {"cohere2", "cohere2", R"({"sliding_window": 4, "sliding_window_pattern": 2})"},
    };
}

inline const std::vector<FamilyForm>& familyForms()
{
    static const std::vector<FamilyForm> forms = [] {
        std::vector<FamilyForm> all = denseForms();
        const std::vector<FamilyForm> more = mixtureForms();
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }();
    return forms;
}

// Heads of six numbers, two for keys where they may be fewer, two layers.
inline nlohmann::json familyConfig(const core::Family& family, const std::string& settings)
{
    const core::FamilyKeys& keys = family.keys;
    nlohmann::json config {{"model_type", family.modelType},
                           {"vocab_size", 30},
                           {keys.layers, 2},
                           {keys.width, 24},
                           {keys.heads, 4},
                           {keys.ffn, 20},
                           {"torch_dtype", "float32"},
                           {"bos_token_id", nullptr},
                           {"eos_token_id", nullptr},
                           {"pad_token_id", nullptr}};
    if (keys.kvHeads != nullptr) {
        config[keys.kvHeads] = 2;
    }
    if (keys.headDim != nullptr) {
        config[keys.headDim] = 6;
    }
    const nlohmann::json more = nlohmann::json::parse(settings);
    for (const auto& [key, value] : more.items()) {
        config[key] = value;
    }
    return config;
}

class FamilyModel {
public:
    FamilyModel(const char* modelType, const std::string& settings)
    {
        const nlohmann::json json = familyConfig(core::familyOf(modelType), settings);
        test::writeBytes(m_folder / "config.json", json.dump());
        const core::ModelConfig config = core::readModelConfig(m_folder / "config.json");
        std::vector<test::StoredTensor> tensors;
        for (const core::ExpectedWeight& weight : core::expectedWeights(config)) {
            const bool isNorm = weight.shape.size() == 1 && weight.name.ends_with(".weight");
            at::Tensor numbers = at::randn(weight.shape) * (isNorm ? 0.2 : 0.3);
            if (isNorm && config.normOffset == 0.0) {
                numbers = numbers + 1.0;
            }
            numbers = (weight.transposed ? numbers.t() : numbers).contiguous();
            tensors.push_back({weight.name, core::DType::F32, numbers.sizes().vec(),
                               std::string(static_cast<const char*>(numbers.const_data_ptr()),
                                           numbers.nbytes())});
        }
        test::writeTensors(m_folder / "model.safetensors", tensors);
        m_files = core::ModelFiles::open(m_folder.path());
    }
    const std::shared_ptr<const core::ModelFiles>& files() const { return m_files; }
    const core::ModelConfig& config() const { return m_files->config(); }

private:
    test::Scratch m_folder;
    std::shared_ptr<const core::ModelFiles> m_files;
};

} // namespace pissarro::tests

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.normBias = true;
    config.fusedOrder = FusedOrder::Groups;
    ModuleNames& names = config.names;
    names.base = "transformer";
    names.embedding = "word_embeddings";
    names.layers = "h";
    names.norm = "ln_f";
    names.query = "self_attention.query_key_value";
    names.key.clear();
    names.value.clear();
    names.output = "self_attention.dense";
    names.gate.clear();
    names.up = "mlp.dense_h_to_4h";
    names.down = "mlp.dense_4h_to_h";
}

// Three generations: 7B (one head of keys, one norm), 40B and 180B (groups, a norm for each part), RW (serial, ALiBi).
void readConfig(const JsonFields& fields, ModelConfig& config)
{
    const bool newer = fields.flag("new_decoder_architecture", false);
    const bool oneKey = fields.flag("multi_query", true);
    if (!newer) {
        config.kvHeads = oneKey ? 1 : config.heads;
    }
    const bool parallel = fields.flag("parallel_attn", true);
    const std::int64_t norms =
        fields.whole("num_ln_in_parallel_attn", 1, 2).value_or(newer ? 2 : 1);
    if (newer && !parallel) {
        refuseConfig("new_decoder_architecture without parallel_attn is not supported");
    }
    config.parallel = parallel;
    if (parallel && newer && norms == 2) {
        config.names.before = "ln_attn";
        config.names.middle = "ln_mlp";
    } else if (parallel) {
        config.names.middle.clear();
    }
    config.qkvBias = config.oBias = config.mlpBias = fields.flag("bias", false);
    config.alibi = config.noRotary = fields.flag("alibi", false);
    if (fields.flag("apply_residual_connection_post_layernorm", false)) {
        refuseConfig("apply_residual_connection_post_layernorm is true, which is not supported");
    }
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["new_decoder_architecture"] = config.kvHeads != 1 && config.parallel;
    json["multi_query"] = config.kvHeads == 1;
    json["parallel_attn"] = config.parallel;
    json["num_ln_in_parallel_attn"] = config.names.middle == "ln_mlp" ? 2 : 1;
    json["bias"] = config.mlpBias;
    json["alibi"] = config.alibi;
}

} // namespace

extern const Family kFalcon;
constinit const Family kFalcon {
    .modelType = "falcon",
    .title = "Falcon",
    .className = "FalconForCausalLM",
    .ggufName = "",
    .defaults = {.ffn = 4,
                 .maxPositions = 2048,
                 .tiedEmbeddings = true,
                 .bosId = 11,
                 .eosId = 11,
                 .activation = "gelu",
                 .epsilon = 1e-5},
    .keys = {.kvHeads = "num_kv_heads",
             .headDim = nullptr,
             .ffn = "ffn_hidden_size",
             .activation = "activation",
             .epsilon = "layer_norm_epsilon",
             .rotaryPart = nullptr},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

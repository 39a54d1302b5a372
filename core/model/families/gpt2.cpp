// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

namespace pissarro::core::inline model::inline families {

namespace {

// Its linear layers are Conv1D: their matrices lie in the files as [in, out].
void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.normBias = true;
    config.noRotary = true;
    config.storedTransposed = true;
    config.qkvBias = config.oBias = config.mlpBias = true;
    ModuleNames& names = config.names;
    names.base = "transformer";
    names.embedding = "wte";
    names.positions = "wpe";
    names.layers = "h";
    names.norm = "ln_f";
    names.before = "ln_1";
    names.query = "attn.c_attn";
    names.key.clear();
    names.value.clear();
    names.output = "attn.c_proj";
    names.middle = "ln_2";
    names.gate.clear();
    names.up = "mlp.c_fc";
    names.down = "mlp.c_proj";
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    if (fields.flag("scale_attn_by_inverse_layer_idx", false)) {
        refuseConfig("scale_attn_by_inverse_layer_idx is true, which is not supported");
    }
    if (fields.flag("add_cross_attention", false)) {
        refuseConfig("add_cross_attention is true, which is not supported (expected a decoder)");
    }
    if (!fields.flag("scale_attn_weights", true)) {
        config.attentionScale = 1.0;
    }
}

} // namespace

extern const Family kGpt2;
constinit const Family kGpt2 {
    .modelType = "gpt2",
    .title = "GPT-2",
    .className = "GPT2LMHeadModel",
    .ggufName = "",
    .defaults = {.ffn = 4,
                 .maxPositions = 1024,
                 .tiedEmbeddings = true,
                 .bosId = 50'256,
                 .eosId = 50'256,
                 .activation = "gelu_new",
                 .epsilon = 1e-5},
    .keys = {.layers = "n_layer",
             .width = "n_embd",
             .heads = "n_head",
             .kvHeads = nullptr,
             .headDim = nullptr,
             .ffn = "n_inner",
             .positions = "n_positions",
             .activation = "activation_function",
             .epsilon = "layer_norm_epsilon",
             .ropeTheta = nullptr,
             .rotaryPart = nullptr},
    .always = always,
    .readConfig = readConfig,
};

} // namespace pissarro::core::inline model::inline families

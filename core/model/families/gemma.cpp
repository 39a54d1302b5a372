// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/model/families/family.h"

#include <array>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normOffset = 1.0;
    config.scaleEmbedding = true;
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    if (fields.flag("use_bidirectional_attention", false)) {
        throw Error(
            ErrorKind::Format,
            "use_bidirectional_attention is true, which is not supported (expected a decoder)");
    }
}

// llama.cpp keeps the norms as 1 + w.
constexpr std::array<GgufName, 3> kNames {{
    {"blk.*.attn_norm", "model.layers.*.input_layernorm", GgufChange::PlusOne},
    {"blk.*.ffn_norm", "model.layers.*.post_attention_layernorm", GgufChange::PlusOne},
    {"output_norm", "model.norm", GgufChange::PlusOne},
}};

} // namespace

extern const Family kGemma;
constinit const Family kGemma {
    .modelType = "gemma",
    .title = "Gemma",
    .className = "GemmaForCausalLM",
    .ggufName = "gemma",
    .defaults = {.kvHeads = 16,
                 .headDim = 256,
                 .maxPositions = 8192,
                 .tiedEmbeddings = true,
                 .bosId = 2,
                 .eosId = 1,
                 .padId = 0,
                 .activation = "gelu_pytorch_tanh"},
    // The published files carry "gelu" in hidden_act and mean the tanh form. Their hidden_activation says so, but
    // transformers reads hidden_act alone.
    .geluIsTanh = true,
    .always = always,
    .readConfig = readConfig,
    .ggufNames = kNames,
};

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <array>
#include <cmath>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normOffset = 1.0;
    config.embeddingScale = std::sqrt(static_cast<double>(config.width));
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    if (fields.flag("use_bidirectional_attention", false)) {
        refuseConfig(
            "use_bidirectional_attention is true, which is not supported (expected a decoder)");
    }
}

// llama.cpp keeps the norms as 1 + w.
constexpr std::array<GgufChanged, 3> kChanges {{
    {"blk.*.attn_norm", GgufChange::PlusOne},
    {"blk.*.ffn_norm", GgufChange::PlusOne},
    {"output_norm", GgufChange::PlusOne},
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
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gemma_parts_p.h"

#include <array>

namespace pissarro::core::inline model::inline families {

namespace {

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
    .always = makeGemma,
    .readConfig = readGemmaAttention,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

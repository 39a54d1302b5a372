// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <array>

namespace pissarro::core::inline model::inline families {

namespace {

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    config.mlpBias = fields.flag("mlp_bias", false);
}

constexpr std::array<GgufChanged, 2> kChanges {{
    {"blk.*.attn_q", GgufChange::PairedRows},
    {"blk.*.attn_k", GgufChange::PairedRows},
}};

} // namespace

extern const Family kLlama;
constinit const Family kLlama {
    .modelType = "llama",
    .title = "LLaMA",
    .className = "LlamaForCausalLM",
    .ggufName = "llama",
    .defaults = {.maxPositions = 2048, .bosId = 1, .eosId = 2},
    .readConfig = readConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.slidingWindow = readSlidingWindow(fields);
}

// llama.cpp has no architecture of Mistral's own: its files say llama. transformers' LLaMA knows no window, its Mistral no
// bias.
bool isGguf(const ModelConfig& config)
{
    return config.slidingWindow > 0 && config.mixture.experts == 0 && !config.qkvBias
        && !config.mlpBias;
}

// Without the key transformers would take 4096.
void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    if (config.slidingWindow == 0) {
        json["sliding_window"] = nullptr;
    }
}

constexpr std::array<GgufChanged, 2> kChanges {{
    {"blk.*.attn_q", GgufChange::PairedRows},
    {"blk.*.attn_k", GgufChange::PairedRows},
}};

} // namespace

extern const Family kMistral;
constinit const Family kMistral {
    .modelType = "mistral",
    .title = "Mistral",
    .className = "MistralForCausalLM",
    .ggufName = "llama",
    .defaults = {.kvHeads = 8, .maxPositions = 131'072, .bosId = 1, .eosId = 2},
    .readConfig = readConfig,
    .isGguf = isGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

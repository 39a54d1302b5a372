// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gemma_parts_p.h"

#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    makeGemma(config);
    makeNormedOnBothSides(config);
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    readGemmaAttention(fields, config);
    config.attentionSoftCap = readCap(fields, "attn_logit_softcapping", 50.0);
    config.logitSoftCap = readCap(fields, "final_logit_softcapping", 30.0);
    readQueryScale(fields, config);
    setWindows(config, readSlidingWindow(fields),
               readWindowPattern(fields, "sliding_window_pattern", 2, config.layers));
}

void readGguf(const GgufHeader& header, ModelConfig& config)
{
    constexpr std::int64_t kLayersOf27B = 46;
    config.attentionSoftCap = header.number("attn_logit_softcapping").value_or(50.0);
    config.logitSoftCap = header.number("final_logit_softcapping").value_or(30.0);
    setGgufQueryScale(config, kLayersOf27B);
    std::vector<bool> windowed;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        windowed.push_back(layer % 2 == 0);
    }
    setWindows(config, config.slidingWindow, windowed);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    writeGemmaConfig(config, json);
    json["hidden_act"] = json["hidden_activation"];
}

// llama.cpp keeps the norms as 1 + w.
constexpr std::array<GgufChanged, 5> kChanges {{
    {"blk.*.attn_norm", GgufChange::PlusOne},
    {"blk.*.post_attention_norm", GgufChange::PlusOne},
    {"blk.*.ffn_norm", GgufChange::PlusOne},
    {"blk.*.post_ffw_norm", GgufChange::PlusOne},
    {"output_norm", GgufChange::PlusOne},
}};

} // namespace

extern const Family kGemma2;
constinit const Family kGemma2 {
    .modelType = "gemma2",
    .title = "Gemma 2",
    .className = "Gemma2ForCausalLM",
    .ggufName = "gemma2",
    .defaults = {.kvHeads = 4,
                 .headDim = 256,
                 .maxPositions = 8192,
                 .tiedEmbeddings = true,
                 .bosId = 2,
                 .eosId = 1,
                 .padId = 0,
                 .activation = "gelu_pytorch_tanh"},
    .keys = {.activation = "hidden_activation"},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

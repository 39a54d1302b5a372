// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gemma_parts_p.h"

#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

constexpr std::int64_t kPattern = 6; // every sixth layer sees all
constexpr double kWindowTheta = 10'000.0;

void always(ModelConfig& config)
{
    makeGemma(config);
    makeNormedOnBothSides(config);
    config.queryKeyNorm = QueryKeyNorm::Head;
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    readGemmaAttention(fields, config);
    config.attentionSoftCap = readCap(fields, "attn_logit_softcapping", 0.0);
    config.logitSoftCap = readCap(fields, "final_logit_softcapping", 0.0);
    readQueryScale(fields, config);
    setWindows(config, readSlidingWindow(fields),
               readWindowPattern(
                   fields, "sliding_window_pattern",
                   fields.whole("_sliding_window_pattern", 1, kLayerLimit).value_or(kPattern),
                   config.layers));
    const double local = fields.positive("rope_local_base_freq").value_or(kWindowTheta);
    if (config.windowRopeTheta == 0.0) { // else rope_parameters said it
        config.windowRopeTheta = local;
    }
}

// As llama.cpp: windows and their base are not in every header.
void readGguf(const GgufHeader& header, ModelConfig& config)
{
    constexpr std::int64_t kLayersOf27B = 62;
    setGgufQueryScale(config, kLayersOf27B);
    config.logitSoftCap = header.number("final_logit_softcapping").value_or(0.0);
    config.windowRopeTheta = header.number("rope.freq_base_swa").value_or(kWindowTheta);
    const std::int64_t pattern =
        header.whole("attention.sliding_window_pattern").value_or(kPattern);
    if (pattern < 1) {
        refuseConfig("the pattern of sliding windows is no number above 0");
    }
    std::vector<bool> windowed;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        windowed.push_back((layer + 1) % pattern != 0);
    }
    setWindows(config, config.slidingWindow, windowed);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    writeGemmaConfig(config, json);
    json["rope_local_base_freq"] = config.windowRopeTheta;
}

// llama.cpp keeps the norms as 1 + w.
constexpr std::array<GgufChanged, 7> kChanges {{
    {"blk.*.attn_norm", GgufChange::PlusOne},
    {"blk.*.post_attention_norm", GgufChange::PlusOne},
    {"blk.*.ffn_norm", GgufChange::PlusOne},
    {"blk.*.post_ffw_norm", GgufChange::PlusOne},
    {"blk.*.attn_q_norm", GgufChange::PlusOne},
    {"blk.*.attn_k_norm", GgufChange::PlusOne},
    {"output_norm", GgufChange::PlusOne},
}};

} // namespace

extern const Family kGemma3;
constinit const Family kGemma3 {
    .modelType = "gemma3_text",
    .title = "Gemma 3",
    .className = "Gemma3ForCausalLM",
    .ggufName = "gemma3",
    .defaults = {.heads = 8,
                 .vocabulary = 262'208,
                 .kvHeads = 4,
                 .headDim = 256,
                 .maxPositions = 131'072,
                 .tiedEmbeddings = true,
                 .bosId = 2,
                 .eosId = 1,
                 .padId = 0,
                 .activation = "gelu_pytorch_tanh",
                 .ropeTheta = 1e6},
    .keys = {.activation = "hidden_activation"},
    .wholeType = "gemma3",
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

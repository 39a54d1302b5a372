// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline model::inline plan {

// Sizes above which a file is not believed.
constexpr std::int64_t kLayerLimit = 10'000;
constexpr std::int64_t kSideLimit = 1 << 24; // width, ffn, vocabulary
constexpr std::int64_t kHeadLimit = 1 << 16;
constexpr std::int64_t kPositionLimit = std::int64_t {1} << 40;

enum class Activation { Silu, GeluTanh, GeluErf };
enum class RopeScalingKind { None, Linear, Llama3 };

// How rotary frequencies are stretched beyond the trained length (transformers: modeling_rope_utils).
struct RopeScaling {
    RopeScalingKind kind = RopeScalingKind::None;
    double factor = 1.0;
    double lowFrequencyFactor = 1.0; // Llama3 only
    double highFrequencyFactor = 4.0; // Llama3 only
    std::int64_t originalMaxPositions = 8192; // Llama3 only

    bool operator==(const RopeScaling&) const = default;
};

// A decoder as one description: what computes asks these fields, and no family's name.
// Filled by readModelConfig() (core/model/model_config.h) from a config.json or a GGUF header; every size is checked there.
struct ModelConfig {
    std::string architecture; // of its family: what a person reads ("LLaMA")
    std::string modelType; // of its family: as config.json writes it
    std::int64_t layers = 0;
    std::int64_t width = 0; // hidden_size
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0; // divides heads
    std::int64_t headDim = 0; // even; need not be width / heads
    std::int64_t ffn = 0; // intermediate_size
    std::int64_t vocabulary = 0;
    std::int64_t maxPositions = 0;
    double rmsEpsilon = 1e-5;
    double ropeTheta = 10000.0;
    RopeScaling ropeScaling;
    // [headDim / 2]: each rotary frequency is divided by its factor; empty: by none. From a GGUF's
    // rope_freqs.weight that is no scaling of LLaMA-3's.
    std::vector<double> ropeFrequencyFactors;
    std::int64_t slidingWindow = 0; // a token sees this many, itself included; 0: all before it
    std::int64_t firstWindowLayer = 0; // layers below it have no window (Qwen2: max_window_layers)
    // [layers]: which layers have the window, where Qwen2's layer_types take turns; empty: all from
    // firstWindowLayer on.
    std::vector<bool> windowLayers;
    Activation activation = Activation::Silu;
    double normOffset = 0.0; // Gemma multiplies by (1 + w): 1
    bool scaleEmbedding = false; // Gemma: embedding times sqrt(width), rounded to the model's dtype
    bool tiedEmbeddings = false;
    bool headNorms = false; // queries and keys are normed head by head before they turn
    bool qkvBias = false;
    bool oBias = false;
    bool mlpBias = false;
    std::int64_t bosId = -1; // -1: none
    std::int64_t padId = -1;
    std::vector<std::int64_t> eosIds; // generation stops at any of them
    std::string
        dtype; // "float32", "bfloat16", "float16": as the files say; float32 for GGUF blocks

    // The window of one layer; 0: none.
    std::int64_t windowOf(std::int64_t layer) const
    {
        const bool has = windowLayers.empty() ? layer >= firstWindowLayer
                                              : windowLayers[static_cast<std::size_t>(layer)];
        return has ? slidingWindow : 0;
    }

    bool operator==(const ModelConfig&) const = default;
};

} // namespace pissarro::core::inline model::inline plan

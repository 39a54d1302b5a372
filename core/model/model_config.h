// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core {

enum class Activation { Silu, GeluTanh, GeluErf };
enum class RopeScalingKind { None, Linear, Llama3 };

// How rotary frequencies are stretched beyond the trained length (transformers: modeling_rope_utils).
struct RopeScaling {
    RopeScalingKind kind = RopeScalingKind::None;
    double factor = 1.0;
    double lowFrequencyFactor = 1.0; // Llama3 only
    double highFrequencyFactor = 4.0; // Llama3 only
    std::int64_t originalMaxPositions = 8192; // Llama3 only
};

// A decoder as one description: the families differ in these fields and in nothing else.
// Filled by readModelConfig() from a config.json or a GGUF header; every size is checked there.
struct ModelConfig {
    std::string architecture; // "LLaMA", "Mistral", "Gemma", "Qwen2": what a person reads
    std::string modelType; // "llama", "mistral", "gemma", "qwen2": as config.json writes it
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
    std::int64_t slidingWindow = 0; // a token sees this many, itself included; 0: all before it
    Activation activation = Activation::Silu;
    double normOffset = 0.0; // Gemma multiplies by (1 + w): 1
    bool scaleEmbedding = false; // Gemma: embedding times sqrt(width), rounded to the model's dtype
    bool tiedEmbeddings = false;
    bool qkvBias = false;
    bool oBias = false;
    bool mlpBias = false;
    std::int64_t bosId = -1; // -1: none
    std::int64_t padId = -1;
    std::vector<std::int64_t> eosIds; // generation stops at any of them
    std::string dtype; // "float32", "bfloat16", "float16": the dtype the files say
};

} // namespace pissarro::core

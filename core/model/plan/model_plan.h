// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/encoder_parts.h"
#include "core/model/plan/layer_kinds.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::core::inline model::inline plan {

// Sizes above which a file is not believed.
constexpr std::int64_t kLayerLimit = 10'000;
constexpr std::int64_t kSideLimit = 1 << 24; // width, ffn, vocabulary
constexpr std::int64_t kHeadLimit = 1 << 16;
constexpr std::int64_t kExpertLimit = 1 << 12; // of a layer
constexpr std::int64_t kExpertsLimit = 1 << 17; // of a model
constexpr std::int64_t kPositionLimit = std::int64_t {1} << 40;

enum class RopeScalingKind { None, Linear, Llama3, Dynamic, Yarn, LongRope };

// How rotary frequencies are stretched beyond the trained length (transformers: modeling_rope_utils).
struct RopeScaling {
    RopeScalingKind kind = RopeScalingKind::None;
    double factor = 1.0; // Yarn, LongRope: 0: maxPositions / originalMaxPositions
    double lowFrequencyFactor = 1.0; // Llama3 only
    double highFrequencyFactor = 4.0; // Llama3 only
    std::int64_t originalMaxPositions = 8192; // Llama3, Yarn, LongRope
    double attentionFactor =
        0.0; // Yarn, LongRope: of cosines and sines; 0: worked out of the others
    double betaFast = 32.0; // Yarn, as the rest
    double betaSlow = 1.0;
    double mscale = 0.0; // 0: there is none
    double mscaleAllDim = 0.0;
    bool truncate = true;
    // LongRope: [turned numbers / 2] each, up to originalMaxPositions and beyond.
    std::vector<double> shortFactors;
    std::vector<double> longFactors;

    bool operator==(const RopeScaling&) const = default;
};

// What modules are called in Hugging Face's files and by PEFT, those of a layer below "<base>.<layers>.<number>.".
// A name that is empty: the model has no such module.
struct ModuleNames {
    std::string base = "model"; // all but the head stand below it
    std::string embedding = "embed_tokens";
    std::string positions; // learned ones
    std::string layers = "layers";
    std::string norm = "norm"; // the last one
    std::string head = "lm_head"; // not below the base
    std::string before = "input_layernorm";
    std::string query = "self_attn.q_proj"; // without key: a matrix that makes all three
    std::string key = "self_attn.k_proj";
    std::string value = "self_attn.v_proj";
    std::string queryNorm = "self_attn.q_norm";
    std::string keyNorm = "self_attn.k_norm";
    std::string output = "self_attn.o_proj";
    std::string afterAttention; // of what attention gives, before it is added
    std::string middle =
        "post_attention_layernorm"; // of a parallel layer without it: `before` serves both
    std::string gate = "mlp.gate_proj"; // without up: a matrix that makes both
    std::string up = "mlp.up_proj"; // without gate: activation(up(x)), nothing multiplied
    std::string down = "mlp.down_proj";
    std::string afterFeed;
    LatentNames latent;
    MixtureNames mixture;
    std::string types; // of a row for each of the texts that stand side by side
    std::string embeddingNorm; // of the sum of a token's rows
    std::string relative; // the table of distances
    std::string relativeNorm;
    std::string positionQuery, positionKey; // of distances, where they are not shared
    std::string convolution, convolutionNorm; // beside the first layer
    std::string headDense, headNorm; // before the logits
    std::string headBias; // empty: the head's
    // What files hold that a model with this head does not read: modules, and what stands below them.
    std::vector<std::string> unread;
    // Modules that some files name otherwise: their name, and ours.
    std::vector<std::pair<std::string, std::string>> aliases;

    bool operator==(const ModuleNames&) const = default;
};

// A decoder or an encoder as one description: what computes asks these fields, and no family's name.
// Filled by readModelConfig() (core/model/model_config.h) from a config.json or a GGUF header; every size is checked there.
struct ModelConfig {
    std::string architecture; // of its family: what a person reads ("LLaMA")
    std::string modelType; // of its family: as config.json writes it
    std::int64_t layers = 0;
    std::int64_t width = 0; // hidden_size
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0; // divides heads
    std::int64_t headDim = 0; // even; need not be width / heads
    Latent latent;
    std::int64_t ffn = 0; // intermediate_size
    Mixture mixture; // of layers with experts, which have no feed-forward part of `ffn`
    std::int64_t vocabulary = 0;
    std::int64_t maxPositions = 0;
    ModuleNames names;
    double rmsEpsilon = 1e-5; // of norms of either kind
    double ropeTheta = 10000.0;
    RopeScaling ropeScaling;
    std::int64_t rotaryDims = 0; // the first so many numbers of a head turn; 0: all
    bool rotaryPairs = false; // numbers 2i and 2i + 1 turn together, not i and i + half
    double windowRopeTheta = 0.0; // of layers with a window, unscaled; 0: they turn as all do
    std::vector<bool> turnedLayers; // [layers]: which turn at all; empty: all
    bool noRotary = false; // none does: positions are learned, or slopes
    bool alibi = false; // scores fall with the distance, each head by a slope of its own
    // [turnedDims() / 2]: each rotary frequency is divided by its factor; empty: by none. From a GGUF's
    // rope_freqs.weight that is no scaling of LLaMA-3's.
    std::vector<double> ropeFrequencyFactors;
    std::int64_t slidingWindow = 0; // a token sees this many, itself included; 0: all before it
    std::int64_t firstWindowLayer = 0; // layers below it have no window (Qwen2: max_window_layers)
    // [layers]: which layers have the window, where Qwen2's layer_types take turns; empty: all from
    // firstWindowLayer on.
    std::vector<bool> windowLayers;
    Activation activation = Activation::Silu;
    NormKind normKind = NormKind::RootMeanSquare;
    bool normWeight = true;
    bool normBias = false;
    double normOffset = 0.0; // Gemma multiplies by (1 + w): 1
    double embeddingScale = 1.0; // Gemma: sqrt(width); rounded to the model's dtype
    double residualScale = 1.0; // of what attention and feed-forward add
    double logitScale = 1.0;
    double logitSoftCap = 0.0; // c tanh(logit / c); 0: none
    bool tiedEmbeddings = false;
    QueryKeyNorm queryKeyNorm = QueryKeyNorm::None;
    double attentionScale = 0.0; // of scores; 0: 1 / sqrt(headDim)
    double attentionSoftCap = 0.0; // c tanh(score / c); 0: none
    double clipQkv = 0.0; // queries, keys and values lie between -c and c; 0: anywhere
    FusedOrder fusedOrder = FusedOrder::Parts;
    bool parallel = false; // attention and feed-forward both read the layer's input
    bool storedTransposed = false; // linear matrices lie in the files as [in, out]
    bool qkvBias = false;
    bool oBias = false;
    bool mlpBias = false;
    bool headBias = false;
    bool bidirectional = false; // a token sees those behind it too
    bool normsSums = false; // norms stand behind the sums: norm(x + part(x))
    std::int64_t tokenTypes = 0; // of texts side by side; 0: no such table
    bool positionsSkipPadding = false; // they are counted from padId + 1 on, padding left out
    RelativePositions relative;
    Convolution convolution;
    HeadShape head;
    std::int64_t bosId = -1; // -1: none
    std::int64_t padId = -1;
    std::vector<std::int64_t> eosIds; // generation stops at any of them
    std::string
        dtype; // "float32", "bfloat16", "float16": as the files say; float32 for GGUF blocks

    // Layers behind the last that draft tokens for whoever decodes by them: their weights are left alone.
    std::int64_t draftLayers = 0;
    bool textHalf = false; // of a model that has more than text
    // What config.json says and nothing here reads, of no bearing on what is computed.
    std::vector<std::string> unreadKeys;

    // Whether queries and keys of a layer turn by their positions.
    bool turns(std::int64_t layer) const
    {
        return !noRotary && (turnedLayers.empty() || turnedLayers[static_cast<std::size_t>(layer)]);
    }
    // Numbers that decoding keeps of a token in each layer.
    std::int64_t keptNumbers() const
    {
        return 2 * kvHeads
            * (latent.rank > 0 ? std::max(latent.plainDim + headDim, latent.valueDim) : headDim);
    }
    // Numbers that the head gives for a token, or for a text.
    std::int64_t outputs() const
    {
        return head.kind == HeadKind::Sequence ? head.labels
            : head.kind == HeadKind::None      ? 0
                                               : vocabulary;
    }
    std::int64_t turnedDims() const { return rotaryDims > 0 ? rotaryDims : headDim; }
    bool hasExperts(std::int64_t layer) const
    {
        return mixture.experts > 0
            && (mixture.layers.empty() || mixture.layers[static_cast<std::size_t>(layer)]);
    }
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

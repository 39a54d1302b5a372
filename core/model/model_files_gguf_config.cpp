// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/format/gguf.h"
#include "core/model/families/family.h"
#include "core/model/model_config.h"
#include "core/model/model_files_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace pissarro::core::inline model {

namespace {

constexpr std::int64_t kLongestTrained = 1 << 20;
constexpr double kFactorTolerance = 1e-5; // the converter works in float32

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

void readSizes(const GgufFile& file, const GgufHeader& header, ModelConfig& config)
{
    config.mixture.experts = header.whole("expert_count").value_or(0);
    config.mixture.chosen = header.whole("expert_used_count").value_or(0);
    config.layers = header.required("block_count");
    config.width = header.required("embedding_length");
    config.heads = header.required("attention.head_count");
    config.ffn = header.required("feed_forward_length");
    config.kvHeads = header.whole("attention.head_count_kv").value_or(config.heads);
    config.maxPositions = header.whole("context_length").value_or(2048);
    if (config.heads < 1) {
        refuse(
            fmt::format("the number of attention heads is {} (expected 1 or more)", config.heads));
    }
    config.headDim = header.whole("attention.key_length").value_or(config.width / config.heads);
    if (header.whole("attention.value_length").value_or(config.headDim) != config.headDim) {
        refuse("keys and values have heads of different width, which is not supported");
    }
    const std::int64_t turned = header.whole("rope.dimension_count").value_or(config.headDim);
    if (config.headDim > 0 && (turned < 1 || turned > config.headDim)) {
        refuse(fmt::format("rotary positions turn {} of the {} numbers of a head (expected 1 to "
                           "all of them)",
                           turned, config.headDim));
    }
    config.rotaryDims = turned == config.headDim ? 0 : turned;
    const TensorView* const embedding = file.find("token_embd.weight");
    if (embedding == nullptr || embedding->shape.size() != 2) {
        refuse("tensor 'token_embd.weight' is missing or no matrix (expected [vocabulary, width])");
    }
    config.vocabulary = embedding->shape[0];
    config.rmsEpsilon = header.number("attention.layer_norm_rms_epsilon")
                            .value_or(header.number("attention.layer_norm_epsilon").value_or(1e-6));
}

// [headDim / 2]: what llama.cpp's converter makes of LLaMA-3's scaling.
std::vector<double> frequencyFactors(const RopeScaling& scaling, double theta, std::int64_t headDim)
{
    std::vector<double> factors;
    const auto trained = static_cast<double>(scaling.originalMaxPositions);
    const double low = scaling.lowFrequencyFactor;
    const double high = scaling.highFrequencyFactor;
    for (std::int64_t i = 0; i < headDim; i += 2) {
        const double exponent = static_cast<double>(i) / static_cast<double>(headDim);
        const double wavelength = 2.0 * M_PI * std::pow(theta, exponent);
        const double smooth = (trained / wavelength - low) / (high - low);
        const double between = 1.0 / ((1.0 - smooth) / scaling.factor + smooth);
        factors.push_back(wavelength < trained / high      ? 1.0
                              : wavelength > trained / low ? scaling.factor
                                                           : between);
    }
    return factors;
}

// The scaling that a table of factors was made from, when it is LLaMA-3's for some power of two: a
// config.json can hold that, but no table.
std::optional<RopeScaling> scalingOf(const std::vector<double>& factors, double theta)
{
    if (factors.empty()) {
        return std::nullopt;
    }
    RopeScaling scaling;
    scaling.kind = RopeScalingKind::Llama3;
    scaling.factor = *std::max_element(factors.begin(), factors.end());
    const auto headDim = static_cast<std::int64_t>(2 * factors.size());
    for (scaling.originalMaxPositions = 32; scaling.originalMaxPositions <= kLongestTrained;
         scaling.originalMaxPositions *= 2) {
        const std::vector<double> expected = frequencyFactors(scaling, theta, headDim);
        if (std::equal(factors.begin(), factors.end(), expected.begin(), [](double a, double b) {
                return std::abs(a - b) <= kFactorTolerance * b;
            })) {
            return scaling;
        }
    }
    return std::nullopt;
}

void readYarn(const GgufHeader& header, ModelConfig& config)
{
    RopeScaling& scaling = config.ropeScaling;
    scaling.kind = RopeScalingKind::Yarn;
    scaling.factor = header.number("rope.scaling.factor").value_or(0.0);
    scaling.originalMaxPositions =
        header.whole("rope.scaling.original_context_length").value_or(config.maxPositions);
    scaling.betaFast = header.number("rope.scaling.yarn_beta_fast").value_or(32.0);
    scaling.betaSlow = header.number("rope.scaling.yarn_beta_slow").value_or(1.0);
    if (!(std::isfinite(scaling.factor) && scaling.factor >= 0.0 && scaling.betaFast > 0.0
          && scaling.betaSlow > 0.0)) {
        refuse("a number of the rope scaling is not a finite one above 0");
    }
}

void readRope(const GgufFile& file, const GgufHeader& header, ModelConfig& config)
{
    config.ropeTheta = header.number("rope.freq_base").value_or(10'000.0);
    const std::optional<double> older =
        header.number("rope.scale_linear"); // before "rope.scaling.*"
    const std::string kind =
        header.text("rope.scaling.type").value_or(older.value_or(1.0) != 1.0 ? "linear" : "none");
    const double factor = header.number("rope.scaling.factor").value_or(older.value_or(1.0));
    if (kind == "linear") {
        if (!std::isfinite(factor) || factor <= 0.0) {
            refuse("the rope scaling factor is not a finite number above 0");
        }
        config.ropeScaling.kind = RopeScalingKind::Linear;
        config.ropeScaling.factor = factor;
    } else if (kind == "yarn") {
        readYarn(header, config);
    } else if (kind != "none" && kind != "longrope") { // its factors are tensors
        refuse("rope scaling " + shownText(kind, 40)
               + " is not supported (expected none, linear, yarn or longrope)");
    }
    if (file.find("rope_freqs.weight") != nullptr) {
        config.ropeFrequencyFactors = header.factors("rope_freqs.weight", config.turnedDims() / 2);
        const auto llama3 = kind == "none"
            ? scalingOf(config.ropeFrequencyFactors, config.ropeTheta)
            : std::nullopt;
        if (llama3) {
            config.ropeScaling = *llama3;
            config.ropeFrequencyFactors.clear();
        }
    }
}

std::int64_t idOf(const GgufFile& file, const char* key, std::int64_t vocabulary)
{
    const std::int64_t id = file.integer(key).value_or(-1);
    return id >= 0 && id < vocabulary ? id : -1;
}

void readSpecialIds(const GgufFile& file, ModelConfig& config)
{
    config.bosId = idOf(file, "tokenizer.ggml.bos_token_id", config.vocabulary);
    config.padId = idOf(file, "tokenizer.ggml.padding_token_id", config.vocabulary);
    for (const char* const key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
        const std::int64_t id = idOf(file, key, config.vocabulary);
        if (id >= 0 && (config.eosIds.empty() || config.eosIds.front() != id)) {
            config.eosIds.push_back(id);
        }
    }
}

// The dtype of the matrices where it is a plain one; blocks are read as float32.
std::string dtypeOf(const GgufFile& file)
{
    const TensorView* const query = file.find("blk.0.attn_q.weight");
    const TensorView* const matrix = query != nullptr ? query : file.find("blk.0.attn_qkv.weight");
    return std::string(modelDType(matrix == nullptr ? DType::F32 : matrix->dtype));
}

std::vector<const Family*> familiesNamed(const std::string& ggufName)
{
    std::vector<const Family*> found;
    std::vector<std::string_view> known;
    for (const Family* family : allFamilies()) {
        if (family->ggufName.empty()) {
            continue;
        }
        if (family->ggufName == ggufName) {
            found.push_back(family);
        }
        if (std::find(known.begin(), known.end(), family->ggufName) == known.end()) {
            known.push_back(family->ggufName);
        }
    }
    if (found.empty()) {
        refuseArchitecture(ggufName, "", known, nearFamilies(ggufName, nlohmann::json::object()));
    }
    return found;
}

// Of families with one name in GGUF files, the one that knows itself in what was read.
const Family& chosen(const std::vector<const Family*>& families, const ModelConfig& config)
{
    const Family* plain = families.front();
    for (const Family* family : families) {
        if (family->isGguf == nullptr) {
            plain = family;
        } else if (family->isGguf(config)) {
            return *family;
        }
    }
    return *plain;
}

// Which rows lie side by side is known of whole heads only.
bool pairsRows(const Family& family)
{
    return std::any_of(
        family.ggufChanges.begin(), family.ggufChanges.end(),
        [](const GgufChanged& changed) { return changed.change == GgufChange::PairedRows; });
}

ModelConfig configOf(const GgufFile& file)
{
    const std::string name = file.text("general.architecture").value_or("");
    const std::vector<const Family*> families = familiesNamed(name);
    const GgufHeader header(file, name);
    ModelConfig config;
    readSizes(file, header, config);
    readRope(file, header, config);
    config.slidingWindow = header.whole("attention.sliding_window").value_or(0);
    config.tiedEmbeddings = file.find("output.weight") == nullptr;
    config.qkvBias = file.find("blk.0.attn_q.bias") != nullptr;
    config.oBias = file.find("blk.0.attn_output.bias") != nullptr;
    config.mlpBias =
        file.find("blk.0.ffn_gate.bias") != nullptr || file.find("blk.0.ffn_up.bias") != nullptr;
    const Family& family = chosen(families, config);
    config.modelType = family.modelType;
    config.architecture = family.title;
    config.activation = activationNamed(family, family.defaults.activation);
    if (config.rotaryDims > 0 && pairsRows(family)) {
        refuse("rotary positions turn only a part of the head, which is not supported of this "
               "architecture");
    }
    if (family.always != nullptr) {
        family.always(config);
    }
    if (family.readGguf != nullptr) {
        family.readGguf(header, config);
    }
    if (config.mixture.experts > 0 && config.mixture.ffn == 0) { // its family knows none
        refuse("model is a mixture of experts, which is not supported of this architecture");
    }
    readSpecialIds(file, config);
    config.dtype = dtypeOf(file);
    checkModelConfig(config);
    return config;
}

} // namespace

ModelConfig readModelConfig(const GgufFile& file)
{
    try {
        return configOf(file);
    } catch (const Error& e) {
        throw e.within(shownPath(file.file()->path()));
    }
}

} // namespace pissarro::core::inline model

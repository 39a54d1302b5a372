// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/format/gguf.h"
#include "core/model/families/family.h"
#include "core/model/model_config.h"
#include "core/model/model_files_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
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

// GGUF keeps float32: 1e-5 arrives as 9.99999974737875e-06. The shortest decimal that names the
// same float32 is what the model's config.json said.
double asWritten(double value)
{
    const auto single = static_cast<float>(value);
    if (static_cast<double>(single) != value) {
        return value;
    }
    char text[64];
    const auto written = std::to_chars(text, text + sizeof text, single);
    double exact = value;
    std::from_chars(text, written.ptr, exact);
    return exact;
}

// Look-ups under "<architecture>.".
class Header {
public:
    Header(const GgufFile& file, std::string architecture)
        : m_file(file)
        , m_prefix(std::move(architecture) + ".")
    {
    }

    // llama.cpp writes some sizes once per layer when the layers differ; ours must be alike.
    std::optional<std::int64_t> whole(const std::string& key) const
    {
        const std::string full = m_prefix + key;
        const auto found = m_file.values().find(full);
        const auto* const list = found == m_file.values().end()
            ? nullptr
            : std::get_if<std::vector<std::int64_t>>(&found->second);
        if (list == nullptr) {
            return m_file.integer(full);
        }
        for (const std::int64_t value : *list) {
            if (value != list->front()) {
                refuse("value " + shownText(full)
                       + " differs from layer to layer, which is not supported");
            }
        }
        return list->empty() ? std::nullopt : std::optional<std::int64_t>(list->front());
    }

    std::int64_t required(const std::string& key) const
    {
        const std::optional<std::int64_t> value = whole(key);
        if (!value) {
            refuse("value " + shownText(m_prefix + key) + " is missing (expected a whole number)");
        }
        return *value;
    }

    std::optional<double> number(const std::string& key) const
    {
        const std::optional<double> value = m_file.number(m_prefix + key);
        return value ? std::optional<double>(asWritten(*value)) : std::nullopt;
    }

    std::optional<std::string> text(const std::string& key) const
    {
        return m_file.text(m_prefix + key);
    }

private:
    const GgufFile& m_file;
    std::string m_prefix;
};

void readSizes(const GgufFile& file, const Header& header, ModelConfig& config)
{
    if (header.whole("expert_count").value_or(0) > 0) {
        refuse("model is a mixture of experts, which is not supported (expected a dense model)");
    }
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
    if (header.whole("rope.dimension_count").value_or(config.headDim) != config.headDim) {
        refuse("rotary positions turn only a part of the head, which is not supported");
    }
    const TensorView* const embedding = file.find("token_embd.weight");
    if (embedding == nullptr || embedding->shape.size() != 2) {
        refuse("tensor 'token_embd.weight' is missing or no matrix (expected [vocabulary, width])");
    }
    config.vocabulary = embedding->shape[0];
    config.rmsEpsilon = header.number("attention.layer_norm_rms_epsilon").value_or(1e-6);
}

// Factors that llama.cpp divides the rotary frequencies by: LLaMA-3's scaling, worked out by its
// converter.
std::vector<double> readFrequencyFactors(const TensorView& view, std::int64_t headDim)
{
    if (view.dtype != DType::F32 || view.elements() != headDim / 2) {
        refuse(fmt::format("tensor {} is {} {} (expected F32 [{}])", shownText(view.name),
                           dtypeName(view.dtype), shownShape(view.shape), headDim / 2));
    }
    std::vector<float> values(static_cast<std::size_t>(headDim / 2));
    toFloat32(view, 0, headDim / 2, values.data());
    for (const float value : values) {
        if (!std::isfinite(value) || value <= 0.0F) {
            refuse("tensor " + shownText(view.name)
                   + " holds a factor that is not a finite number above 0");
        }
    }
    return {values.begin(), values.end()};
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

void readRope(const GgufFile& file, const Header& header, ModelConfig& config)
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
    } else if (kind != "none") {
        refuse("rope scaling " + shownText(kind, 40)
               + " is not supported (expected none or linear)");
    }
    if (const TensorView* const factors = file.find("rope_freqs.weight")) {
        config.ropeFrequencyFactors = readFrequencyFactors(*factors, config.headDim);
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
    const TensorView* const matrix = file.find("blk.0.attn_q.weight");
    return std::string(modelDType(matrix == nullptr ? DType::F32 : matrix->dtype));
}

std::vector<const Family*> familiesNamed(const std::string& ggufName)
{
    std::vector<const Family*> found;
    std::vector<std::string_view> known;
    for (const Family* family : allFamilies()) {
        if (family->ggufName == ggufName) {
            found.push_back(family);
        }
        if (std::find(known.begin(), known.end(), family->ggufName) == known.end()) {
            known.push_back(family->ggufName);
        }
    }
    if (found.empty()) {
        refuseArchitecture(ggufName, "", known);
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

ModelConfig configOf(const GgufFile& file)
{
    const std::string name = file.text("general.architecture").value_or("");
    const std::vector<const Family*> families = familiesNamed(name);
    const Header header(file, name);
    ModelConfig config;
    readSizes(file, header, config);
    readRope(file, header, config);
    config.slidingWindow = header.whole("attention.sliding_window").value_or(0);
    config.tiedEmbeddings = file.find("output.weight") == nullptr;
    config.qkvBias = file.find("blk.0.attn_q.bias") != nullptr;
    config.oBias = file.find("blk.0.attn_output.bias") != nullptr;
    config.mlpBias = file.find("blk.0.ffn_gate.bias") != nullptr;
    const Family& family = chosen(families, config);
    config.modelType = family.modelType;
    config.architecture = family.title;
    config.activation = activationNamed(family, family.defaults.activation);
    if (family.always != nullptr) {
        family.always(config);
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

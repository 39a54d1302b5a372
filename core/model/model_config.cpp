// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_config.h"

#include "core/base/error.h"
#include "core/file/json_file.h"
#include "core/model/model_files_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace pissarro::core {

namespace {

using nlohmann::json;

constexpr std::int64_t kLayerLimit = 10'000;
constexpr std::int64_t kSideLimit = 1 << 24; // width, ffn, vocabulary
constexpr std::int64_t kHeadLimit = 1 << 16;
constexpr std::int64_t kPositionLimit = std::int64_t {1} << 40;

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

// A value as a message shows it: never more than a few words.
std::string shownValue(const json& value)
{
    switch (value.type()) {
    case json::value_t::string:
        return "the text " + shownText(value.get_ref<const std::string&>(), 40);
    case json::value_t::array:
        return "a list";
    case json::value_t::object:
        return "an object";
    default:
        return value.dump();
    }
}

// Typed access to the fields of one JSON object. Absent and null are the same.
class Fields {
public:
    explicit Fields(const json& object)
        : m_object(object)
    {
    }

    const json* find(const char* key) const
    {
        const auto found = m_object.find(key);
        return found == m_object.end() || found->is_null() ? nullptr : &*found;
    }

    bool isNull(const char* key) const
    {
        const auto found = m_object.find(key);
        return found != m_object.end() && found->is_null();
    }

    std::optional<std::int64_t> whole(const char* key, std::int64_t lowest,
                                      std::int64_t highest) const
    {
        const json* const value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        const bool fits = value->is_number_unsigned()
            ? value->get<std::uint64_t>() <= static_cast<std::uint64_t>(highest)
                && value->get<std::int64_t>() >= lowest
            : value->is_number_integer() && value->get<std::int64_t>() >= lowest;
        if (!fits) {
            refuse(std::string(key) + " is " + shownValue(*value)
                   + " (expected a whole number from " + std::to_string(lowest) + " to "
                   + std::to_string(highest) + ")");
        }
        return value->get<std::int64_t>();
    }

    std::int64_t required(const char* key, std::int64_t highest) const
    {
        const std::optional<std::int64_t> value = whole(key, 1, highest);
        if (!value) {
            refuse(std::string(key) + " is missing (expected a whole number from 1 to "
                   + std::to_string(highest) + ")");
        }
        return *value;
    }

    std::optional<double> positive(const char* key) const
    {
        const json* const value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_number() || !(value->get<double>() > 0.0)) {
            refuse(std::string(key) + " is " + shownValue(*value) + " (expected a number above 0)");
        }
        return value->get<double>();
    }

    double requiredPositive(const char* key) const
    {
        const std::optional<double> value = positive(key);
        if (!value) {
            refuse(std::string(key) + " is missing (expected a number above 0)");
        }
        return *value;
    }

    bool flag(const char* key, bool otherwise) const
    {
        const json* const value = find(key);
        if (value != nullptr && !value->is_boolean()) {
            refuse(std::string(key) + " is " + shownValue(*value) + " (expected true or false)");
        }
        return value == nullptr ? otherwise : value->get<bool>();
    }

    std::optional<std::string> text(const char* key) const
    {
        const json* const value = find(key);
        if (value != nullptr && !value->is_string()) {
            refuse(std::string(key) + " is " + shownValue(*value) + " (expected text)");
        }
        return value == nullptr ? std::nullopt
                                : std::optional<std::string>(value->get<std::string>());
    }

    const json* object(const char* key) const
    {
        const json* const value = find(key);
        if (value != nullptr && !value->is_object()) {
            refuse(std::string(key) + " is " + shownValue(*value) + " (expected an object)");
        }
        return value;
    }

private:
    const json& m_object;
};

// What transformers assumes where config.json is silent.
struct Family {
    const char* modelType;
    const char* architecture;
    const char* className; // in "architectures"
    std::int64_t kvHeads; // 0: as many as heads
    std::int64_t headDim; // 0: width / heads
    std::int64_t maxPositions;
    bool tied;
    std::int64_t bos, eos, pad;
};

constexpr std::array<Family, 4> kFamilies {
    Family {"llama", "LLaMA", "LlamaForCausalLM", 0, 0, 2048, false, 1, 2, -1},
    Family {"mistral", "Mistral", "MistralForCausalLM", 8, 0, 131'072, false, 1, 2, -1},
    Family {"gemma", "Gemma", "GemmaForCausalLM", 16, 256, 8192, true, 2, 1, 0},
    Family {"qwen2", "Qwen2", "Qwen2ForCausalLM", 32, 0, 32'768, false, -1, -1, -1},
};

const Family& familyOf(const Fields& fields)
{
    const std::optional<std::string> type = fields.text("model_type");
    std::string className;
    if (const json* const classes = fields.find("architectures")) {
        if (!classes->is_array() || (!classes->empty() && !classes->front().is_string())) {
            refuse("architectures is " + shownValue(*classes) + " (expected a list of texts)");
        }
        className = classes->empty() ? "" : classes->front().get<std::string>();
    }
    for (const Family& family : kFamilies) {
        if (type ? *type == family.modelType : className == family.className) {
            return family;
        }
    }
    const std::string found = type ? *type : className;
    refuse((found.empty() ? "no architecture is named"
                          : "architecture " + shownText(found, 40) + " is not supported")
           + " (expected model_type llama, mistral, gemma or qwen2); choose a model of these "
             "families");
}

void readSizes(const Fields& fields, const Family& family, ModelConfig& config)
{
    config.layers = fields.required("num_hidden_layers", kLayerLimit);
    config.width = fields.required("hidden_size", kSideLimit);
    config.heads = fields.required("num_attention_heads", kHeadLimit);
    config.ffn = fields.required("intermediate_size", kSideLimit);
    config.vocabulary = fields.required("vocab_size", kSideLimit);
    const std::optional<std::int64_t> kvHeads = fields.whole("num_key_value_heads", 1, kHeadLimit);
    const bool familyFits = family.kvHeads > 0 && config.heads % family.kvHeads == 0
        && !fields.isNull("num_key_value_heads");
    config.kvHeads = kvHeads.value_or(familyFits ? family.kvHeads : config.heads);
    const std::optional<std::int64_t> headDim = fields.whole("head_dim", 1, kHeadLimit);
    if (!headDim && family.headDim == 0 && config.width % config.heads != 0) {
        refuse("hidden_size is " + std::to_string(config.width)
               + " (expected a multiple of num_attention_heads, " + std::to_string(config.heads)
               + ", since head_dim is not given)");
    }
    config.headDim =
        headDim.value_or(family.headDim > 0 ? family.headDim : config.width / config.heads);
    config.maxPositions =
        fields.whole("max_position_embeddings", 1, kPositionLimit).value_or(family.maxPositions);
    config.rmsEpsilon = fields.positive("rms_norm_eps").value_or(1e-6);
}

// Both styles: rope_scaling beside rope_theta, or everything in rope_parameters.
void readRope(const Fields& fields, ModelConfig& config)
{
    const json* rope = fields.object("rope_scaling");
    if (rope == nullptr || rope->empty()) {
        rope = fields.object("rope_parameters");
    }
    const json none = json::object();
    const Fields inner(rope == nullptr ? none : *rope);
    const auto outerTheta = fields.positive("rope_theta");
    config.ropeTheta = inner.positive("rope_theta").value_or(outerTheta.value_or(10'000.0));
    const auto outerPart = fields.positive("partial_rotary_factor");
    if (inner.positive("partial_rotary_factor").value_or(outerPart.value_or(1.0)) != 1.0) {
        refuse("partial_rotary_factor is not 1, which is not supported");
    }
    const std::optional<std::string> newer = inner.text("rope_type");
    const std::string kind = newer ? *newer : inner.text("type").value_or("default");
    RopeScaling& scaling = config.ropeScaling;
    if (kind == "linear") {
        scaling.kind = RopeScalingKind::Linear;
        scaling.factor = inner.requiredPositive("factor");
    } else if (kind == "llama3") {
        scaling.kind = RopeScalingKind::Llama3;
        scaling.factor = inner.requiredPositive("factor");
        scaling.lowFrequencyFactor = inner.requiredPositive("low_freq_factor");
        scaling.highFrequencyFactor = inner.requiredPositive("high_freq_factor");
        const auto outside = fields.whole("original_max_position_embeddings", 1, kPositionLimit);
        const auto inside = inner.whole("original_max_position_embeddings", 1, kPositionLimit);
        scaling.originalMaxPositions = outside.value_or(inside.value_or(config.maxPositions));
        if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
            refuse("high_freq_factor is not above low_freq_factor; correct the rope scaling");
        }
    } else if (kind != "default") {
        refuse("rope scaling " + shownText(kind, 40)
               + " is not supported (expected default, linear or llama3)");
    }
}

Activation activationOf(const Fields& fields, const Family& family)
{
    const bool isGemma = std::string_view(family.modelType) == "gemma";
    // Gemma's published files carry "gelu" in hidden_act and mean the tanh form. Their
    // hidden_activation says so, but transformers reads hidden_act alone.
    const std::string name =
        fields.text("hidden_act").value_or(isGemma ? "gelu_pytorch_tanh" : "silu");
    if (name == "silu" || name == "swish") {
        return Activation::Silu;
    }
    if (name == "gelu_pytorch_tanh" || name == "gelu_new" || (name == "gelu" && isGemma)) {
        return Activation::GeluTanh;
    }
    if (name == "gelu") {
        return Activation::GeluErf;
    }
    refuse("hidden_act " + shownText(name, 40)
           + " is not supported (expected silu, gelu or gelu_pytorch_tanh)");
}

// Which layers see only a window: transformers marks Qwen2's one by one, or from max_window_layers
// on.
void readQwenWindow(const Fields& fields, ModelConfig& config)
{
    const std::int64_t window = fields.whole("sliding_window", 1, kPositionLimit)
                                    .value_or(fields.isNull("sliding_window") ? 0 : 4096);
    std::int64_t first = fields.whole("max_window_layers", 0, kPositionLimit).value_or(28);
    if (const json* const types = fields.find("layer_types")) {
        if (!types->is_array() || static_cast<std::int64_t>(types->size()) != config.layers) {
            refuse("layer_types is " + shownValue(*types)
                   + " (expected a list with one text for each layer)");
        }
        std::vector<bool> windowed;
        for (const json& type : *types) {
            if (type != "full_attention" && type != "sliding_attention") {
                refuse("layer_types of layer " + std::to_string(windowed.size()) + " is "
                       + shownValue(type) + " (expected full_attention or sliding_attention)");
            }
            windowed.push_back(type == "sliding_attention");
        }
        const auto begin = std::find(windowed.begin(), windowed.end(), true);
        first = begin - windowed.begin();
        if (std::find(begin, windowed.end(), false) != windowed.end()) {
            config.windowLayers = std::move(windowed);
        }
    }
    if (fields.flag("use_sliding_window", false) && window > 0 && first < config.layers) {
        config.slidingWindow = window;
        config.firstWindowLayer = first;
    } else {
        config.windowLayers.clear();
    }
}

void readDifferences(const Fields& fields, const Family& family, ModelConfig& config)
{
    const std::string_view type = family.modelType;
    config.activation = activationOf(fields, family);
    config.tiedEmbeddings = fields.flag("tie_word_embeddings", family.tied);
    if (type == "llama" || type == "gemma") {
        config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    }
    if (type == "llama") {
        config.mlpBias = fields.flag("mlp_bias", false);
    } else if (type == "mistral") {
        config.slidingWindow = fields.whole("sliding_window", 1, kPositionLimit)
                                   .value_or(fields.isNull("sliding_window") ? 0 : 4096);
    } else if (type == "gemma") {
        config.normOffset = 1.0;
        config.scaleEmbedding = true;
        if (fields.flag("use_bidirectional_attention", false)) {
            refuse(
                "use_bidirectional_attention is true, which is not supported (expected a decoder)");
        }
    } else if (type == "qwen2") {
        config.qkvBias = true;
        readQwenWindow(fields, config);
    }
}

// One id, a list of ids, or nothing. Ids outside the vocabulary (LLaMA-1 writes -1) mean none.
std::vector<std::int64_t> readIds(const Fields& fields, const char* key, std::int64_t vocabulary)
{
    std::vector<std::int64_t> ids;
    const json* const value = fields.find(key);
    if (value == nullptr) {
        return ids;
    }
    for (const json& id : value->is_array() ? *value : json::array({*value})) {
        if (!id.is_number_integer()) {
            refuse(std::string(key) + " is " + shownValue(id) + " (expected a whole number)");
        }
        const auto number = id.get<std::int64_t>();
        if (number >= 0 && number < vocabulary) {
            ids.push_back(number);
        }
    }
    return ids;
}

std::int64_t readId(const Fields& fields, const char* key, const json& object,
                    std::int64_t otherwise, std::int64_t vocabulary)
{
    const std::int64_t fallback = otherwise < vocabulary ? otherwise : -1;
    const std::vector<std::int64_t> ids = readIds(fields, key, vocabulary);
    return !object.contains(key) ? fallback : ids.empty() ? -1 : ids.front();
}

void readSpecialIds(const json& object, const Family& family, ModelConfig& config)
{
    const Fields fields(object);
    config.bosId = readId(fields, "bos_token_id", object, family.bos, config.vocabulary);
    config.padId = readId(fields, "pad_token_id", object, family.pad, config.vocabulary);
    config.eosIds = readIds(fields, "eos_token_id", config.vocabulary);
    if (!object.contains("eos_token_id") && family.eos >= 0 && family.eos < config.vocabulary) {
        config.eosIds.push_back(family.eos);
    }
}

std::string readDType(const Fields& fields)
{
    const std::optional<std::string> newer = fields.text("dtype");
    std::string name = newer ? *newer : fields.text("torch_dtype").value_or("");
    if (name.starts_with("torch.")) {
        name = name.substr(6);
    }
    return name == "float32" || name == "bfloat16" || name == "float16" ? name : "";
}

bool isFourBit(const json& quantization)
{
    const auto is = [&](const char* key, const json& value) {
        const auto found = quantization.find(key);
        return found != quantization.end() && *found == value;
    };
    return quantization.is_object() && is("quant_method", "bitsandbytes")
        && is("load_in_4bit", true);
}

ModelConfig configOf(const json& object)
{
    if (!object.is_object()) {
        refuse("holds " + shownValue(object) + " (expected an object with the model's sizes)");
    }
    const Fields fields(object);
    if (const json* quantization = fields.find("quantization_config");
        quantization != nullptr && !isFourBit(*quantization)) {
        const auto method =
            quantization->is_object() ? quantization->find("quant_method") : quantization->end();
        const bool hasMethod =
            quantization->is_object() && method != quantization->end() && method->is_string();
        refuse(
            "quantization_config is set"
            + (hasMethod ? " (" + shownText(method->get<std::string>(), 24) + ")" : std::string())
            + ": the weights are quantised in a form that is not read "
              "(expected bitsandbytes' 4 bit, F32, F16 or BF16 weights, or a GGUF file)");
    }
    const Family& family = familyOf(fields);
    ModelConfig config;
    config.architecture = family.architecture;
    config.modelType = family.modelType;
    readSizes(fields, family, config);
    readRope(fields, config);
    readDifferences(fields, family, config);
    readSpecialIds(object, family, config);
    config.dtype = readDType(fields);
    checkModelConfig(config);
    return config;
}

// Chat models stop at more tokens than config.json says.
void addGenerationIds(const std::filesystem::path& path, ModelConfig& config)
{
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return;
    }
    const json object = readJsonFile(path);
    try {
        if (!object.is_object()) {
            refuse("holds " + shownValue(object) + " (expected an object)");
        }
        for (const std::int64_t id : readIds(Fields(object), "eos_token_id", config.vocabulary)) {
            if (std::find(config.eosIds.begin(), config.eosIds.end(), id) == config.eosIds.end()) {
                config.eosIds.push_back(id);
            }
        }
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

} // namespace

void checkModelConfig(const ModelConfig& config)
{
    const auto inRange = [](std::int64_t value, std::int64_t highest, const char* what) {
        if (value < 1 || value > highest) {
            refuse(std::string(what) + " is " + std::to_string(value) + " (expected 1 to "
                   + std::to_string(highest) + ")");
        }
    };
    inRange(config.layers, kLayerLimit, "the number of layers");
    inRange(config.width, kSideLimit, "the width");
    inRange(config.heads, kHeadLimit, "the number of attention heads");
    inRange(config.kvHeads, kHeadLimit, "the number of key and value heads");
    inRange(config.headDim, kHeadLimit, "the width of a head");
    inRange(config.ffn, kSideLimit, "the width of the feed-forward layer");
    inRange(config.vocabulary, kSideLimit, "the vocabulary");
    inRange(config.maxPositions, kPositionLimit, "the longest text");
    if (config.slidingWindow < 0 || config.slidingWindow > kPositionLimit) {
        refuse("the sliding window is " + std::to_string(config.slidingWindow) + " (expected 0 to "
               + std::to_string(kPositionLimit) + ")");
    }
    if (config.heads % config.kvHeads != 0) {
        refuse("there are " + std::to_string(config.kvHeads)
               + " key and value heads (expected a divisor of the " + std::to_string(config.heads)
               + " attention heads)");
    }
    if (config.headDim % 2 != 0) {
        refuse("the width of a head is " + std::to_string(config.headDim)
               + " (expected an even number, as rotary positions need)");
    }
    if (!std::isfinite(config.ropeTheta) || config.ropeTheta <= 0.0
        || !std::isfinite(config.rmsEpsilon) || config.rmsEpsilon <= 0.0) {
        refuse("the rotary base or the norm's epsilon is not a finite number above 0");
    }
}

ModelConfig readModelConfig(const std::filesystem::path& configJson)
{
    const json object = readJsonFile(configJson);
    ModelConfig config;
    try {
        config = configOf(object);
    } catch (const Error& e) {
        throw e.within(shownPath(configJson));
    }
    addGenerationIds(configJson.parent_path() / "generation_config.json", config);
    return config;
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_config.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/json_file.h"
#include "core/model/families/family.h"
#include "core/model/model_files_p.h"
#include "core/model/weight_codes.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace pissarro::core::inline model {

namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

const Family& familyNamed(const JsonFields& fields)
{
    const std::optional<std::string> type = fields.text("model_type");
    std::string className;
    if (const json* const classes = fields.find("architectures")) {
        const auto first = classes->is_array() && !classes->empty()
            ? jsonAs<std::string>(classes->front())
            : std::nullopt;
        if (!classes->is_array() || (!classes->empty() && !first)) {
            refuse("architectures is " + shownValue(*classes) + " (expected a list of texts)");
        }
        className = first.value_or("");
    }
    std::vector<std::string_view> known;
    for (const Family* family : allFamilies()) {
        if (type ? *type == family->modelType : className == family->className) {
            return *family;
        }
        known.push_back(family->modelType);
    }
    refuseArchitecture(type ? *type : className, "model_type ", known);
}

void readSizes(const JsonFields& fields, const Family& family, ModelConfig& config)
{
    config.layers = fields.required("num_hidden_layers", kLayerLimit);
    config.width = fields.required("hidden_size", kSideLimit);
    config.heads = fields.required("num_attention_heads", kHeadLimit);
    config.ffn = fields.required("intermediate_size", kSideLimit);
    config.vocabulary = fields.required("vocab_size", kSideLimit);
    const std::optional<std::int64_t> kvHeads = fields.whole("num_key_value_heads", 1, kHeadLimit);
    const bool familyFits = family.defaults.kvHeads > 0
        && config.heads % family.defaults.kvHeads == 0 && !fields.isNull("num_key_value_heads");
    config.kvHeads = kvHeads.value_or(familyFits ? family.defaults.kvHeads : config.heads);
    const std::optional<std::int64_t> headDim = fields.whole("head_dim", 1, kHeadLimit);
    if (!headDim && family.defaults.headDim == 0 && config.width % config.heads != 0) {
        refuse(
            fmt::format("hidden_size is {} (expected a multiple of num_attention_heads, {}, since "
                        "head_dim is not given)",
                        config.width, config.heads));
    }
    config.headDim = headDim.value_or(family.defaults.headDim > 0 ? family.defaults.headDim
                                                                  : config.width / config.heads);
    config.maxPositions = fields.whole("max_position_embeddings", 1, kPositionLimit)
                              .value_or(family.defaults.maxPositions);
    config.rmsEpsilon = fields.positive("rms_norm_eps").value_or(1e-6);
}

// Both styles: rope_scaling beside rope_theta, or everything in rope_parameters.
void readRope(const JsonFields& fields, ModelConfig& config)
{
    const json* rope = fields.object("rope_scaling");
    if (rope == nullptr || rope->empty()) {
        rope = fields.object("rope_parameters");
    }
    const json none = json::object();
    const JsonFields inner(rope == nullptr ? none : *rope);
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

void readDifferences(const JsonFields& fields, const Family& family, ModelConfig& config)
{
    const std::optional<std::string> activation = fields.text("hidden_act");
    config.activation = activationNamed(
        family, activation ? std::string_view(*activation) : family.defaults.activation);
    config.tiedEmbeddings = fields.flag("tie_word_embeddings", family.defaults.tiedEmbeddings);
    if (family.always != nullptr) {
        family.always(config);
    }
    if (family.readConfig != nullptr) {
        family.readConfig(fields, config);
    }
}

// One id, a list of ids, or nothing. Ids outside the vocabulary (LLaMA-1 writes -1) mean none.
std::vector<std::int64_t> readIds(const JsonFields& fields, const char* key,
                                  std::int64_t vocabulary)
{
    std::vector<std::int64_t> ids = fields.wholes(key);
    std::erase_if(ids, [&](std::int64_t id) { return id < 0 || id >= vocabulary; });
    return ids;
}

std::int64_t readId(const JsonFields& fields, const char* key, std::int64_t otherwise,
                    std::int64_t vocabulary)
{
    const std::int64_t fallback = otherwise < vocabulary ? otherwise : -1;
    const std::vector<std::int64_t> ids = readIds(fields, key, vocabulary);
    return !fields.contains(key) ? fallback : ids.empty() ? -1 : ids.front();
}

void readSpecialIds(const JsonFields& fields, const FamilyDefaults& defaults, ModelConfig& config)
{
    config.bosId = readId(fields, "bos_token_id", defaults.bosId, config.vocabulary);
    config.padId = readId(fields, "pad_token_id", defaults.padId, config.vocabulary);
    config.eosIds = readIds(fields, "eos_token_id", config.vocabulary);
    if (!fields.contains("eos_token_id") && defaults.eosId >= 0
        && defaults.eosId < config.vocabulary) {
        config.eosIds.push_back(defaults.eosId);
    }
}

std::string readDType(const JsonFields& fields)
{
    const std::optional<std::string> newer = fields.text("dtype");
    std::string name = newer ? *newer : fields.text("torch_dtype").value_or("");
    if (name.starts_with("torch.")) {
        name = name.substr(6);
    }
    return name == "float32" || name == "bfloat16" || name == "float16" ? name : "";
}

ModelConfig configOf(const json& object)
{
    if (!object.is_object()) {
        refuse("holds " + shownValue(object) + " (expected an object with the model's sizes)");
    }
    const JsonFields fields(object);
    weightCodesOf(fields.find("quantization_config")); // refuses what is not read
    const Family& family = familyNamed(fields);
    ModelConfig config;
    config.architecture = family.title;
    config.modelType = family.modelType;
    readSizes(fields, family, config);
    readRope(fields, config);
    readDifferences(fields, family, config);
    readSpecialIds(fields, family.defaults, config);
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
        for (const std::int64_t id :
             readIds(JsonFields(object), "eos_token_id", config.vocabulary)) {
            if (std::find(config.eosIds.begin(), config.eosIds.end(), id) == config.eosIds.end()) {
                config.eosIds.push_back(id);
            }
        }
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

} // namespace

void refuseArchitecture(const std::string& found, const std::string& what,
                        const std::vector<std::string_view>& known)
{
    refuse((found.empty() ? "no architecture is named"
                          : "architecture " + shownText(found, 40) + " is not supported")
           + " (expected " + what + listText(known) + "); choose a model of these families");
}

void checkModelConfig(const ModelConfig& config)
{
    const auto inRange = [](std::int64_t value, std::int64_t highest, const char* what) {
        if (value < 1 || value > highest) {
            refuse(fmt::format("{} is {} (expected 1 to {})", what, value, highest));
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
        refuse(fmt::format("the sliding window is {} (expected 0 to {})", config.slidingWindow,
                           kPositionLimit));
    }
    if (config.heads % config.kvHeads != 0) {
        refuse(
            fmt::format("there are {} key and value heads (expected a divisor of the {} attention "
                        "heads)",
                        config.kvHeads, config.heads));
    }
    if (config.headDim % 2 != 0) {
        refuse(
            fmt::format("the width of a head is {} (expected an even number, as rotary positions "
                        "need)",
                        config.headDim));
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

} // namespace pissarro::core::inline model

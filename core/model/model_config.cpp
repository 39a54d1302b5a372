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

std::string classNamed(const JsonFields& fields)
{
    const json* const classes = fields.find("architectures");
    if (classes == nullptr) {
        return {};
    }
    const auto first = classes->is_array() && !classes->empty()
        ? jsonAs<std::string>(classes->front())
        : std::nullopt;
    if (!classes->is_array() || (!classes->empty() && !first)) {
        refuse("architectures is " + shownValue(*classes) + " (expected a list of texts)");
    }
    return first.value_or("");
}

const Family& familyNamed(const JsonFields& fields, const json& object)
{
    const std::optional<std::string> type = fields.text("model_type");
    const std::string className = classNamed(fields);
    std::vector<std::string_view> known;
    for (const Family* family : allFamilies()) {
        if (type ? *type == family->modelType : className == family->className) {
            return *family;
        }
        known.push_back(family->modelType);
    }
    refuseArchitecture(type ? *type : className, "model_type ", known,
                       type ? nearFamilies(*type, object) : std::string());
}

void readSizes(const JsonFields& fields, const Family& family, ModelConfig& config)
{
    const FamilyKeys& keys = family.keys;
    config.layers = fields.required(keys.layers, kLayerLimit);
    config.width = fields.required(keys.width, kSideLimit);
    const auto orElse = [&](const char* key, std::int64_t highest, std::int64_t otherwise) {
        return otherwise > 0 ? fields.whole(key, 1, highest).value_or(otherwise)
                             : fields.required(key, highest);
    };
    config.heads = orElse(keys.heads, kHeadLimit, family.defaults.heads);
    config.ffn = orElse(keys.ffn, kSideLimit, family.defaults.ffn * config.width);
    config.vocabulary = orElse("vocab_size", kSideLimit, family.defaults.vocabulary);
    config.kvHeads = config.heads;
    if (keys.kvHeads != nullptr) {
        const std::optional<std::int64_t> kvHeads = fields.whole(keys.kvHeads, 1, kHeadLimit);
        const bool familyFits = family.defaults.kvHeads > 0
            && config.heads % family.defaults.kvHeads == 0 && !fields.isNull(keys.kvHeads);
        config.kvHeads = kvHeads.value_or(familyFits ? family.defaults.kvHeads : config.heads);
    }
    const std::optional<std::int64_t> headDim =
        keys.headDim == nullptr ? std::nullopt : fields.whole(keys.headDim, 1, kHeadLimit);
    if (!headDim && family.defaults.headDim == 0 && config.width % config.heads != 0) {
        refuse(fmt::format("{} is {} (expected a multiple of {}, {}, since head_dim is not given)",
                           keys.width, config.width, keys.heads, config.heads));
    }
    config.headDim = headDim.value_or(family.defaults.headDim > 0 ? family.defaults.headDim
                                                                  : config.width / config.heads);
    config.maxPositions =
        fields.whole(keys.positions, 1, kPositionLimit).value_or(family.defaults.maxPositions);
    const auto epsilon = keys.epsilon == nullptr ? std::nullopt : fields.positive(keys.epsilon);
    config.rmsEpsilon = epsilon.value_or(family.defaults.epsilon);
}

void readDifferences(const JsonFields& fields, const Family& family, ModelConfig& config)
{
    const std::optional<std::string> activation = fields.text(family.keys.activation);
    config.activation = activationNamed(
        family, activation ? std::string_view(*activation) : family.defaults.activation);
    config.tiedEmbeddings = fields.flag("tie_word_embeddings", family.defaults.tiedEmbeddings);
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

void readAll(const JsonFields& fields, const Family& family, ModelConfig& config)
{
    config.architecture = family.title;
    config.modelType = family.modelType;
    readSizes(fields, family, config);
    if (family.always != nullptr) {
        family.always(config);
    }
    readRope(fields, family, config);
    readDifferences(fields, family, config);
    readSpecialIds(fields, family.defaults, config);
    config.dtype = readDType(fields);
}

const Family* wholeFamily(const json& object)
{
    const auto type = jsonFieldAs<std::string>(object, "model_type");
    for (const Family* family : allFamilies()) {
        if (type && !family->wholeType.empty() && *type == family->wholeType) {
            return family;
        }
    }
    return nullptr;
}

// A folder that holds more than a text model: its text_config is the text half's, and says less than a config.json of its own
// would.
ModelConfig textHalfOf(const json& object, const Family& family)
{
    const JsonFields outer(object);
    weightCodesOf(outer.find("quantization_config")); // refuses what is not read
    json text =
        outer.object("text_config") == nullptr ? json::object() : *outer.object("text_config");
    for (const char* key : {"eos_token_id", "bos_token_id", "pad_token_id", "torch_dtype", "dtype",
                            "tie_word_embeddings", "vocab_size"}) {
        if (!text.contains(key) && object.contains(key)) {
            text[key] = object[key];
        }
    }
    ModelConfig config;
    const JsonFields fields(text);
    readAll(fields, family, config);
    config.textHalf = true;
    config.architecture = fmt::format("{} (text half)", family.title);
    fields.text("model_type");
    readUnread(fields, family, config);
    checkModelConfig(config);
    return config;
}

ModelConfig configOf(const json& object)
{
    if (!object.is_object()) {
        refuse("holds " + shownValue(object) + " (expected an object with the model's sizes)");
    }
    if (const Family* const whole = wholeFamily(object)) {
        return textHalfOf(object, *whole);
    }
    const JsonFields fields(object);
    weightCodesOf(fields.find("quantization_config"));
    const Family& family = familyNamed(fields, object);
    ModelConfig config;
    readAll(fields, family, config);
    readUnread(fields, family, config);
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

std::vector<std::string> keysUnknownTo(const Family& family, const json& object)
{
    const JsonFields fields(object);
    ModelConfig config;
    try {
        fields.text("model_type");
        readAll(fields, family, config);
    } catch (const Error&) {
        // What was asked for before it did not fit was asked for.
    }
    return strangeKeys(fields);
}

void giveHead(const NewHead& head, ModelConfig& config)
{
    const Family& family = familyOf(config.modelType);
    if (family.nameHead == nullptr) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("is a {}, which can be given no head that sorts texts (expected an "
                                "encoder, such as BERT); leave --labels out",
                                family.title));
    }
    if (config.head.kind == HeadKind::Sequence) {
        if (config.head.labels != head.labels) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("has a head of {} labels already (expected {} of --labels); "
                                    "leave --labels out, or begin with the model without a head",
                                    config.head.labels, head.labels));
        }
        config.head.labelNames = head.names.empty() ? config.head.labelNames : head.names;
        return;
    }
    config.head.kind = HeadKind::Sequence;
    config.head.labels = head.labels;
    config.head.labelNames = head.names;
    family.nameHead(config);
}

void refuseArchitecture(const std::string& found, const std::string& what,
                        const std::vector<std::string_view>& known, const std::string& near)
{
    const std::string is = found.empty()
        ? std::string("no architecture is named")
        : fmt::format("architecture {} is not supported", shownText(found, 40));
    constexpr std::size_t kShown = 12; // of a long list
    const bool isLong = known.size() > 16;
    if (!near.empty()) {
        refuse(fmt::format("{}{}; choose a model of one of these families, or of the {} {}", is,
                           near, known.size(),
                           isLong ? "that pissarro-cli inspect --help lists" : "in all"));
    }
    if (!isLong) {
        refuse(fmt::format("{} (expected {}{}); choose a model of these families", is, what,
                           listText(known)));
    }
    const std::vector<std::string_view> first(known.begin(), known.begin() + kShown);
    refuse(fmt::format("{} (expected {}{} or one of {} more); choose a model of these families: "
                       "pissarro-cli inspect --help lists all",
                       is, what, listText(first, ""), known.size() - kShown));
}

namespace {

void inRange(std::int64_t value, std::int64_t highest, const char* what)
{
    if (value < 1 || value > highest) {
        refuse(fmt::format("{} is {} (expected 1 to {})", what, value, highest));
    }
}

void checkLatent(const ModelConfig& config)
{
    const Latent& latent = config.latent;
    if (latent.rank == 0) {
        return;
    }
    inRange(latent.rank, kSideLimit, "the rank of keys and values");
    inRange(latent.plainDim, kHeadLimit, "the width of what does not turn");
    inRange(latent.valueDim, kHeadLimit, "the width of a value");
    if (latent.queryRank < 0 || latent.queryRank > kSideLimit) {
        refuse(fmt::format("the rank of queries is {} (expected 0 to {})", latent.queryRank,
                           kSideLimit));
    }
    if (latent.queryRank == 0 && config.qkvBias) {
        refuse("attention_bias is true without a q_lora_rank, which is not supported");
    }
}

void checkMixture(const ModelConfig& config)
{
    const Mixture& mixture = config.mixture;
    if (mixture.experts == 0) {
        return;
    }
    inRange(mixture.experts, std::min(kExpertLimit, kExpertsLimit / config.layers),
            "the number of experts");
    inRange(mixture.ffn, kSideLimit, "the width of an expert");
    if (mixture.sharedFfn < 0 || mixture.sharedFfn > kSideLimit) {
        refuse(fmt::format("the width of the shared experts is {} (expected 0 to {})",
                           mixture.sharedFfn, kSideLimit));
    }
    inRange(mixture.groups, mixture.experts, "the number of groups of experts");
    if (mixture.experts % mixture.groups != 0) {
        refuse(fmt::format("there are {} groups of experts (expected a divisor of the {} experts)",
                           mixture.groups, mixture.experts));
    }
    const std::int64_t ofGroup = mixture.experts / mixture.groups;
    inRange(mixture.chosenGroups, mixture.groups, "the number of groups that are chosen");
    inRange(mixture.groupBest, ofGroup, "the number of experts that a group is judged by");
    inRange(mixture.chosen, mixture.chosenGroups * ofGroup, "the number of experts of a token");
    if (!std::isfinite(mixture.scale) || mixture.scale <= 0.0 || !std::isfinite(mixture.balance)) {
        refuse("the scale of the experts or the share of the load-balancing loss is not a finite "
               "number");
    }
}

} // namespace

void checkModelConfig(const ModelConfig& config)
{
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
    if (!std::isfinite(config.ropeTheta) || config.ropeTheta <= 0.0
        || !std::isfinite(config.rmsEpsilon) || config.rmsEpsilon <= 0.0) {
        refuse("the rotary base or the norm's epsilon is not a finite number above 0");
    }
    checkLatent(config);
    checkMixture(config);
    checkRope(config);
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

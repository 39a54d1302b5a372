// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/model/families/encoder_head.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

// The head for hidden tokens has other names in the files of its authors than transformers asks for unless `legacy` is false:
// the same matrices under either are taken.
constexpr std::array<std::pair<const char*, const char*>, 3> kOtherNames {{
    {"lm_predictions.lm_head.dense", "cls.predictions.transform.dense"},
    {"lm_predictions.lm_head.LayerNorm", "cls.predictions.transform.LayerNorm"},
    {"lm_predictions.lm_head", "cls.predictions"},
}};

bool isLegacy(const ModelConfig& config)
{
    return config.names.aliases.empty()
        || config.names.aliases.front().first == kOtherNames.front().first;
}

void nameHeads(ModelConfig& config)
{
    const bool legacy = isLegacy(config);
    nameHead({.dense = legacy ? kOtherNames[0].second : kOtherNames[0].first,
              .norm = legacy ? kOtherNames[1].second : kOtherNames[1].first,
              .logits = legacy ? "cls.predictions.decoder" : "lm_predictions.lm_head.decoder",
              .bias = legacy ? kOtherNames[2].second : kOtherNames[2].first,
              .activation = config.activation},
             {.dense = "pooler.dense",
              .norm = {},
              .logits = "classifier",
              .bias = {},
              .activation = config.head.pooling},
             config);
}

void always(ModelConfig& config)
{
    makeEncoder(config);
    ModuleNames& names = config.names;
    names.base = "deberta";
    names.embedding = "embeddings.word_embeddings";
    names.positions = "embeddings.position_embeddings";
    names.types = "embeddings.token_type_embeddings";
    names.embeddingNorm = "embeddings.LayerNorm";
    names.layers = "encoder.layer";
    names.query = "attention.self.query_proj";
    names.key = "attention.self.key_proj";
    names.value = "attention.self.value_proj";
    names.output = "attention.output.dense";
    names.afterAttention = "attention.output.LayerNorm";
    names.up = "intermediate.dense";
    names.down = "output.dense";
    names.afterFeed = "output.LayerNorm";
    names.positionQuery = "attention.self.pos_query_proj";
    names.positionKey = "attention.self.pos_key_proj";
    names.relative = "encoder.rel_embeddings";
    names.relativeNorm = "encoder.LayerNorm";
    names.convolution = "encoder.conv.conv";
    names.convolutionNorm = "encoder.conv.LayerNorm";
}

constexpr std::int64_t kPositionRows = 1 << 20; // of a table of distances

// "c2p|p2c", or a list of these.
bool holds(const JsonFields& fields, const char* key, std::string_view word)
{
    const nlohmann::json* const value = fields.find(key);
    if (value == nullptr) {
        return false;
    }
    if (const auto list = jsonAs<std::vector<std::string>>(*value)) {
        return std::find(list->begin(), list->end(), word) != list->end();
    }
    const auto text = fields.text(key);
    return text && text->find(word) != std::string::npos;
}

// How many distances a table tells apart; unset where the key is absent or says "none" by -1 or 0.
std::int64_t readCount(const JsonFields& fields, const char* key)
{
    return std::max<std::int64_t>(0, fields.whole(key, -1, kPositionRows).value_or(-1));
}

void readRelative(const JsonFields& fields, ModelConfig& config)
{
    RelativePositions& relative = config.relative;
    relative.contentToPosition = holds(fields, "pos_att_type", "c2p");
    relative.positionToContent = holds(fields, "pos_att_type", "p2c");
    relative.shared = fields.flag("share_att_key", false);
    relative.normed = holds(fields, "norm_rel_ebd", "layer_norm");
    const std::int64_t terms =
        1 + (relative.contentToPosition ? 1 : 0) + (relative.positionToContent ? 1 : 0);
    config.attentionScale = 1.0 / std::sqrt(static_cast<double>(config.headDim * terms));
    const std::int64_t furthest = readCount(fields, "max_relative_positions");
    const std::int64_t buckets = readCount(fields, "position_buckets");
    if (!fields.flag("relative_attention", false)) {
        return;
    }
    relative.furthest = furthest > 0 ? furthest : config.maxPositions;
    relative.buckets = buckets;
    relative.span = buckets > 0 ? buckets : relative.furthest;
    if (relative.span > kPositionRows || (buckets > 0 && buckets < 4)
        || (buckets > 0 && relative.furthest <= buckets / 2 + 1)) {
        refuseConfig(fmt::format("position_buckets is {} and the furthest distance {} (expected at "
                                 "least 4 buckets, a distance of more than half of them, and at "
                                 "most {} rows)",
                                 buckets, relative.furthest, kPositionRows));
    }
}

void readConvolution(const JsonFields& fields, ModelConfig& config)
{
    Convolution& convolution = config.convolution;
    convolution.tokens = fields.whole("conv_kernel_size", 0, 255).value_or(0);
    convolution.groups = fields.whole("conv_groups", 1, kSideLimit).value_or(1);
    convolution.activation = headActivation(fields, "conv_act", Activation::Tanh);
    if (convolution.tokens > 0
        && (convolution.tokens % 2 == 0 || config.width % convolution.groups != 0)) {
        refuseConfig(fmt::format("conv_kernel_size is {} with {} groups (expected an odd number, "
                                 "and groups that divide {})",
                                 convolution.tokens, convolution.groups, config.width));
    }
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    readRelative(fields, config);
    readConvolution(fields, config);
    config.tokenTypes = fields.whole("type_vocab_size", 0, kHeadLimit).value_or(0);
    if (!fields.flag("position_biased_input", true)) {
        config.names.positions.clear();
        config.names.unread.emplace_back("deberta.embeddings.position_embeddings");
    }
    for (const char* key : {"embedding_size", "pooler_hidden_size"}) {
        const std::int64_t width = fields.whole(key, 1, kSideLimit).value_or(config.width);
        if (width != config.width) {
            refuseConfig(fmt::format("{} is {}, which is not supported (expected hidden_size, {})",
                                     key, width, config.width));
        }
    }
    const bool legacy = fields.flag("legacy", true);
    for (const auto& [authors, transformers] : kOtherNames) {
        config.names.aliases.emplace_back(legacy ? authors : transformers,
                                          legacy ? transformers : authors);
    }
    readHead(fields, config);
    config.head.pooling = headActivation(fields, "pooler_hidden_act", Activation::GeluErf);
    nameHeads(config);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    const RelativePositions& relative = config.relative;
    json["relative_attention"] = relative.span > 0;
    json["position_buckets"] = relative.buckets > 0 ? relative.buckets : -1;
    json["max_relative_positions"] = relative.furthest > 0 ? relative.furthest : -1;
    json["pos_att_type"] = nlohmann::json::array();
    if (relative.contentToPosition) {
        json["pos_att_type"].push_back("c2p");
    }
    if (relative.positionToContent) {
        json["pos_att_type"].push_back("p2c");
    }
    json["share_att_key"] = relative.shared;
    json["norm_rel_ebd"] = relative.normed ? "layer_norm" : "none";
    json["type_vocab_size"] = config.tokenTypes;
    json["position_biased_input"] = !config.names.positions.empty();
    json["conv_kernel_size"] = config.convolution.tokens;
    json["conv_groups"] = config.convolution.groups;
    json["conv_act"] = activationName(config.convolution.activation);
    json["pooler_hidden_act"] = activationName(config.head.pooling);
    json["legacy"] = isLegacy(config);
    writeHead(config, "DebertaV2", json);
}

} // namespace

extern const Family kDebertaV2;
constinit const Family kDebertaV2 {
    .modelType = "deberta-v2",
    .title = "DeBERTa v2 and v3",
    .className = "DebertaV2ForMaskedLM",
    .ggufName = "",
    .defaults = {.maxPositions = 512,
                 .tiedEmbeddings = true,
                 .padId = 0,
                 .activation = "gelu",
                 .epsilon = 1e-7},
    .keys = {.kvHeads = nullptr,
             .headDim = "attention_head_size",
             .epsilon = "layer_norm_eps",
             .ropeTheta = nullptr,
             .rotaryPart = nullptr},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
    .nameHead = nameHeads,
};

} // namespace pissarro::core::inline model::inline families

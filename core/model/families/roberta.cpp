// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/encoder_head.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void nameHeads(ModelConfig& config)
{
    nameHead({.dense = "lm_head.dense",
              .norm = "lm_head.layer_norm",
              .logits = "lm_head.decoder",
              .bias = "lm_head",
              .activation = Activation::GeluErf}, // whatever hidden_act says
             {.dense = "classifier.dense", .norm = {}, .logits = "classifier.out_proj", .bias = {}},
             config);
    config.names.unread.emplace_back("roberta.pooler"); // no head of it stands on one
}

void always(ModelConfig& config)
{
    makeEncoder(config);
    config.positionsSkipPadding = true;
    ModuleNames& names = config.names;
    names.base = "roberta";
    names.embedding = "embeddings.word_embeddings";
    names.positions = "embeddings.position_embeddings";
    names.types = "embeddings.token_type_embeddings";
    names.embeddingNorm = "embeddings.LayerNorm";
    names.layers = "encoder.layer";
    names.query = "attention.self.query";
    names.key = "attention.self.key";
    names.value = "attention.self.value";
    names.output = "attention.output.dense";
    names.afterAttention = "attention.output.LayerNorm";
    names.up = "intermediate.dense";
    names.down = "output.dense";
    names.afterFeed = "output.LayerNorm";
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.tokenTypes = fields.whole("type_vocab_size", 1, kHeadLimit).value_or(2);
    readHead(fields, config);
    nameHeads(config);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["type_vocab_size"] = config.tokenTypes;
    writeHead(config, "Roberta", json);
}

} // namespace

extern const Family kRoberta;
constinit const Family kRoberta {
    .modelType = "roberta",
    .title = "RoBERTa",
    .className = "RobertaForMaskedLM",
    .ggufName = "",
    .defaults = {.maxPositions = 512,
                 .tiedEmbeddings = true,
                 .bosId = 0,
                 .eosId = 2,
                 .padId = 1,
                 .activation = "gelu",
                 .epsilon = 1e-12},
    .keys = {.kvHeads = nullptr,
             .headDim = nullptr,
             .epsilon = "layer_norm_eps",
             .ropeTheta = nullptr,
             .rotaryPart = nullptr},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
    .nameHead = nameHeads,
};

} // namespace pissarro::core::inline model::inline families

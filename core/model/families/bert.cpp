// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/encoder_head.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void nameHeads(ModelConfig& config)
{
    nameHead({.dense = "cls.predictions.transform.dense",
              .norm = "cls.predictions.transform.LayerNorm",
              .logits = "cls.predictions.decoder",
              .bias = "cls.predictions",
              .activation = config.activation},
             {.dense = "bert.pooler.dense", .norm = {}, .logits = "classifier", .bias = {}},
             config);
    if (config.head.kind != HeadKind::Sequence) {
        config.names.unread.emplace_back("bert.pooler");
    }
}

void always(ModelConfig& config)
{
    makeEncoder(config);
    ModuleNames& names = config.names;
    names.base = "bert";
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
    writeHead(config, "Bert", json);
}

} // namespace

extern const Family kBert;
constinit const Family kBert {
    .modelType = "bert",
    .title = "BERT",
    .className = "BertForMaskedLM",
    .ggufName = "",
    .defaults = {.maxPositions = 512,
                 .tiedEmbeddings = true,
                 .padId = 0,
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

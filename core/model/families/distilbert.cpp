// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/encoder_head.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void nameHeads(ModelConfig& config)
{
    nameHead({.dense = "vocab_transform",
              .norm = "vocab_layer_norm",
              .logits = "vocab_projector",
              .bias = {},
              .activation = config.activation},
             {.dense = "pre_classifier",
              .norm = {},
              .logits = "classifier",
              .bias = {},
              .activation = Activation::Relu},
             config);
}

// No texts are told apart, and all norms have one epsilon.
void always(ModelConfig& config)
{
    makeEncoder(config);
    ModuleNames& names = config.names;
    names.base = "distilbert";
    names.embedding = "embeddings.word_embeddings";
    names.positions = "embeddings.position_embeddings";
    names.embeddingNorm = "embeddings.LayerNorm";
    names.layers = "transformer.layer";
    names.query = "attention.q_lin";
    names.key = "attention.k_lin";
    names.value = "attention.v_lin";
    names.output = "attention.out_lin";
    names.afterAttention = "sa_layer_norm";
    names.up = "ffn.lin1";
    names.down = "ffn.lin2";
    names.afterFeed = "output_layer_norm";
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    readHead(fields, config);
    nameHeads(config);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    writeHead(config, "DistilBert", json);
}

} // namespace

extern const Family kDistilBert;
constinit const Family kDistilBert {
    .modelType = "distilbert",
    .title = "DistilBERT",
    .className = "DistilBertForMaskedLM",
    .ggufName = "",
    .defaults = {.maxPositions = 512,
                 .tiedEmbeddings = true,
                 .padId = 0,
                 .activation = "gelu",
                 .epsilon = 1e-12},
    .keys = {.layers = "n_layers",
             .width = "dim",
             .heads = "n_heads",
             .kvHeads = nullptr,
             .headDim = nullptr,
             .ffn = "hidden_dim",
             .activation = "activation",
             .epsilon = nullptr,
             .ropeTheta = nullptr,
             .rotaryPart = nullptr},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
    .nameHead = nameHeads,
};

} // namespace pissarro::core::inline model::inline families

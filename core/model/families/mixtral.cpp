// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"
#include "core/model/families/mixture_keys_p.h"

#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    ModuleNames& names = config.names;
    names.mixture.router = "block_sparse_moe.gate";
    names.mixture.experts = "block_sparse_moe.experts";
    names.mixture.gate = "w1";
    names.mixture.up = "w3";
    names.mixture.down = "w2";
    config.mixture.normalized = true;
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    Mixture& mixture = config.mixture;
    mixture.experts = countOr(fields, "num_local_experts", 8, kExpertLimit);
    mixture.chosen = countOr(fields, "num_experts_per_tok", 2, kExpertLimit);
    mixture.ffn = config.ffn;
    readBalance(fields, mixture, 0.001);
    config.slidingWindow = fields.whole("sliding_window", 1, kPositionLimit).value_or(0);
    const std::vector<double> jitter = fields.numbers("router_jitter_noise");
    if (!jitter.empty() && jitter.front() != 0.0) {
        refuseConfig("router_jitter_noise is not 0: noise on what the experts are given while "
                     "training is not supported");
    }
}

// llama.cpp's architecture llama, with experts.
bool isGguf(const ModelConfig& config)
{
    return config.mixture.experts > 0;
}

void readGguf(const GgufHeader& header, ModelConfig& config)
{
    readGgufExperts(header, config);
    config.mixture.layers.clear(); // every layer has them, or a weight is missing
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["num_local_experts"] = config.mixture.experts;
    json["num_experts_per_tok"] = config.mixture.chosen;
    writeBalance(config.mixture, json);
}

constexpr std::array<GgufChanged, 2> kChanges {{
    {"blk.*.attn_q", GgufChange::PairedRows},
    {"blk.*.attn_k", GgufChange::PairedRows},
}};

} // namespace

extern const Family kMixtral;
constinit const Family kMixtral {
    .modelType = "mixtral",
    .title = "Mixtral",
    .className = "MixtralForCausalLM",
    .ggufName = "llama",
    .defaults = {.kvHeads = 8,
                 .maxPositions = 131'072,
                 .bosId = 1,
                 .eosId = 2,
                 .epsilon = 1e-5,
                 .ropeTheta = 1e6},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .isGguf = isGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

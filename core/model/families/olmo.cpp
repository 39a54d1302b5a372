// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

// LayerNorms without weights, of an epsilon that no file says.
void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.normWeight = false;
    config.rmsEpsilon = 1e-5;
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    config.clipQkv = readCap(fields, "clip_qkv", 0.0);
}

void readGguf(const GgufHeader& header, ModelConfig& config)
{
    config.clipQkv = header.number("attention.clamp_kqv").value_or(0.0);
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["clip_qkv"] =
        config.clipQkv > 0.0 ? nlohmann::json(config.clipQkv) : nlohmann::json(nullptr);
}

constexpr std::array<GgufChanged, 2> kChanges {{
    {"blk.*.attn_q", GgufChange::PairedRows},
    {"blk.*.attn_k", GgufChange::PairedRows},
}};

} // namespace

extern const Family kOlmo;
constinit const Family kOlmo {
    .modelType = "olmo",
    .title = "OLMo",
    .className = "OlmoForCausalLM",
    .ggufName = "olmo",
    .defaults = {.maxPositions = 2048, .eosId = 50'279, .padId = 1, .epsilon = 1e-5},
    .keys = {.epsilon = nullptr},
    .always = always,
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

constexpr std::int64_t kInterval = 4; // each fourth layer does not turn

void setTurned(ModelConfig& config, const std::vector<bool>& turned)
{
    const bool all = std::find(turned.begin(), turned.end(), false) == turned.end();
    config.turnedLayers = all ? std::vector<bool> {} : turned;
}

std::vector<bool> turnedBut(std::int64_t every, std::int64_t layers)
{
    std::vector<bool> turned;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        turned.push_back((layer + 1) % every != 0);
    }
    return turned;
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    config.mlpBias = fields.flag("mlp_bias", false);
    std::vector<bool> turned = turnedBut(
        fields.whole("no_rope_layer_interval", 1, kLayerLimit).value_or(kInterval), config.layers);
    // 1: the layer turns, whatever the key is called.
    if (const std::vector<std::int64_t> marks = fields.wholes("no_rope_layers"); !marks.empty()) {
        if (static_cast<std::int64_t>(marks.size()) != config.layers) {
            refuseConfig("no_rope_layers is a list of another length than there are layers");
        }
        std::transform(marks.begin(), marks.end(), turned.begin(),
                       [](std::int64_t mark) { return mark != 0; });
    }
    setTurned(config, turned);
    const std::int64_t window = fields.whole("sliding_window", 1, kPositionLimit).value_or(0);
    const bool has = fields.flag("use_sliding_window", false);
    fields.find("max_window_layers"); // says nothing here
    std::vector<bool> windowed = turned; // as transformers fills in layer_types
    windowed.flip();
    if (const auto types = readLayerTypes(fields, config.layers)) {
        windowed = *types;
    }
    setWindows(config, has ? window : 0, windowed);
}

void readGguf(const GgufHeader& /*header*/, ModelConfig& config)
{
    setTurned(config, turnedBut(kInterval, config.layers));
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        json["no_rope_layers"].push_back(config.turns(layer) ? 1 : 0);
    }
    json["use_sliding_window"] = config.slidingWindow > 0;
    writeLayerTypes(config, json);
}

constexpr std::array<GgufChanged, 2> kChanges {{
    {"blk.*.attn_q", GgufChange::PairedRows},
    {"blk.*.attn_k", GgufChange::PairedRows},
}};

} // namespace

extern const Family kSmolLm3;
constinit const Family kSmolLm3 {
    .modelType = "smollm3",
    .title = "SmolLM3",
    .className = "SmolLM3ForCausalLM",
    .ggufName = "smollm3",
    .defaults = {.kvHeads = 4,
                 .maxPositions = 32'768,
                 .tiedEmbeddings = true,
                 .bosId = 128'000,
                 .eosId = 128'001,
                 .padId = 128'004,
                 .ropeTheta = 2e6},
    .readConfig = readConfig,
    .readGguf = readGguf,
    .writeConfig = writeConfig,
    .ggufChanges = kChanges,
};

} // namespace pissarro::core::inline model::inline families

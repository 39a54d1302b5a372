// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.parallel = true;
    config.rotaryPairs = true;
    config.names.middle.clear();
}

void readConfig(const JsonFields& fields, ModelConfig& config)
{
    config.qkvBias = config.oBias = fields.flag("attention_bias", false);
    config.logitScale = fields.positive("logit_scale").value_or(0.0625);
    const std::vector<bool> windowed =
        readWindowPattern(fields, "sliding_window_pattern", 4, config.layers);
    setWindows(config, readSlidingWindow(fields), windowed);
    // Layers that see all do not turn.
    config.turnedLayers = windowed;
    if (std::find(windowed.begin(), windowed.end(), false) == windowed.end()) {
        config.turnedLayers.clear();
    }
}

void writeConfig(const ModelConfig& config, nlohmann::json& json)
{
    json["logit_scale"] = config.logitScale;
    if (config.slidingWindow == 0) {
        json["sliding_window"] = nullptr;
    }
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        json["layer_types"].push_back(config.turns(layer) ? "sliding_attention" : "full_attention");
    }
}

} // namespace

extern const Family kCohere2;
constinit const Family kCohere2 {
    .modelType = "cohere2",
    .title = "Cohere 2",
    .className = "Cohere2ForCausalLM",
    .ggufName = "",
    .defaults = {.maxPositions = 8192,
                 .tiedEmbeddings = true,
                 .bosId = 5,
                 .eosId = 255'001,
                 .padId = 0,
                 .epsilon = 1e-5},
    .keys = {.epsilon = "layer_norm_eps", .rotaryPart = nullptr},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

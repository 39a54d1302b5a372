// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

void always(ModelConfig& config)
{
    config.qkvBias = true;
}

// transformers marks the layers that see only a window one by one, or from max_window_layers on.
void readConfig(const JsonFields& fields, ModelConfig& config)
{
    const std::int64_t window = readSlidingWindow(fields);
    const std::int64_t first = fields.whole("max_window_layers", 0, kPositionLimit).value_or(28);
    std::vector<bool> windowed(static_cast<std::size_t>(config.layers), true);
    std::fill_n(windowed.begin(), std::min(first, config.layers), false);
    if (const auto types = readLayerTypes(fields, config.layers)) {
        windowed = *types;
    }
    setWindows(config, fields.flag("use_sliding_window", false) ? window : 0, windowed);
}

void writeConfig(const ModelConfig& config, nlohmann::json& out)
{
    out["use_sliding_window"] = config.slidingWindow > 0;
    out["max_window_layers"] = config.firstWindowLayer;
    if (!config.windowLayers.empty()) {
        writeLayerTypes(config, out);
    }
}

} // namespace

extern const Family kQwen2;
constinit const Family kQwen2 {
    .modelType = "qwen2",
    .title = "Qwen2",
    .className = "Qwen2ForCausalLM",
    .ggufName = "qwen2",
    .defaults = {.kvHeads = 32, .maxPositions = 32'768},
    .always = always,
    .readConfig = readConfig,
    .writeConfig = writeConfig,
};

} // namespace pissarro::core::inline model::inline families

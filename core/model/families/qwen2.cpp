// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/model/families/family.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace pissarro::core::inline model::inline families {

namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

void always(ModelConfig& config)
{
    config.qkvBias = true;
}

// [layers]: which have the window, as layer_types says.
std::vector<bool> readLayerTypes(const json& types, std::int64_t layers)
{
    if (!types.is_array() || static_cast<std::int64_t>(types.size()) != layers) {
        refuse("layer_types is " + shownValue(types)
               + " (expected a list with one text for each layer)");
    }
    std::vector<bool> windowed;
    for (const json& type : types) {
        if (type != "full_attention" && type != "sliding_attention") {
            refuse(fmt::format("layer_types of layer {} is {} (expected full_attention or "
                               "sliding_attention)",
                               windowed.size(), shownValue(type)));
        }
        windowed.push_back(type == "sliding_attention");
    }
    return windowed;
}

// transformers marks the layers that see only a window one by one, or from max_window_layers on.
void readConfig(const JsonFields& fields, ModelConfig& config)
{
    const std::int64_t window = readSlidingWindow(fields);
    std::int64_t first = fields.whole("max_window_layers", 0, kPositionLimit).value_or(28);
    if (const json* const types = fields.find("layer_types")) {
        std::vector<bool> windowed = readLayerTypes(*types, config.layers);
        const auto begin = std::find(windowed.begin(), windowed.end(), true);
        first = begin - windowed.begin();
        if (std::find(begin, windowed.end(), false) != windowed.end()) {
            config.windowLayers = std::move(windowed);
        }
    }
    if (fields.flag("use_sliding_window", false) && window > 0 && first < config.layers) {
        config.slidingWindow = window;
        config.firstWindowLayer = first;
    } else {
        config.windowLayers.clear();
    }
}

void writeConfig(const ModelConfig& config, json& out)
{
    out["use_sliding_window"] = config.slidingWindow > 0;
    out["max_window_layers"] = config.firstWindowLayer;
    for (const bool windowed : config.windowLayers) {
        out["layer_types"].push_back(windowed ? "sliding_attention" : "full_attention");
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

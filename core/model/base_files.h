// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pissarro::core::inline model {

// What lies in a folder of a model or an adapter, and what folders of factors are called: told here and nowhere else.
constexpr const char* kConfigFile = "config.json"; // of a model
constexpr const char* kAdapterConfigFile = "adapter_config.json"; // of a PEFT folder
constexpr const char* kAdapterTensorsFile = "adapter_model.safetensors";

bool holdsModel(const std::filesystem::path& folder); // a Hugging Face folder, by its config.json
bool holdsAdapter(const std::filesystem::path& folder); // a PEFT folder, by its adapter_config.json

// Factors beside a base or within a run.
enum class FactorsAre {
    Init, // "pissa_init": what the base was made with, and what a run began with
    Start, // "pissa_start": what a run began with, where that is not the same
    Trained, // "pissa_ft": as trained, beside the base of a pair
};
std::string factorsFolder(std::string_view method, FactorsAre which);
// The trained factors of a pair, whatever its method. nullopt: it holds none.
std::optional<std::filesystem::path> trainedFactorsIn(const std::filesystem::path& pair);

} // namespace pissarro::core::inline model

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace pissarro::core::inline catalog {

// Where models lie on a machine, by the program that puts them there.
enum class PlaceKind {
    HubCache, // of huggingface_hub
    LmStudio, // ORG/NAME/*.gguf
    Ollama, // manifests/ and blobs/
    Folder, // that a person chose: any of the above, Hugging Face folders and GGUF files
    Opened, // one model that was opened before, wherever it lies
};
std::string_view placeName(PlaceKind kind); // "hub", "lm-studio", "ollama", "folder", "opened"

struct ModelPlace {
    PlaceKind kind = PlaceKind::Folder;
    std::filesystem::path folder; // Opened: the model itself

    bool operator==(const ModelPlace&) const = default;
};

// Where the programs that people have put models, there or not: the caches of hubCacheFolders(); ~/.lmstudio/models and
// ~/.cache/lm-studio/models; $OLLAMA_MODELS, ~/.ollama/models and that of Ollama's service, /usr/share/ollama/.ollama/models.
// No place twice.
std::vector<ModelPlace> usualPlaces();

} // namespace pissarro::core::inline catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/model_place.h"

#include "core/model/hub_cache.h"
#include "core/text/enum_names.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

namespace pissarro::core::inline catalog {

namespace fs = std::filesystem;

namespace {

constexpr std::array kKinds {
    Named<PlaceKind> {PlaceKind::HubCache, "hub"},
    Named<PlaceKind> {PlaceKind::LmStudio, "lm-studio"},
    Named<PlaceKind> {PlaceKind::Ollama, "ollama"},
    Named<PlaceKind> {PlaceKind::Folder, "folder"},
    Named<PlaceKind> {PlaceKind::Opened, "opened"},
};

} // namespace

std::string_view placeName(PlaceKind kind)
{
    return nameIn(kKinds, kind);
}

std::vector<ModelPlace> usualPlaces()
{
    std::vector<ModelPlace> places;
    const auto add = [&places](PlaceKind kind, const fs::path& folder) {
        std::error_code failed;
        const fs::path absolute = fs::absolute(folder, failed).lexically_normal();
        const bool isKnown = std::any_of(places.begin(), places.end(),
                                         [&](const auto& one) { return one.folder == absolute; });
        if (!failed && !isKnown) {
            places.push_back({kind, absolute});
        }
    };
    for (const fs::path& cache : hubCacheFolders()) {
        add(PlaceKind::HubCache, cache);
    }
    const char* const home = std::getenv("HOME");
    if (home != nullptr && *home != '\0') {
        add(PlaceKind::LmStudio, fs::path(home) / ".lmstudio/models");
        add(PlaceKind::LmStudio, fs::path(home) / ".cache/lm-studio/models");
    }
    const char* const ollama = std::getenv("OLLAMA_MODELS");
    if (ollama != nullptr && *ollama != '\0') {
        add(PlaceKind::Ollama, ollama);
    }
    if (home != nullptr && *home != '\0') {
        add(PlaceKind::Ollama, fs::path(home) / ".ollama/models");
    }
    add(PlaceKind::Ollama, "/usr/share/ollama/.ollama/models");
    return places;
}

} // namespace pissarro::core::inline catalog

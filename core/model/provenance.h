// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace pissarro::core::inline model {

// A residual base is a model of its own; this small file beside its weights says which untouched model it came from. Beside
// factors it says which model's weights they were taken out of.
constexpr const char* kProvenanceFile = "pissarro_init.json";

struct Provenance {
    std::filesystem::path sourceModel; // the untouched model
    std::string method; // "pissa", "qpissa", …: what made the base
};

void writeProvenance(const std::filesystem::path& directory,
                     const std::filesystem::path& sourceModel,
                     const std::string& method); // Throws: Error{Io}

// nullopt for every folder without such a file, and for a broken one.
std::optional<Provenance> provenanceOf(const std::filesystem::path& directory);

// The untouched model that the folder was made from.
std::optional<std::filesystem::path> sourceModelOf(const std::filesystem::path& model);

// BASE/<method>_init: the factors that the base was made with, in PEFT's layout, as `init` and the pair of `export` lay them
// beside it. nullopt: none are there.
std::optional<std::filesystem::path> factorsMadeWith(const std::filesystem::path& base);

} // namespace pissarro::core::inline model

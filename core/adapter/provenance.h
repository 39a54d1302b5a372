// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"
#include "core/train/run_spec.h"

#include <filesystem>
#include <optional>
#include <string>

namespace pissarro::core {

// A residual base is a model of its own; this small file beside its weights says which untouched model it came from.
constexpr const char* kProvenanceFile = "pissarro_init.json";

void writeProvenance(const std::filesystem::path& directory,
                     const std::filesystem::path& sourceModel,
                     const std::string& method); // Throws: Error{Io}

// The untouched model that the folder was made from; nullopt for every other model and for a broken file.
std::optional<std::filesystem::path> sourceModelOf(const std::filesystem::path& model);

// The model that the run's plain LoRA belongs to. A run that goes on from a given adapter on a residual base leads
// back to the model which that base was made from; every other run to the model it trained on, `trainedOn`: a base in
// four bits too, since what quantization took away is not of low rank.
std::filesystem::path untouchedModelOf(const RunSpec& spec, const ModelFiles& trainedOn);

} // namespace pissarro::core

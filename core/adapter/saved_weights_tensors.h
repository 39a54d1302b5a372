// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/safetensors.h"
#include "core/model/model_files.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline adapter {

// Weights that trained whole beside an adapter, PEFT's modules_to_save: the head of a model that sorts texts.
// By name: "classifier.weight", "classifier.bias"; float32.
using SavedWeights = std::map<std::string, at::Tensor>;

// Modules that train whole beside an adapter of this model and are kept with it: of a head for whole texts those that are no
// part of the model below it, and those whose numbers were drawn. Empty: there are none.
std::vector<std::string> savedModulesOf(const ModelFiles& files);

// The weight's name of a tensor of adapter_model.safetensors that belongs to one of these modules; unset: of none.
std::optional<std::string> savedName(std::string_view key, const std::vector<std::string>& modules);
// Whether a tensor is of a module that modules_to_save names, by PEFT's ends of names: of any model.
bool isSavedKey(std::string_view key, const std::vector<std::string>& ends);
// The other way: "base_model.model.classifier.weight".
std::string savedKey(const std::string& weight);

// Names for modules_to_save by which PEFT finds the modules of these weights, and no part of one twice: the last that a module
// stands below, "classifier" of "classifier.out_proj".
std::vector<std::string> savedEnds(const SavedWeights& saved);

// Throws: Error{Format} naming the file: a shape that is not the model's, NaN or Inf, or a weight that is missing where there
// are others of the head.
void checkSaved(const std::filesystem::path& file, const SavedWeights& saved,
                const ModelFiles& files);

// The head that a PEFT folder brings for a model that has none, by the sizes of its tensors; labels 0: it brings none.
// Throws: Error{Format}; Error{Io}.
NewHead headOfAdapter(const std::filesystem::path& directory);

} // namespace pissarro::core::inline adapter

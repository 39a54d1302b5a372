// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_kind_tensors.h"
#include "core/adapter/saved_weights_tensors.h"
#include "core/format/peft_config.h"
#include "core/model/model_files.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline adapter {

// A low-rank term on one linear matrix: y += scale B A x. Shapes: R rank, I in features, O out features.
struct Adapter {
    std::string module; // "model.layers.0.self_attn.q_proj"
    at::Tensor a_RI; // float32 (float64 in tests), the master that the optimizer updates
    at::Tensor b_OR;
    double scale = 1.0; // alpha / rank, or alpha / sqrt(rank) for rsLoRA
    const AdapterKind* kind = &kPlainLowRank; // what it is made of, and what of it acts
    at::Tensor magnitude_O =
        {}; // of a kind with a norm; undefined: that of the weight it is put on

    std::int64_t rank() const { return a_RI.size(0); }
};

using AdapterSet = std::vector<Adapter>; // in the order of ModelFiles::linearModules()

// A PEFT folder: adapter_config.json and adapter_model.safetensors.
struct PeftAdapter {
    AdapterSet adapters;
    std::string initLoraWeights; // "true", "pissa", "gaussian", …: what the config says
    std::int64_t rank = 0; // r of the config
    double alpha = 0.0;
    bool rslora = false;
    double dropout = 0.0;
    // The start that PEFT takes out of the base before it adds the factors: takenFromBase(). They are no plain LoRA then.
    std::string takenStart; // empty: nothing
    SavedWeights saved = {}; // of the head that trained beside it
};

// Takes a line for people: what was used otherwise than it says, or may not be meant. Empty: nobody wants to know.
using Warn = std::function<void(std::string_view line)>;

// Reads a PEFT LoRA folder for this model as PEFT does: PeftConfig says which keys of its adapter_config.json count.
// Warns of another base by name, modules that target_modules names without factors or has factors of without naming them,
//   and unknown keys.
// Throws: Error{Io}, Error{Format} naming the file: another peft_type, trained biases, a module the model lacks, a
//   factor whose shape does not fit, a missing partner, a pickle.
PeftAdapter readPeftAdapter(const std::filesystem::path& directory, const ModelFiles& files,
                            const Warn& warn = {});

struct PeftDescription {
    std::string baseModel; // base_model_name_or_path
    std::int64_t rank = 0;
    double alpha = 0.0;
    bool rslora = false; // use_rslora: alpha is over sqrt(rank)
    const ModelFiles* files = nullptr; // of the base; null: every layer has the same types adapted
    double dropout = 0.0; // lora_dropout: what it was trained with
    SavedWeights saved = {}; // weights that trained whole beside it: modules_to_save
};

// Writes the PEFT layout into `directory` (created): adapter_config.json with the old minimal set of keys, which every
// PEFT version reads, adapter_model.safetensors with metadata {"format": "pt"}, README.md.
// init_lora_weights is always true: the factors are in the file, nothing is to be recomputed on loading.
// target_modules are the types that the adapters sit on, sorted, or modules in full where only some layers have one.
// Adapters whose rank or alpha differ from the description's go to rank_pattern and alpha_pattern.
void writePeftAdapter(const std::filesystem::path& directory, const AdapterSet& adapters,
                      const PeftDescription& description);

} // namespace pissarro::core::inline adapter

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jobs/job_context.h"
#include "core/model/model_files.h"

#include <filesystem>
#include <functional>
#include <string>

namespace at {
class Tensor;
}

namespace pissarro::core {

// A config.json of the published style (rope_theta, rope_scaling, torch_dtype) that describes the same model.
std::string configToJson(const ModelConfig& config, const std::string& dtype);

// Gives the weight to write under this Hugging Face name, or an undefined tensor for the file's own.
using WeightProvider = std::function<at::Tensor(const std::string& name)>;

// Writes a Hugging Face folder: config.json, model.safetensors, tokenizer files; one weight in memory at a time.
// `dtype` is what every weight is stored as: "float32", "bfloat16", "float16". `directory` exists and is being filled.
// Throws: Error{Io}; Cancelled.
void fillModelFolder(const ModelFiles& files, const std::filesystem::path& directory,
                     const std::string& dtype, const WeightProvider& weights,
                     const JobContext& job);

} // namespace pissarro::core

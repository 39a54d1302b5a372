// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/format/safetensors.h"
#include "core/model/model_files.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace pissarro::core::inline weights {

// Gives the weight to write under this Hugging Face name, or an undefined tensor for the file's own.
using WeightProvider = std::function<at::Tensor(const std::string& name)>;

// What a folder written from this model is stored as: the dtype of its config; float32 for a GGUF.
std::string storedDType(const ModelFiles& files);

constexpr std::uint64_t kShardBytes =
    5'000'000'000; // transformers' max_shard_size was this for long

// What one weight is stored as: itself, or codes and what belongs to them.
using WeightGroup = std::vector<TensorSpec>;
// The tensors of a group in the order of its specs, contiguous and on the CPU.
using GroupProvider = std::function<std::vector<at::Tensor>(std::size_t group)>;

// Writes model.safetensors, or model-00001-of-0000N.safetensors … with model.safetensors.index.json
// where it is more than `shardBytes`; a group stays in one file. One group in memory at a time.
// Throws: Error{Io}; Cancelled.
void writeShards(const std::filesystem::path& directory, const std::vector<WeightGroup>& groups,
                 const GroupProvider& tensorsOf, const JobContext& job,
                 std::uint64_t shardBytes = kShardBytes);

using ConfigChange = std::function<void(nlohmann::json& config)>;
// Writes config.json, changed by `change` (may be empty), generation_config.json and the tokenizer.
// Throws: Error{Io}.
void writeModelText(const ModelFiles& files, const std::filesystem::path& directory,
                    const std::string& dtype, const ConfigChange& change);

// Writes a Hugging Face folder: config.json, model.safetensors, tokenizer files; one weight in memory at a time.
// Weights of more than `shardBytes` in all become model-00001-of-0000N.safetensors … with model.safetensors.index.json.
// `dtype` is what every weight is stored as: "float32", "bfloat16", "float16". `directory` exists and is being filled.
// Throws: Error{Io}; Error{InvalidArgument} for another dtype; Cancelled.
void fillModelFolder(const ModelFiles& files, const std::filesystem::path& directory,
                     const std::string& dtype, const WeightProvider& weights, const JobContext& job,
                     std::uint64_t shardBytes = kShardBytes);

// The first weight of a folder that fillModelFolder() wrote which is not, bit for bit, what it is told to write; nullopt:
// none. Throws: Cancelled.
std::optional<std::string> differingWeight(const ModelFiles& files, const ModelFiles& written,
                                           const WeightProvider& weights, const JobContext& job);

// Compares the weights of a folder that fillModelFolder() wrote with what it was told to write, bit for bit.
// Throws: Error{Io} naming the weight that differs.
void checkModelFolder(const ModelFiles& files, const ModelFiles& written,
                      const WeightProvider& weights, const JobContext& job);

} // namespace pissarro::core::inline weights

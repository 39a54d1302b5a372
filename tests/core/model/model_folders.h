// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Model folders and GGUF files for tests: copies of the golden tiny models, changed at will.

#include "core/format/safetensors.h"
#include "tests/core/file/test_files.h"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pissarro::test {

inline const std::string kTiny = PISSARRO_SHARED "/golden/tiny/";

struct StoredTensor {
    std::string name;
    core::DType dtype = core::DType::F32;
    std::vector<std::int64_t> shape;
    std::string bytes;
};

inline std::vector<StoredTensor> tensorsOf(const fs::path& file)
{
    std::vector<StoredTensor> out;
    const core::SafetensorsFile source = core::SafetensorsFile::open(file);
    for (const core::TensorView& view : source.tensors()) {
        out.push_back({view.name, view.dtype, view.shape,
                       std::string(reinterpret_cast<const char*>(view.data), view.sizeBytes)});
    }
    return out;
}

inline void writeTensors(const fs::path& file, const std::vector<StoredTensor>& tensors)
{
    std::vector<core::TensorSpec> specs;
    for (const StoredTensor& tensor : tensors) {
        specs.push_back({tensor.name, tensor.dtype, tensor.shape});
    }
    core::SafetensorsWriter writer(file, specs);
    for (const StoredTensor& tensor : tensors) {
        writer.append(tensor.bytes.data(), tensor.bytes.size());
    }
    writer.commit();
}

inline nlohmann::json configOf(const fs::path& folder)
{
    return nlohmann::json::parse(readBytes(folder / "config.json"));
}

// A copy of tiny/llama (or another) whose weights or configuration `change` may alter.
using Change = std::function<void(std::vector<StoredTensor>&, nlohmann::json&)>;
inline fs::path copyModel(const fs::path& to, const std::string& name = "llama",
                          const Change& change = {})
{
    std::vector<StoredTensor> tensors = tensorsOf(kTiny + name + "/model.safetensors");
    nlohmann::json config = configOf(kTiny + name);
    if (change) {
        change(tensors, config);
    }
    fs::create_directories(to);
    writeTensors(to / "model.safetensors", tensors);
    writeBytes(to / "config.json", config.dump());
    return to;
}

// The same weights in two shards and an index; `rename` may change what the index calls a shard.
inline fs::path copySharded(const fs::path& to,
                            const std::function<void(nlohmann::json&)>& changeIndex = {})
{
    const std::vector<StoredTensor> tensors = tensorsOf(kTiny + "llama/model.safetensors");
    const auto half = tensors.begin() + static_cast<std::ptrdiff_t>(tensors.size() / 2);
    const std::vector<std::vector<StoredTensor>> shards {{tensors.begin(), half},
                                                         {half, tensors.end()}};
    nlohmann::json index {{"metadata", {{"total_size", 1}}}};
    fs::create_directories(to);
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const std::string file = "model-0000" + std::to_string(i + 1) + "-of-00002.safetensors";
        writeTensors(to / file, shards[i]);
        for (const StoredTensor& tensor : shards[i]) {
            index["weight_map"][tensor.name] = file;
        }
    }
    if (changeIndex) {
        changeIndex(index);
    }
    writeBytes(to / "model.safetensors.index.json", index.dump());
    writeBytes(to / "config.json", readBytes(kTiny + "llama/config.json"));
    return to;
}

// llama.cpp's LlamaModel.permute, convert_hf_to_gguf.py:
//   weights.reshape(n_head, 2, rows // n_head // 2, *rest).swapaxes(1, 2).reshape(weights.shape)
inline std::string permuted(const std::string& bytes, std::int64_t rows, std::int64_t heads)
{
    const auto rowBytes = static_cast<std::int64_t>(bytes.size()) / rows;
    const std::int64_t half = rows / heads / 2;
    std::string out;
    for (std::int64_t head = 0; head < heads; ++head) {
        for (std::int64_t j = 0; j < half; ++j) {
            for (std::int64_t part = 0; part < 2; ++part) {
                const std::int64_t row = (head * 2 + part) * half + j;
                out += bytes.substr(static_cast<std::size_t>(row * rowBytes),
                                    static_cast<std::size_t>(rowBytes));
            }
        }
    }
    return out;
}

// A GGUF of a float32 folder, as llama.cpp's converter makes it.
inline GgufBuilder ggufOf(const fs::path& folder, const std::string& architecture)
{
    const nlohmann::json config = configOf(folder);
    const auto heads = config.at("num_attention_heads").get<std::uint32_t>();
    const auto kvHeads = config.at("num_key_value_heads").get<std::uint32_t>();
    const auto width = config.at("hidden_size").get<std::uint32_t>();
    const std::string a = architecture + ".";
    GgufBuilder out;
    out.string("general.architecture", architecture)
        .u32(a + "block_count", config.at("num_hidden_layers"));
    out.u32(a + "context_length", config.at("max_position_embeddings"))
        .u32(a + "embedding_length", width);
    out.u32(a + "feed_forward_length", config.at("intermediate_size"))
        .u32(a + "attention.head_count", heads);
    out.u32(a + "attention.head_count_kv", kvHeads)
        .f32(a + "rope.freq_base", config.at("rope_theta").get<float>());
    out.f32(a + "attention.layer_norm_rms_epsilon", config.at("rms_norm_eps").get<float>());
    if (config.contains("head_dim")) {
        out.u32(a + "attention.key_length", config.at("head_dim"))
            .u32(a + "attention.value_length", config.at("head_dim"));
        out.u32(a + "rope.dimension_count", config.at("head_dim"));
    }
    out.u32("tokenizer.ggml.bos_token_id", config.at("bos_token_id"))
        .u32("tokenizer.ggml.eos_token_id", config.at("eos_token_id"));
    const std::map<std::string, std::string> names {
        {"input_layernorm", "attn_norm"}, {"post_attention_layernorm", "ffn_norm"},
        {"self_attn.q_proj", "attn_q"},   {"self_attn.k_proj", "attn_k"},
        {"self_attn.v_proj", "attn_v"},   {"self_attn.o_proj", "attn_output"},
        {"mlp.gate_proj", "ffn_gate"},    {"mlp.up_proj", "ffn_up"},
        {"mlp.down_proj", "ffn_down"}};
    for (StoredTensor& tensor : tensorsOf(folder / "model.safetensors")) {
        std::string name = tensor.name == "model.embed_tokens.weight" ? "token_embd.weight"
            : tensor.name == "model.norm.weight"                      ? "output_norm.weight"
            : tensor.name == "lm_head.weight"                         ? "output.weight"
                                                                      : "";
        if (name.empty()) {
            const std::string rest = tensor.name.substr(std::string("model.layers.").size());
            const std::size_t dot = rest.find('.');
            const std::size_t last = rest.rfind('.');
            name = "blk." + rest.substr(0, dot + 1) + names.at(rest.substr(dot + 1, last - dot - 1))
                + rest.substr(last);
        }
        const bool isQuery = tensor.name.find("q_proj") != std::string::npos;
        if (architecture == "llama"
            && (isQuery || tensor.name.find("k_proj") != std::string::npos)) {
            tensor.bytes = permuted(tensor.bytes, tensor.shape[0], isQuery ? heads : kvHeads);
        }
        if (architecture == "gemma" && tensor.name.ends_with("norm.weight")) {
            for (std::size_t i = 0; i < tensor.bytes.size(); i += sizeof(float)) {
                float value = 0;
                std::memcpy(&value, tensor.bytes.data() + i, sizeof value);
                value += 1.0F;
                std::memcpy(tensor.bytes.data() + i, &value, sizeof value);
            }
        }
        out.tensor(name, tensor.shape, 0, tensor.bytes);
    }
    return out;
}

} // namespace pissarro::test

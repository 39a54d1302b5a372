// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_model.h"

#include "core/file/atomic_file.h"
#include "core/format/safetensors.h"

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::tests {

namespace {

using core::DType;
using core::TensorSpec;

constexpr const char* kConfig = R"({
  "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
  "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 64,
  "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
  "tie_word_embeddings": false, "torch_dtype": "float32", "bos_token_id": 1, "eos_token_id": 2)";

struct Sizes {
    std::int64_t layers;
    std::int64_t width;
    std::int64_t ffn;
    std::int64_t keys;
};

std::string configOf(const Sizes& sizes)
{
    std::string text = kConfig; // piece by piece: GCC 12 warns wrongly of a sum (bug 105329)
    for (const auto& [key, size] :
         {std::pair("num_hidden_layers", sizes.layers), std::pair("hidden_size", sizes.width),
          std::pair("intermediate_size", sizes.ffn)}) {
        text += ", \"";
        text += key;
        text += "\": ";
        text += std::to_string(size);
    }
    text += "}";
    return text;
}

std::vector<TensorSpec> weightsOf(const Sizes& sizes)
{
    const auto [layers, width, ffn, keys] = sizes;
    std::vector<TensorSpec> specs {
        {"model.embed_tokens.weight", DType::F32, {kTinyVocabulary, width}}};
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string prefix = "model.layers." + std::to_string(layer) + ".";
        const auto add = [&](const char* name, std::vector<std::int64_t> shape) {
            specs.push_back({prefix + name + ".weight", DType::F32, std::move(shape)});
        };
        add("input_layernorm", {width});
        add("self_attn.q_proj", {width, width});
        add("self_attn.k_proj", {keys, width});
        add("self_attn.v_proj", {keys, width});
        add("self_attn.o_proj", {width, width});
        add("post_attention_layernorm", {width});
        add("mlp.gate_proj", {ffn, width});
        add("mlp.up_proj", {ffn, width});
        add("mlp.down_proj", {width, ffn});
    }
    specs.push_back({"model.norm.weight", DType::F32, {width}});
    specs.push_back({"lm_head.weight", DType::F32, {kTinyVocabulary, width}});
    return specs;
}

std::size_t elements(const TensorSpec& spec)
{
    std::size_t count = 1;
    for (const std::int64_t side : spec.shape) {
        count *= static_cast<std::size_t>(side);
    }
    return count;
}

void writeModel(const std::filesystem::path& folder, const Sizes& sizes, const char* nanIn)
{
    std::filesystem::create_directories(folder);
    core::writeFileAtomically(folder / "config.json", configOf(sizes));
    const std::vector<TensorSpec> specs = weightsOf(sizes);
    core::SafetensorsWriter writer(folder / "model.safetensors", specs);
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0F, 0.15F);
    for (const TensorSpec& spec : specs) {
        std::vector<float> values(elements(spec));
        for (float& value : values) {
            value = spec.shape.size() == 1 ? 1.0F : normal(random);
        }
        if (nanIn != nullptr && spec.name == nanIn) {
            values[values.size() / 2] = std::numeric_limits<float>::quiet_NaN();
        }
        writer.append(values.data(), values.size() * sizeof(float));
    }
    writer.commit();
}

} // namespace

void writeTinyModel(const std::filesystem::path& folder, const char* nanIn, std::int64_t layers)
{
    writeModel(folder, {layers, kTinyWidth, kTinyFfn, kTinyKvWidth}, nanIn);
}

void writeTinyTokenizer(const std::filesystem::path& folder)
{
    const std::string signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    nlohmann::json pieces = nlohmann::json::object();
    for (const char sign : signs) {
        pieces[std::string(1, sign)] = pieces.size();
    }
    const auto added = [](int id, const char* text) {
        return nlohmann::json {{"id", id}, {"content", text}, {"special", true}};
    };
    const nlohmann::json tokenizer {
        {"added_tokens", {added(62, "<s>"), added(63, "</s>")}},
        {"normalizer", nullptr},
        {"pre_tokenizer", nullptr},
        {"post_processor", nullptr},
        {"decoder", {{"type", "Fuse"}}},
        {"model", {{"type", "BPE"}, {"vocab", pieces}, {"merges", nlohmann::json::array()}}}};
    core::writeFileAtomically(folder / "tokenizer.json", tokenizer.dump());
    nlohmann::json settings = nlohmann::json::object();
    settings["chat_template"] = "{% for m in messages %}Q{{ m['content'] }}A{% endfor %}";
    core::writeFileAtomically(folder / "tokenizer_config.json", settings.dump());
}

void writeWideModel(const std::filesystem::path& folder)
{
    constexpr std::int64_t kWidth = 1024;
    writeModel(folder, {1, kWidth, kWidth, kWidth / 2}, nullptr);
}

void writeTinyBatches(const std::filesystem::path& file, std::int64_t count)
{
    constexpr std::int64_t kRows = 4;
    constexpr std::int64_t kLength = 12;
    constexpr std::int64_t kPrompt = 4;
    constexpr std::int64_t kIgnored = -100;
    std::mt19937 random(2);
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < count * kRows * kLength; ++i) {
        ids.push_back(static_cast<std::int64_t>(random() % kTinyVocabulary));
        labels.push_back(i % kLength < kPrompt ? kIgnored : ids.back());
    }
    const std::vector<std::int64_t> mask(ids.size(), 1);
    const std::vector<std::int64_t> shape {count, kRows, kLength};
    core::SafetensorsWriter writer(file,
                                   {{"input_ids", DType::I64, shape},
                                    {"labels", DType::I64, shape},
                                    {"attention_mask", DType::I64, shape}});
    for (const auto& tensor : {std::cref(ids), std::cref(labels), std::cref(mask)}) {
        writer.append(tensor.get().data(), tensor.get().size() * sizeof(std::int64_t));
    }
    writer.commit();
}

} // namespace pissarro::tests

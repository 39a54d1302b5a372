// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_writer.h"

#include "core/base/error.h"
#include "core/base/torch/weights.h"
#include "core/data/tokenizer.h"
#include "core/io/atomic_file.h"
#include "core/io/safetensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>

namespace pissarro::core {

namespace {

using nlohmann::json;

at::ScalarType storedType(const std::string& dtype)
{
    if (dtype == "bfloat16") {
        return at::kBFloat16;
    }
    return dtype == "float16" ? at::kHalf : at::kFloat;
}

const char* className(const std::string& modelType)
{
    if (modelType == "mistral") {
        return "MistralForCausalLM";
    }
    if (modelType == "gemma") {
        return "GemmaForCausalLM";
    }
    return modelType == "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM";
}

json ropeScaling(const RopeScaling& scaling)
{
    switch (scaling.kind) {
    case RopeScalingKind::Linear:
        return {{"rope_type", "linear"}, {"factor", scaling.factor}};
    case RopeScalingKind::Llama3:
        return {{"rope_type", "llama3"},
                {"factor", scaling.factor},
                {"low_freq_factor", scaling.lowFrequencyFactor},
                {"high_freq_factor", scaling.highFrequencyFactor},
                {"original_max_position_embeddings", scaling.originalMaxPositions}};
    case RopeScalingKind::None:
        break;
    }
    return nullptr;
}

json idOrNull(std::int64_t id)
{
    return id >= 0 ? json(id) : json(nullptr);
}

// The config of the source with its dtype changed; a GGUF's is made from its header.
std::string configText(const ModelFiles& files, const std::string& dtype)
{
    if (files.isGguf()) {
        return configToJson(files.config(), dtype);
    }
    json config = json::parse(readWholeFile(files.path() / "config.json", 16U << 20U));
    for (const char* key : {"torch_dtype", "dtype"}) {
        if (config.contains(key)) {
            config[key] = dtype;
        }
    }
    return config.dump(2) + "\n";
}

} // namespace

std::string configToJson(const ModelConfig& c, const std::string& dtype)
{
    if (!c.ropeFrequencyFactors.empty()) {
        throw Error(ErrorKind::Format,
                    "the GGUF stores its rotary scaling as a table of factors, which a config.json "
                    "cannot hold; "
                    "use the model's Hugging Face folder");
    }
    json eos = nullptr;
    if (c.eosIds.size() == 1) {
        eos = c.eosIds.front();
    } else if (!c.eosIds.empty()) {
        eos = c.eosIds;
    }
    json config {
        {"architectures", {className(c.modelType)}},
        {"attention_bias", c.qkvBias},
        {"bos_token_id", idOrNull(c.bosId)},
        {"eos_token_id", eos},
        {"head_dim", c.headDim},
        {"hidden_act",
         c.activation == Activation::Silu           ? "silu"
             : c.activation == Activation::GeluTanh ? "gelu_pytorch_tanh"
                                                    : "gelu"},
        {"hidden_size", c.width},
        {"intermediate_size", c.ffn},
        {"max_position_embeddings", c.maxPositions},
        {"mlp_bias", c.mlpBias},
        {"model_type", c.modelType},
        {"num_attention_heads", c.heads},
        {"num_hidden_layers", c.layers},
        {"num_key_value_heads", c.kvHeads},
        {"pad_token_id", idOrNull(c.padId)},
        {"rms_norm_eps", c.rmsEpsilon},
        {"rope_scaling", ropeScaling(c.ropeScaling)},
        {"rope_theta", c.ropeTheta},
        {"tie_word_embeddings", c.tiedEmbeddings},
        {"torch_dtype", dtype},
        {"vocab_size", c.vocabulary},
    };
    if (c.modelType == "mistral" || c.slidingWindow > 0) {
        config["sliding_window"] = c.slidingWindow > 0 ? json(c.slidingWindow) : json(nullptr);
    }
    if (c.modelType == "qwen2") {
        config["use_sliding_window"] = c.slidingWindow > 0;
        config["max_window_layers"] = c.firstWindowLayer;
    }
    return config.dump(2) + "\n";
}

void fillModelFolder(const ModelFiles& files, const std::filesystem::path& directory,
                     const std::string& dtype, const WeightProvider& weights, const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    const at::ScalarType type = storedType(dtype);
    std::vector<TensorSpec> specs;
    for (const TensorView& view : files.weights()) {
        specs.push_back({view.name, fileDType(type), view.shape});
    }
    SafetensorsWriter writer(directory / "model.safetensors", specs);
    double done = 0.0;
    for (const TensorSpec& spec : specs) {
        at::Tensor weight = weights ? weights(spec.name) : at::Tensor();
        if (!weight.defined()) {
            weight = loadWeight(files, spec.name, type);
        }
        const at::Tensor stored = weight.to(at::kCPU, type).contiguous();
        writer.append(stored.const_data_ptr(), stored.nbytes());
        job.checkpoint(++done / static_cast<double>(specs.size()), "Writing the model");
    }
    writer.commit();
    writeFileAtomically(directory / "config.json", configText(files, dtype));
    std::error_code ignored;
    const auto generation = files.path() / "generation_config.json";
    if (!files.isGguf() && std::filesystem::exists(generation, ignored)) {
        std::filesystem::copy_file(generation, directory / generation.filename(),
                                   std::filesystem::copy_options::overwrite_existing);
    }
    try {
        writeTokenizerFiles(files.path(), directory);
    } catch (const Error& e) {
        if (e.kind() != ErrorKind::Io
            || std::filesystem::exists(files.path() / "tokenizer.json", ignored)) {
            throw;
        }
        // A model without a tokenizer stays one.
    }
}

} // namespace pissarro::core

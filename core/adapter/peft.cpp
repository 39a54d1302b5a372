// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/adapter_tensors.h"
#include "core/adapter/rank_pattern.h"
#include "core/base/error.h"
#include "core/base/torch/weights.h"
#include "core/io/intact.h"
#include "core/io/safetensors.h"
#include "core/train/run_spec.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace pissarro::core {

namespace {

using nlohmann::json;
constexpr std::uint64_t kConfigLimit = 16U << 20U;

[[noreturn]] void bad(const std::filesystem::path& file, const std::string& what)
{
    throw Error(ErrorKind::Format, file.string() + ": " + what);
}

json readConfig(const std::filesystem::path& file)
{
    json config =
        json::parse(readWholeFile(file, kConfigLimit), nullptr, /*allow_exceptions=*/false);
    if (!config.is_object()) {
        bad(file, "is not a JSON object (expected a PEFT adapter_config.json)");
    }
    if (config.value("peft_type", json()) != "LORA") {
        bad(file,
            "has peft_type " + config.value("peft_type", json()).dump() + " (expected \"LORA\")");
    }
    if (config.value("use_dora", json(false)) == true) {
        bad(file, "is a DoRA adapter, which is not supported (expected use_dora false)");
    }
    if (config.value("bias", json("none")) != "none") {
        bad(file, "trains biases, which is not supported (expected bias \"none\")");
    }
    if (config.contains("modules_to_save") && !config["modules_to_save"].is_null()
        && !config["modules_to_save"].empty()) {
        bad(file, "has modules_to_save, which is not supported (expected none)");
    }
    return config;
}

// The value of a rank_pattern or alpha_pattern for a module.
std::optional<double> patternValue(const json& patterns, const std::string& module)
{
    if (!patterns.is_object()) {
        return std::nullopt;
    }
    for (const auto& [key, value] : patterns.items()) {
        if (value.is_number() && patternMatches(key, module)) {
            return value.get<double>();
        }
    }
    return std::nullopt;
}

// "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight" -> module and which factor.
std::pair<std::string, char> splitKey(const std::filesystem::path& file, const std::string& key)
{
    constexpr std::string_view prefix = "base_model.model.";
    for (const char factor : {'A', 'B'}) {
        const std::string suffix = std::string(".lora_") + factor + ".weight";
        if (key.rfind(prefix, 0) == 0 && key.size() > prefix.size() + suffix.size()
            && key.compare(key.size() - suffix.size(), suffix.size(), suffix) == 0) {
            return {key.substr(prefix.size(), key.size() - prefix.size() - suffix.size()), factor};
        }
    }
    bad(file,
        "has a tensor " + key.substr(0, 120)
            + " (expected base_model.model.<module>.lora_A.weight or .lora_B.weight)");
}

} // namespace

PeftAdapter readPeftAdapter(const std::filesystem::path& directory, const ModelFiles& files)
{
    const auto configFile = directory / "adapter_config.json";
    const auto tensorFile = directory / "adapter_model.safetensors";
    const json config = readConfig(configFile);
    PeftAdapter result;
    if (!config.value("r", json()).is_number_integer()
        || !config.value("lora_alpha", json()).is_number()) {
        bad(configFile, "has no whole number r or no number lora_alpha");
    }
    result.rank = config["r"].get<std::int64_t>();
    result.alpha = config["lora_alpha"].get<double>();
    result.rslora = config.value("use_rslora", json(false)) == true;
    const json init = config.value("init_lora_weights", json(true));
    result.initLoraWeights = init.is_string() ? init.get<std::string>() : init.dump();

    const auto file = SafetensorsFile::open(tensorFile);
    std::map<std::string, Adapter> byModule;
    for (const TensorView& view : file.tensors()) {
        const auto [module, factor] = splitKey(tensorFile, view.name);
        if (view.shape.size() != 2) {
            bad(tensorFile, view.name + " is not a matrix");
        }
        at::Tensor& target = factor == 'A' ? byModule[module].a_RI : byModule[module].b_OR;
        target = tensorOver(view).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
    }
    requireIntact(file.file()->bytes().data());
    for (const LinearModule& module : files.linearModules()) {
        const auto found = byModule.find(module.name);
        if (found == byModule.end()) {
            continue;
        }
        Adapter& adapter = found->second;
        if (!adapter.a_RI.defined() || !adapter.b_OR.defined()) {
            bad(tensorFile, module.name + " has only one of lora_A and lora_B");
        }
        if (adapter.a_RI.size(1) != module.cols || adapter.b_OR.size(0) != module.rows
            || adapter.b_OR.size(1) != adapter.rank()) {
            bad(tensorFile,
                "the factors of " + module.name + " do not fit its " + std::to_string(module.rows)
                    + " x " + std::to_string(module.cols) + "; is it an adapter of another model?");
        }
        const auto wantedRank = static_cast<std::int64_t>(
            patternValue(config.value("rank_pattern", json()), module.name)
                .value_or(static_cast<double>(result.rank)));
        if (wantedRank != adapter.rank()) {
            bad(tensorFile,
                module.name + " has rank " + std::to_string(adapter.rank()) + " but "
                    + configFile.filename().string() + " says " + std::to_string(wantedRank));
        }
        const double alpha =
            patternValue(config.value("alpha_pattern", json()), module.name).value_or(result.alpha);
        adapter.module = module.name;
        adapter.scale = adapterScale(alpha, adapter.rank(), result.rslora);
        if (!at::isfinite(adapter.a_RI).all().item<bool>()
            || !at::isfinite(adapter.b_OR).all().item<bool>()) {
            bad(tensorFile, "the factors of " + module.name + " hold NaN or Inf");
        }
        result.adapters.push_back(std::move(adapter));
        byModule.erase(found);
    }
    if (!byModule.empty()) {
        bad(tensorFile,
            "names a module that the model lacks: " + byModule.begin()->first.substr(0, 120));
    }
    if (result.adapters.empty()) {
        bad(tensorFile, "holds no adapter");
    }
    return result;
}

namespace {

json describe(const AdapterSet& adapters, const PeftDescription& description)
{
    std::set<std::string> targets;
    json ranks = json::object();
    json alphas = json::object();
    for (const Adapter& adapter : adapters) {
        targets.insert(adapter.module.substr(adapter.module.rfind('.') + 1));
        const double alpha = adapter.scale / adapterScale(1.0, adapter.rank(), description.rslora);
        if (adapter.rank() != description.rank) {
            ranks[adapter.module] = adapter.rank();
        }
        if (std::abs(alpha - description.alpha) > 1e-9 * description.alpha) {
            alphas[adapter.module] = alpha;
        }
    }
    const bool whole = description.alpha == std::floor(description.alpha);
    return {
        {"alpha_pattern", alphas},
        {"base_model_name_or_path", description.baseModel},
        {"bias", "none"},
        {"fan_in_fan_out", false},
        {"inference_mode", true},
        {"init_lora_weights", true},
        {"lora_alpha",
         whole ? json(static_cast<std::int64_t>(description.alpha)) : json(description.alpha)},
        {"lora_dropout", 0.0},
        {"modules_to_save", nullptr},
        {"peft_type", "LORA"},
        {"r", description.rank},
        {"rank_pattern", ranks},
        {"target_modules", targets},
        {"task_type", "CAUSAL_LM"},
        {"use_rslora", description.rslora},
    };
}

std::string modelCard(const PeftDescription& description)
{
    const std::string rank = std::to_string(description.rank);
    return "---\nbase_model: " + description.baseModel
        + "\nlibrary_name: peft\ntags:\n- lora\n- pissa\n---\n\n# LoRA adapter\n\nMade by "
          "Pissarro. Rank "
        + rank
        + ". Load it on the base that it was made for:\n\n```python\nfrom peft import PeftModel\n"
          "from transformers import AutoModelForCausalLM\n\nbase = "
          "AutoModelForCausalLM.from_pretrained(\""
        + description.baseModel
        + "\")\nmodel = PeftModel.from_pretrained(base, \"this folder\")\n```\n";
}

} // namespace

void writePeftAdapter(const std::filesystem::path& directory, const AdapterSet& adapters,
                      const PeftDescription& description)
{
    std::filesystem::create_directories(directory);
    std::vector<TensorSpec> specs;
    std::vector<at::Tensor> tensors;
    for (const Adapter& adapter : adapters) {
        for (const char factor : {'A', 'B'}) {
            const at::Tensor value =
                (factor == 'A' ? adapter.a_RI : adapter.b_OR).detach().to(at::kCPU).contiguous();
            specs.push_back({"base_model.model." + adapter.module + ".lora_" + factor + ".weight",
                             fileDType(value.scalar_type()), value.sizes().vec()});
            tensors.push_back(value);
        }
    }
    SafetensorsWriter writer(directory / "adapter_model.safetensors", std::move(specs));
    for (const at::Tensor& tensor : tensors) {
        writer.append(tensor.const_data_ptr(), tensor.nbytes());
    }
    writer.commit();
    writeFileAtomically(directory / "README.md", modelCard(description));
    writeFileAtomically(directory / "adapter_config.json",
                        describe(adapters, description).dump(2) + "\n");
}

} // namespace pissarro::core

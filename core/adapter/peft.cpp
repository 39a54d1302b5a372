// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/intact.h"
#include "core/format/peft_config.h"
#include "core/format/safetensors.h"
#include "core/model/base_files.h"
#include "core/model/provenance.h"
#include "core/model/rank_pattern.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/text/escaped_text.h"
#include "core/text/message_text.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace pissarro::core::inline adapter {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uint64_t kConfigLimit = 16U << 20U;
constexpr std::string_view kPrefix = "base_model.model.";
constexpr const char* kMerge = "; merge it with PEFT's merge_and_unload and open that model";

[[noreturn]] void bad(const fs::path& file, const std::string& what)
{
    throw Error(ErrorKind::Format, fmt::format("{}: {}", file.string(), what));
}

PeftConfig readConfig(const fs::path& file)
{
    try {
        return peftConfigFromJson(readWholeFile(file, kConfigLimit), peftForms());
    } catch (const Error& e) {
        throw e.kind() == ErrorKind::Io ? e : e.within(file.string());
    }
}

// "A and B", "A or B" of the names of a kind's tensors, each made by `text`.
template <class Text>
std::string listedTensors(const AdapterKind& kind, const char* word, const Text& text)
{
    std::string list;
    for (const AdapterTensor& tensor : kind.tensors) {
        list += list.empty() ? text(tensor) : fmt::format(" {} {}", word, text(tensor));
    }
    return list;
}

// "base_model.model.<module>.lora_A.weight or .lora_B.weight"
std::string expectedTensors(const AdapterKind& kind)
{
    return listedTensors(kind, "or", [&](const AdapterTensor& tensor) {
        const std::string whole = peftName("<module>", tensor);
        return &tensor == kind.tensors.data() ? whole : whole.substr(whole.find('>') + 1);
    });
}

// The embedding or the head, of the tensor `key` that ends with `suffix`; empty: of neither.
std::string_view endOfModel(std::string_view key, std::string_view suffix)
{
    if (!key.ends_with(suffix)) {
        return {};
    }
    key.remove_suffix(suffix.size());
    const std::string_view last = key.substr(key.rfind('.') + 1);
    return last == "lm_head"     ? "the head"
        : last == "embed_tokens" ? "the embedding"
                                 : std::string_view();
}

// Why a tensor of this name is none of the kind's.
std::string strangeTensor(const AdapterKind& kind, const std::string& key)
{
    const std::string name = shownText(key, 120);
    if (key.find(".lora_embedding_") != std::string::npos) {
        return fmt::format("has {}: it adapts the embedding, which is not supported{}", name,
                           kMerge);
    }
    if (const auto end = endOfModel(key, ".base_layer.weight"); !end.empty()) {
        return fmt::format("has {}: it adapts {}, which is not supported{}", name, end, kMerge);
    }
    if (const auto end = endOfModel(key, ".weight"); !end.empty()) {
        return fmt::format("has {}: it has weights of its own for {}, as PEFT saves them where "
                           "embedding or head are adapted or trained, which is not supported{}",
                           name, end, kMerge);
    }
    if (key.ends_with(".bias")) {
        return fmt::format("has {}: it trained biases beside its factors, which is not supported{}",
                           name, kMerge);
    }
    for (const AdapterTensor& tensor : kind.tensors) {
        const std::string infix = fmt::format(".{}.", tensor.name);
        const std::size_t at = key.find(infix);
        if (at != std::string::npos && key.ends_with(".weight")
            && key.size() > at + infix.size() + std::strlen(".weight")) {
            return fmt::format(
                "has {}, a name with the adapter's own in it, as training states have "
                "it (expected {}); save it with PEFT's save_pretrained",
                name, expectedTensors(kind));
        }
    }
    return fmt::format("has a tensor {} (expected {})", name, expectedTensors(kind));
}

// "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight" -> module and which of its tensors.
std::pair<std::string, const AdapterTensor*> splitKey(const AdapterKind& kind, const fs::path& file,
                                                      const std::string& key)
{
    for (const AdapterTensor& tensor : kind.tensors) {
        const std::string suffix = peftName("", tensor).substr(kPrefix.size());
        if (!key.starts_with(kPrefix) || !key.ends_with(suffix)
            || key.size() <= kPrefix.size() + suffix.size()) {
            continue;
        }
        if (std::string_view(key).substr(kPrefix.size()).starts_with(kPrefix)) {
            bad(file,
                fmt::format(
                    "has names with the prefix base_model.model. twice, {} among them: a PEFT "
                    "model was wrapped again; save the adapter of the inner model, or take "
                    "one prefix off each name",
                    shownText(key, 100)));
        }
        return {key.substr(kPrefix.size(), key.size() - kPrefix.size() - suffix.size()), &tensor};
    }
    bad(file, strangeTensor(kind, key));
}

fs::path tensorFileOf(const fs::path& directory)
{
    fs::path file = directory / kAdapterTensorsFile;
    std::error_code ignored;
    for (const char* pickle : {"adapter_model.bin", "adapter_model.pt"}) {
        if (!fs::exists(file, ignored) && fs::exists(directory / pickle, ignored)) {
            bad(directory / pickle,
                "is a Python pickle, which can run code when it is read and is therefore not read "
                "(expected adapter_model.safetensors); load it with PEFT and save it with "
                "save_pretrained");
        }
    }
    return file;
}

struct StoredTensors {
    std::map<std::string, Adapter> byModule;
    SavedWeights saved;
};

StoredTensors readTensors(const AdapterKind& kind, const fs::path& path, const PeftConfig& config,
                          const ModelFiles& files)
{
    const std::vector<std::string> modules =
        config.modulesToSave.empty() ? std::vector<std::string>() : savedModulesOf(files);
    const bool isHeadless = files.config().head.kind != HeadKind::Sequence;
    const auto file = SafetensorsFile::open(path);
    StoredTensors stored;
    std::map<std::string, Adapter>& byModule = stored.byModule;
    for (const TensorView& view : file.tensors()) {
        if (auto name = savedName(view.name, modules)) {
            stored.saved.emplace(
                std::move(*name),
                tensorOver(view).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true));
            continue;
        }
        if (isHeadless && isSavedKey(view.name, config.modulesToSave)) {
            continue; // of a head that this model was not given: who looks at factors alone
        }
        const auto [module, tensor] = splitKey(kind, path, view.name);
        if (view.shape.size() != tensor->shape(0, 0, 0).size()) {
            bad(path,
                view.name
                    + (tensor->shape(0, 0, 0).size() == 2 ? " is not a matrix"
                                                          : " is not one number a row"));
        }
        Adapter& adapter = byModule[module];
        adapter.kind = &kind;
        adapter.*tensor->value =
            tensorOver(view).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
    }
    requireIntact(file.file()->bytes().data());
    return stored;
}

void checkFactors(const fs::path& file, const LinearModule& module, const Adapter& adapter,
                  std::int64_t wantedRank)
{
    const auto some = [&](const auto& is) {
        const std::vector<AdapterTensor>& all = adapter.kind->tensors;
        return std::any_of(all.begin(), all.end(), [&](const AdapterTensor& tensor) {
            return is(tensor, adapter.*tensor.value);
        });
    };
    if (some([](const auto& /*tensor*/, const at::Tensor& value) { return !value.defined(); })) {
        bad(file,
            fmt::format("{} has only one of {}", module.name,
                        listedTensors(*adapter.kind, "and", [](const AdapterTensor& tensor) {
                            return std::string(tensor.name);
                        })));
    }
    if (some([&](const AdapterTensor& tensor, const at::Tensor& value) {
            return value.sizes() != tensor.shape(module.rows, module.cols, adapter.rank());
        })) {
        bad(file,
            fmt::format("the factors of {} do not fit its {} x {}; is it an adapter of another "
                        "model?",
                        module.name, module.rows, module.cols));
    }
    if (wantedRank != adapter.rank()) {
        bad(file,
            fmt::format("{} has rank {} but adapter_config.json says {}", module.name,
                        adapter.rank(), wantedRank));
    }
    if (some([](const auto& /*tensor*/, const at::Tensor& value) {
            return !at::isfinite(value).all().item<bool>();
        })) {
        bad(file, fmt::format("the factors of {} hold NaN or Inf", module.name));
    }
}

// Modules of a kind with the first one's name, for a warning.
class Listed {
public:
    void add(const std::string& module) { m_first = m_count++ == 0 ? module : m_first; }
    std::int64_t count() const { return m_count; }
    std::string text() const
    {
        return m_count == 1 ? fmt::format("1 module ({})", m_first)
                            : fmt::format("{} modules ({} the first)", m_count, m_first);
    }

private:
    std::int64_t m_count = 0;
    std::string m_first;
};

void warnOfConfig(const PeftConfig& config, const std::function<void(const std::string&)>& say)
{
    for (const std::string& warning : config.warnings) {
        say(warning);
    }
    if (config.bias != "none") { // readTensors() took no bias
        say(fmt::format("has bias {}, and the file holds none: those of the base act, as in PEFT",
                        config.bias));
    }
}

void warnOfBase(const PeftConfig& config, const ModelFiles& files,
                const std::function<void(const std::string&)>& say)
{
    const auto source = sourceModelOf(files.path());
    if (!namesModel(config.baseModel, files.path(), files.displayName())
        && !(source && namesModel(config.baseModel, *source, source->filename().string()))) {
        say(fmt::format("is made for {} and put on {}, another model by its name",
                        shownText(config.baseModel), shownPath(files.path())));
    }
}

void warnOfLists(const Listed& absent, const Listed& strange,
                 const std::function<void(const std::string&)>& say)
{
    if (absent.count() > 0) {
        say(fmt::format("names {} without factors in the file; they stay as the base has them",
                        absent.text()));
    }
    if (strange.count() > 0) {
        say(fmt::format(
            "does not name {} with factors in the file; they are left out, as PEFT does",
            strange.text()));
    }
}

// Factors that no matrix of the model took, and a file whose factors all were left out, `strange` of them.
void refuseWhatIsNotTaken(const fs::path& tensorFile, const ModelFiles& files,
                          const std::map<std::string, Adapter>& notTaken, bool noneIsTaken,
                          std::int64_t strange)
{
    if (!notTaken.empty()) {
        const std::string& module = notTaken.begin()->first;
        bad(tensorFile,
            files.find(module + ".weight") != nullptr
                ? fmt::format("adapts {}, which is no matrix inside the layers: not supported{}",
                              module, kMerge)
                : fmt::format("names a module that the model lacks: {}", shownText(module, 120)));
    }
    if (noneIsTaken) {
        bad(tensorFile,
            strange > 0 ? "has factors of modules alone that target_modules does not name"
                        : "holds no adapter");
    }
}

} // namespace

PeftAdapter readPeftAdapter(const fs::path& directory, const ModelFiles& files, const Warn& warn)
{
    const fs::path configFile = directory / kAdapterConfigFile;
    const PeftConfig config = readConfig(configFile);
    const fs::path tensorFile = tensorFileOf(directory);
    const auto say = [&](const std::string& text) {
        if (warn) {
            warn(fmt::format("{}: {}", configFile.string(), text));
        }
    };
    PeftAdapter result {{},
                        config.initLoraWeights,
                        config.rank,
                        config.alpha,
                        config.rslora,
                        config.dropout,
                        config.takenStart};
    const auto ofConfig = [&](const auto& ask) { // an expression without an end is the file's fault
        try {
            return ask();
        } catch (const Error& e) {
            throw e.within(configFile.string());
        }
    };
    StoredTensors stored =
        readTensors(*allAdapterKinds().at(config.form), tensorFile, config, files);
    std::map<std::string, Adapter>& byModule = stored.byModule;
    checkSaved(tensorFile, stored.saved, files);
    result.saved = std::move(stored.saved);
    Listed absent;
    Listed strange;
    for (const LinearModule& module : files.linearModules()) {
        const auto found = byModule.find(module.name);
        const bool wanted = ofConfig([&] { return config.targets(module.name); });
        if (found == byModule.end()) {
            if (wanted && config.namesTargets()) {
                absent.add(module.name);
            }
            continue;
        }
        Adapter adapter = std::move(found->second);
        byModule.erase(found);
        if (!wanted) {
            strange.add(module.name);
            continue;
        }
        const std::int64_t rank = ofConfig([&] { return config.rankOf(module.name); });
        const double alpha = ofConfig([&] { return config.alphaOf(module.name); });
        checkFactors(tensorFile, module, adapter, rank);
        adapter.module = module.name;
        adapter.scale = adapterScale(alpha, rank, config.rslora);
        result.adapters.push_back(std::move(adapter));
    }
    refuseWhatIsNotTaken(tensorFile, files, byModule, result.adapters.empty(), strange.count());
    warnOfConfig(config, say);
    warnOfLists(absent, strange, say);
    warnOfBase(config, files, say);
    return result;
}

namespace {

// The types that the adapters sit on; where a module without one ends like a type, its modules in full, or PEFT would put
// fresh adapters on the others.
std::set<std::string> targetsOf(const AdapterSet& adapters, const ModelFiles* files)
{
    std::map<std::string, std::string> types; // by module
    std::set<std::string> adapted;
    for (const Adapter& adapter : adapters) {
        types.emplace(adapter.module, adapter.module.substr(adapter.module.rfind('.') + 1));
        adapted.insert(adapter.module);
    }
    std::map<std::string, bool> isWhole; // of a type
    if (files != nullptr) {
        for (const LinearModule& module : files->linearModules()) {
            types[module.name] = module.type;
            isWhole.emplace(module.type, true);
        }
        for (const LinearModule& module : files->linearModules()) {
            for (auto& [type, whole] : isWhole) {
                const bool ends = module.name.ends_with(fmt::format(".{}", type));
                whole = whole && (!ends || adapted.contains(module.name));
            }
        }
    }
    std::set<std::string> targets;
    for (const std::string& module : adapted) {
        const std::string& type = types.at(module);
        const auto found = isWhole.find(type);
        targets.insert(found == isWhole.end() || found->second ? type : module);
    }
    return targets;
}

json describe(const AdapterSet& adapters, const PeftDescription& description)
{
    json ranks = json::object();
    json alphas = json::object();
    for (const Adapter& adapter : adapters) {
        const double alpha = adapter.scale / adapterScale(1.0, adapter.rank(), description.rslora);
        if (adapter.rank() != description.rank) {
            ranks[adapter.module] = adapter.rank();
        }
        if (std::abs(alpha - description.alpha) > 1e-9 * description.alpha) {
            alphas[adapter.module] = alpha;
        }
    }
    const bool isInteger = description.alpha == std::floor(description.alpha);
    const std::vector<std::string> whole = savedEnds(description.saved);
    json config {
        {"alpha_pattern", alphas},
        {"base_model_name_or_path", description.baseModel},
        {"bias", "none"},
        {"fan_in_fan_out", false},
        {"inference_mode", true},
        {"init_lora_weights", true},
        {"lora_alpha",
         isInteger ? json(static_cast<std::int64_t>(description.alpha)) : json(description.alpha)},
        {"lora_dropout", description.dropout},
        {"modules_to_save", whole.empty() ? json(nullptr) : json(whole)},
        {"r", description.rank},
        {"rank_pattern", ranks},
        {"target_modules", targetsOf(adapters, description.files)},
        {"task_type", description.saved.empty() ? "CAUSAL_LM" : "SEQ_CLS"},
        {"use_rslora", description.rslora},
    };
    const PeftForm& form =
        (adapters.empty() ? allAdapterKinds().front() : adapters.front().kind)->form;
    config["peft_type"] = form.type;
    for (const char* key : form.keys) {
        config[key] = true;
    }
    return config;
}

// ", num_labels=3" of a head that the adapter brings along.
std::string labelsText(const PeftDescription& description)
{
    return description.files == nullptr || description.saved.empty()
        ? std::string()
        : fmt::format(", num_labels={}", description.files->config().outputs());
}

std::string modelCard(const PeftDescription& description)
{
    const std::string base = quotedText(description.baseModel); // a path or a name from a file
    const bool isFourBit = description.files != nullptr && description.files->isFourBit();
    return fmt::format(
        "---\nbase_model: {0}\nlibrary_name: peft\ntags:\n- lora\n- pissa\n---\n\n# LoRA "
        "adapter\n\nMade by Pissarro. Rank {1}. Load it on the base that it was made for:\n\n"
        "```python\nfrom peft import PeftModel\nfrom transformers import {3}\n\n"
        "base = {3}.from_pretrained({0}{4})\n"
        "model = PeftModel.from_pretrained(base, \"this folder\")\n```\n{2}",
        base, description.rank,
        isFourBit
            ? "\nThat base is in four bits, and the adapter belongs to it: on the model that it "
              "was made from it gives other results. Keep both.\n"
            : "",
        description.saved.empty() ? "AutoModelForCausalLM" : "AutoModelForSequenceClassification",
        labelsText(description));
}

} // namespace

void writePeftAdapter(const std::filesystem::path& directory, const AdapterSet& adapters,
                      const PeftDescription& description)
{
    std::filesystem::create_directories(directory);
    std::vector<TensorSpec> specs;
    std::vector<at::Tensor> tensors;
    for (const Adapter& adapter : adapters) {
        for (const AdapterTensor& tensor : adapter.kind->tensors) {
            const at::Tensor value = (adapter.*tensor.value).detach().to(at::kCPU).contiguous();
            specs.push_back({peftName(adapter.module, tensor), fileDType(value.scalar_type()),
                             value.sizes().vec()});
            tensors.push_back(value);
        }
    }
    for (const auto& [name, weight] : description.saved) {
        const at::Tensor value = weight.detach().to(at::kCPU).contiguous();
        specs.push_back({savedKey(name), fileDType(value.scalar_type()), value.sizes().vec()});
        tensors.push_back(value);
    }
    SafetensorsWriter writer(directory / kAdapterTensorsFile, std::move(specs));
    for (const at::Tensor& tensor : tensors) {
        const auto bytes = hostBytes(tensor);
        writer.append(bytes.data(), bytes.size());
    }
    writer.commit();
    writeFileAtomically(directory / "README.md", modelCard(description));
    writeFileAtomically(directory / kAdapterConfigFile,
                        describe(adapters, description).dump(2) + "\n");
}

} // namespace pissarro::core::inline adapter

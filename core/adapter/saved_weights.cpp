// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/saved_weights_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/model/base_files.h"
#include "core/model/plan/layer_plan.h"
#include "core/text/message_text.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

namespace pissarro::core::inline adapter {

namespace {

constexpr std::string_view kPrefix = "base_model.model.";
// As transformers' training states have it, which save_pretrained takes off.
constexpr std::string_view kWrapped = ".modules_to_save.default";

[[noreturn]] void bad(const std::filesystem::path& file, const std::string& what)
{
    throw Error(ErrorKind::Format, fmt::format("{}: {}", shownPath(file), what));
}

} // namespace

std::vector<std::string> savedModulesOf(const ModelFiles& files)
{
    std::vector<std::string> modules = savedModules(files.config());
    for (const std::string& drawn : files.drawnModules()) {
        if (std::find(modules.begin(), modules.end(), drawn) == modules.end()) {
            modules.push_back(drawn);
        }
    }
    return modules;
}

std::optional<std::string> savedName(std::string_view key, const std::vector<std::string>& modules)
{
    if (!key.starts_with(kPrefix)) {
        return std::nullopt;
    }
    std::string name(key.substr(kPrefix.size()));
    if (const std::size_t wrapped = name.find(kWrapped); wrapped != std::string::npos) {
        name.erase(wrapped, kWrapped.size());
    }
    const std::size_t dot = name.rfind('.');
    const std::string module = name.substr(0, dot);
    const std::string ending = dot == std::string::npos ? std::string() : name.substr(dot + 1);
    const bool known = std::find(modules.begin(), modules.end(), module) != modules.end();
    return known && (ending == "weight" || ending == "bias") ? std::optional(name) : std::nullopt;
}

bool isSavedKey(std::string_view key, const std::vector<std::string>& ends)
{
    return key.find(".lora_") == std::string_view::npos
        && (key.ends_with(".weight") || key.ends_with(".bias"))
        && std::any_of(ends.begin(), ends.end(), [&](const std::string& end) {
               return key.find(fmt::format("{}.", end)) != std::string_view::npos;
           });
}

std::string savedKey(const std::string& weight)
{
    return fmt::format("{}{}", kPrefix, weight);
}

std::vector<std::string> savedEnds(const SavedWeights& saved)
{
    std::set<std::string> ends;
    for (const auto& [name, value] : saved) {
        std::string module = name.substr(0, name.rfind('.'));
        if (const std::size_t dot = module.rfind('.'); dot != std::string::npos) {
            module.resize(dot);
        }
        ends.insert(module.substr(module.rfind('.') + 1));
    }
    return {ends.begin(), ends.end()};
}

void checkSaved(const std::filesystem::path& file, const SavedWeights& saved,
                const ModelFiles& files)
{
    for (const auto& [name, value] : saved) {
        const TensorView* const own = files.find(name);
        if (own == nullptr || value.sizes() != at::IntArrayRef(own->shape)) {
            bad(file,
                fmt::format("{} has the shape {} (expected {}); is it an adapter of another model?",
                            shownText(name), shownShape(value.sizes().vec()),
                            own == nullptr ? std::string("none") : shownShape(own->shape)));
        }
        if (!at::isfinite(value).all().item<bool>()) {
            bad(file, fmt::format("{} holds NaN or Inf", shownText(name)));
        }
    }
    for (const std::string& module : files.drawnModules()) {
        const std::string weight = fmt::format("{}.weight", module);
        if (!saved.empty() && !saved.contains(weight)) {
            bad(file,
                fmt::format("lacks {}, which the model does not have either (expected the whole "
                            "head, as PEFT saves it where modules_to_save names it)",
                            weight));
        }
    }
}

NewHead headOfAdapter(const std::filesystem::path& directory)
{
    NewHead head;
    if (!holdsAdapter(directory)) {
        return head;
    }
    const std::filesystem::path path = directory / kAdapterTensorsFile;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return head; // told of by whoever reads it
    }
    const SafetensorsFile file = SafetensorsFile::open(path);
    for (const TensorView& view : file.tensors()) {
        const auto name = savedName(view.name, {"classifier", "classifier.out_proj"});
        if (name && name->ends_with(".weight") && view.shape.size() == 2) {
            head.labels = view.shape[0];
        }
    }
    return head;
}

} // namespace pissarro::core::inline adapter

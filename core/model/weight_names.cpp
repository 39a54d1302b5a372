// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weight_names.h"

#include "core/base/fmt.h"
#include "core/model/plan/layer_plan.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

namespace pissarro::core::inline model {

namespace {

struct Prefix {
    std::string_view text; // before the text model's parts
    std::string_view head; // before its head
};
// LLaVA's and Gemma 3's published form; transformers 5; Idefics 3 and SmolVLM.
constexpr std::array kTextModels {
    Prefix {"language_model.model.", "language_model.lm_head."},
    Prefix {"model.language_model.", "lm_head."},
    Prefix {"model.language_model.model.", "model.language_model.lm_head."},
    Prefix {"model.text_model.", "lm_head."},
    Prefix {"language_model.", "lm_head."},
};

bool holds(const std::vector<TensorView>& weights, std::string_view prefix,
           const ModuleNames& names)
{
    const std::string name = fmt::format("{}{}.weight", prefix, names.embedding);
    return std::any_of(weights.begin(), weights.end(),
                       [&](const TensorView& weight) { return weight.name == name; });
}

// Of the module or of one below it.
bool isOf(std::string_view name, std::string_view module)
{
    return !module.empty() && name.size() > module.size() && name.starts_with(module)
        && name[module.size()] == '.';
}

bool isUnread(std::string_view name, const ModuleNames& names)
{
    return std::any_of(names.unread.begin(), names.unread.end(),
                       [&](const std::string& module) { return isOf(name, module); });
}

// As the first files of these models have it: TensorFlow's names of a norm's weight and bias.
void renameNorms(std::vector<TensorView>& weights)
{
    constexpr std::string_view kWeight = ".LayerNorm.gamma";
    constexpr std::string_view kBias = ".LayerNorm.beta";
    for (TensorView& weight : weights) {
        if (weight.name.ends_with(kWeight)) {
            weight.name.replace(weight.name.size() - 5, 5, "weight");
        } else if (weight.name.ends_with(kBias)) {
            weight.name.replace(weight.name.size() - 4, 4, "bias");
        }
    }
}

// Of modules that some files name otherwise, where ours is not there too.
void takeAliases(std::vector<TensorView>& weights, const ModuleNames& names)
{
    std::set<std::string, std::less<>> there;
    for (const TensorView& weight : weights) {
        there.insert(weight.name);
    }
    for (const auto& [theirs, ours] : names.aliases) {
        for (const char* const ending : {"weight", "bias"}) {
            const std::string from = fmt::format("{}.{}", theirs, ending);
            const std::string to = fmt::format("{}.{}", ours, ending);
            for (TensorView& weight : weights) {
                if (weight.name == from && !there.contains(to)) {
                    weight.name = to;
                }
            }
        }
    }
}

// Those that the model asks for under its base, of a model that was saved without it.
void putBelowBase(std::vector<TensorView>& weights, const ModelConfig& config,
                  const std::string& base)
{
    std::set<std::string, std::less<>> expected;
    for (const ExpectedWeight& weight : expectedWeights(config)) {
        expected.insert(weight.name);
    }
    for (TensorView& weight : weights) {
        const std::string below = base + weight.name;
        if (!expected.contains(weight.name)
            && (expected.contains(below) || isOf(weight.name, config.names.layers)
                || isUnread(below, config.names))) {
            weight.name = below;
        }
    }
}

void dropCompiled(std::vector<TensorView>& weights)
{
    constexpr std::string_view kCompiled = "_orig_mod.";
    if (std::all_of(weights.begin(), weights.end(),
                    [&](const TensorView& weight) { return weight.name.starts_with(kCompiled); })) {
        for (TensorView& weight : weights) {
            weight.name.erase(0, kCompiled.size());
        }
    }
}

// The text model alone, under its own names.
std::vector<std::string> takeTextModel(std::vector<TensorView>& weights, const Prefix& prefix,
                                       const ModuleNames& names)
{
    const std::string base = fmt::format("{}.", names.base);
    const std::string head = fmt::format("{}.", names.head);
    std::vector<TensorView> kept;
    std::vector<std::string> dropped;
    for (TensorView& weight : weights) {
        if (weight.name.starts_with(prefix.text)) {
            weight.name.replace(0, prefix.text.size(), base);
        } else if (weight.name.starts_with(prefix.head)) {
            weight.name.replace(0, prefix.head.size(), head);
        } else {
            dropped.push_back(weight.name);
            continue;
        }
        kept.push_back(std::move(weight));
    }
    weights = std::move(kept);
    if (dropped.empty()) {
        return {};
    }
    return {fmt::format("only the text model of the folder is used; not {}", someOf(dropped))};
}

} // namespace

std::vector<std::string> mendNames(std::vector<TensorView>& weights, const ModelConfig& config)
{
    const ModuleNames& names = config.names;
    dropCompiled(weights);
    if (config.bidirectional) {
        renameNorms(weights);
        takeAliases(weights, names);
    }
    for (TensorView& weight : weights) {
        if (config.head.kind == HeadKind::Next && isOf(weight.name, "lm_head")) {
            weight.name.replace(0, std::string_view("lm_head").size(), names.head);
        }
    }
    const std::string base = fmt::format("{}.", names.base);
    if (holds(weights, base, names)) {
        return {};
    }
    for (const Prefix& prefix : kTextModels) {
        if (holds(weights, prefix.text, names)) {
            return takeTextModel(weights, prefix, names);
        }
    }
    if (config.bidirectional && holds(weights, "", names)) {
        putBelowBase(weights, config, base);
    } else if (holds(weights, "", names)) {
        for (TensorView& weight : weights) {
            if (isOf(weight.name, names.layers) || isOf(weight.name, names.embedding)
                || isOf(weight.name, names.positions) || isOf(weight.name, names.norm)) {
                weight.name.insert(0, base);
            }
        }
    }
    return {};
}

bool isBuffer(const TensorView& weight)
{
    constexpr std::array<std::string_view, 12> kEndings {
        "rotary_emb.inv_freq",
        "rotary_emb.cos_cached",
        "rotary_emb.sin_cached",
        ".masked_bias",
        ".attn.bias",
        ".attention.bias",
        "position_ids",
        // of FP8: what activations and caches are scaled by
        ".input_scale",
        ".activation_scale",
        ".k_scale",
        ".v_scale",
        ".output_scale",
    };
    return std::any_of(kEndings.begin(), kEndings.end(),
                       [&](std::string_view ending) { return weight.name.ends_with(ending); })
        || (weight.name.ends_with(".bias") && weight.shape.size() == 4); // a causal mask
}

bool isBesideDecoder(std::string_view name, const ModuleNames& names)
{
    return isUnread(name, names) || (!isOf(name, names.base) && !isOf(name, names.head));
}

std::string someOf(const std::vector<std::string>& names)
{
    return names.size() == 1
        ? shownText(names.front(), 60)
        : fmt::format("{} and {} more", shownText(names.front(), 60), names.size() - 1);
}

} // namespace pissarro::core::inline model

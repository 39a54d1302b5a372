// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weight_names.h"

#include "core/base/fmt.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace pissarro::core::inline model {

namespace {

constexpr std::string_view kModel = "model.";

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

bool holds(const std::vector<TensorView>& weights, std::string_view prefix)
{
    const std::string name = fmt::format("{}embed_tokens.weight", prefix);
    return std::any_of(weights.begin(), weights.end(),
                       [&](const TensorView& weight) { return weight.name == name; });
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
std::vector<std::string> takeTextModel(std::vector<TensorView>& weights, const Prefix& prefix)
{
    std::vector<TensorView> kept;
    std::vector<std::string> dropped;
    for (TensorView& weight : weights) {
        if (weight.name.starts_with(prefix.text)) {
            weight.name.replace(0, prefix.text.size(), kModel);
        } else if (weight.name.starts_with(prefix.head)) {
            weight.name.replace(0, prefix.head.size(), "lm_head.");
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

std::vector<std::string> mendNames(std::vector<TensorView>& weights)
{
    dropCompiled(weights);
    if (holds(weights, kModel)) {
        return {};
    }
    for (const Prefix& prefix : kTextModels) {
        if (holds(weights, prefix.text)) {
            return takeTextModel(weights, prefix);
        }
    }
    if (holds(weights, "")) {
        for (TensorView& weight : weights) {
            if (weight.name.starts_with("layers.") || weight.name.starts_with("embed_tokens.")
                || weight.name.starts_with("norm.")) {
                weight.name.insert(0, kModel);
            }
        }
    }
    return {};
}

bool isBuffer(std::string_view name)
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
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

bool isBesideDecoder(std::string_view name)
{
    return !name.starts_with(kModel) && !name.starts_with("lm_head.");
}

std::string someOf(const std::vector<std::string>& names)
{
    return names.size() == 1
        ? shownText(names.front(), 60)
        : fmt::format("{} and {} more", shownText(names.front(), 60), names.size() - 1);
}

} // namespace pissarro::core::inline model

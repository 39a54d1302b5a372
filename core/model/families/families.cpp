// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/model/families/family.h"
#include "core/model/plan/layer_plan.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <numeric>

namespace pissarro::core::inline model::inline families {

extern const Family kLlama, kMistral, kGemma, kGemma2, kGemma3, kQwen2, kQwen3, kPhi3, kOlmo,
    kOlmo2, kGranite, kSmolLm3, kStableLm, kStarcoder2, kPhi, kGpt2, kGptNeoX, kFalcon, kGlm4,
    kCohere, kCohere2, kMixtral, kQwen2Moe, kQwen3Moe, kDeepSeek, kDeepSeekV2, kDeepSeekV3, kBert,
    kRoberta, kDistilBert, kDebertaV2; // each in its file

namespace {

std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t {0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t other = std::min(row[j], row[j + 1]) + 1;
            const std::size_t same = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min(other, same);
        }
    }
    return row.back();
}

// "gemma3_text": "gemma".
std::string_view stemOf(std::string_view name)
{
    const auto end = std::find_if(name.begin(), name.end(),
                                  [](unsigned char c) { return std::isalpha(c) == 0; });
    return name.substr(0, static_cast<std::size_t>(end - name.begin()));
}

bool someAreDense(const ModelConfig& config)
{
    bool some = false;
    for (std::int64_t layer = 0; layer < config.layers && !some; ++layer) {
        some = !config.hasExperts(layer);
    }
    return some;
}

// One tensor holds the same matrix of every expert of a layer: "*" for the expert's number too.
void addExperts(const ModelConfig& config, std::vector<GgufName>& names)
{
    if (config.mixture.experts == 0) {
        return;
    }
    const ModuleNames& n = config.names;
    const auto add = [&](const char* theirs, const std::string& ours) {
        names.push_back(
            {fmt::format("blk.*.{}", theirs), fmt::format("{}*.{}", layersPrefix(config), ours)});
    };
    add("ffn_gate_inp", n.mixture.router);
    add("ffn_gate_exps", fmt::format("{}.*.{}", n.mixture.experts, n.mixture.gate));
    add("ffn_up_exps", fmt::format("{}.*.{}", n.mixture.experts, n.mixture.up));
    add("ffn_down_exps", fmt::format("{}.*.{}", n.mixture.experts, n.mixture.down));
    if (config.mixture.sharedFfn > 0) {
        add("ffn_gate_shexp", fmt::format("{}.gate_proj", n.mixture.shared));
        add("ffn_up_shexp", fmt::format("{}.up_proj", n.mixture.shared));
        add("ffn_down_shexp", fmt::format("{}.down_proj", n.mixture.shared));
    }
    if (config.mixture.sharedGate) {
        add("ffn_gate_inp_shexp", n.mixture.sharedGate);
    }
}

} // namespace

const std::vector<const Family*>& allFamilies()
{
    static const std::vector<const Family*> all {
        &kLlama,   &kMistral,    &kGemma,     &kGemma2,   &kGemma3,     &kQwen2,      &kQwen3,
        &kPhi3,    &kOlmo,       &kOlmo2,     &kGranite,  &kSmolLm3,    &kStableLm,   &kStarcoder2,
        &kPhi,     &kGpt2,       &kGptNeoX,   &kFalcon,   &kGlm4,       &kCohere,     &kCohere2,
        &kMixtral, &kQwen2Moe,   &kQwen3Moe,  &kDeepSeek, &kDeepSeekV2, &kDeepSeekV3, &kBert,
        &kRoberta, &kDistilBert, &kDebertaV2,
    };
    return all;
}

const Family& familyOf(std::string_view modelType)
{
    for (const Family* family : allFamilies()) {
        if (family->modelType == modelType) {
            return *family;
        }
    }
    throw Error(ErrorKind::Internal, "there is no family " + shownText(modelType));
}

std::vector<const Family*> familiesNear(std::string_view modelType)
{
    constexpr std::size_t kMost = 3;
    const std::string_view stem = stemOf(modelType);
    std::vector<std::pair<std::size_t, const Family*>> near;
    for (const Family* family : allFamilies()) {
        const std::string_view theirs = stemOf(family->modelType);
        const bool kin = !stem.empty() && (theirs.starts_with(stem) || stem.starts_with(theirs));
        const std::size_t distance = editDistance(modelType.substr(0, 64), family->modelType);
        if (kin || distance <= 2) {
            near.emplace_back(distance, family);
        }
    }
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<const Family*> best;
    for (const auto& [distance, family] : near) {
        if (best.size() < kMost) {
            best.push_back(family);
        }
    }
    return best;
}

std::vector<GgufName> ggufNamesOf(const ModelConfig& config)
{
    const ModuleNames& n = config.names;
    const std::array<std::pair<const char*, const std::string*>, 13> inLayers {{
        {"attn_norm", &n.before},
        {n.key.empty() ? "attn_qkv" : "attn_q", &n.query},
        {"attn_k", &n.key},
        {"attn_v", &n.value},
        {"attn_output", &n.output},
        {"post_attention_norm", &n.afterAttention},
        {"ffn_norm", &n.middle},
        {n.up.empty() ? "ffn_up" : "ffn_gate", &n.gate},
        {"ffn_up", &n.up},
        {"ffn_down", &n.down},
        {"post_ffw_norm", &n.afterFeed},
        {"attn_q_norm", &n.queryNorm},
        {"attn_k_norm", &n.keyNorm},
    }};
    std::vector<GgufName> names;
    const EmbeddingPlan embedding = embeddingPlan(config);
    names.push_back({"token_embd", embedding.name});
    if (embedding.positions > 0) {
        names.push_back({"position_embd", embedding.positionsName});
    }
    for (const auto& [theirs, ours] : inLayers) {
        const bool normsHeads = ours == &n.queryNorm || ours == &n.keyNorm;
        const bool norms = ours == &n.before || ours == &n.afterAttention || ours == &n.middle
            || ours == &n.afterFeed;
        const bool feeds = ours == &n.gate || ours == &n.up || ours == &n.down;
        const bool there = !ours->empty()
            && (!normsHeads || config.queryKeyNorm != QueryKeyNorm::None)
            && (!norms || config.normWeight || config.normBias) && (!feeds || someAreDense(config));
        if (there) {
            names.push_back({fmt::format("blk.*.{}", theirs),
                             fmt::format("{}*.{}", layersPrefix(config), *ours)});
        }
    }
    addExperts(config, names);
    const HeadPlan head = headPlan(config);
    if (!head.norm.modules().empty()) {
        names.push_back({"output_norm", head.norm.name});
    }
    names.push_back({"output", head.logits.name});
    for (const GgufChanged& changed : familyOf(config.modelType).ggufChanges) {
        for (GgufName& name : names) {
            name.change = name.theirs == changed.theirs ? changed.change : name.change;
        }
    }
    return names;
}

Activation activationNamed(const Family& family, std::string_view name)
{
    if (name == "silu" || name == "swish") {
        return Activation::Silu;
    }
    if (name == "gelu_pytorch_tanh" || name == "gelu_new"
        || (name == "gelu" && family.geluIsTanh)) {
        return Activation::GeluTanh;
    }
    if (name == "gelu") {
        return Activation::GeluErf;
    }
    if (name == "relu" && family.nameHead != nullptr) { // an encoder, where nothing is gated
        return Activation::Relu;
    }
    throw Error(ErrorKind::Format,
                fmt::format("{} {} is not supported (expected silu, gelu or gelu_pytorch_tanh)",
                            family.keys.activation, shownText(name, 40)));
}

std::string_view activationName(Activation activation)
{
    switch (activation) {
    case Activation::Silu:
        return "silu";
    case Activation::GeluTanh:
        return "gelu_pytorch_tanh";
    case Activation::Relu:
        return "relu";
    case Activation::Tanh:
        return "tanh";
    case Activation::GeluErf:
        break;
    }
    return "gelu";
}

std::int64_t readSlidingWindow(const JsonFields& fields)
{
    return fields.whole("sliding_window", 1, kPositionLimit)
        .value_or(fields.isNull("sliding_window") ? 0 : 4096);
}

std::optional<std::vector<bool>> readLayerTypes(const JsonFields& fields, std::int64_t layers)
{
    const nlohmann::json* const types = fields.find("layer_types");
    if (types == nullptr) {
        return std::nullopt;
    }
    if (!types->is_array() || static_cast<std::int64_t>(types->size()) != layers) {
        refuseConfig("layer_types is " + shownValue(*types)
                     + " (expected a list with one text for each layer)");
    }
    std::vector<bool> windowed;
    for (const nlohmann::json& type : *types) {
        if (type != "full_attention" && type != "sliding_attention") {
            refuseConfig(fmt::format("layer_types of layer {} is {} (expected full_attention or "
                                     "sliding_attention)",
                                     windowed.size(), shownValue(type)));
        }
        windowed.push_back(type == "sliding_attention");
    }
    return windowed;
}

std::vector<bool> readWindowPattern(const JsonFields& fields, const char* key, std::int64_t every,
                                    std::int64_t layers)
{
    const std::int64_t step = fields.whole(key, 1, kLayerLimit).value_or(every);
    if (auto windowed = readLayerTypes(fields, layers)) {
        return *windowed;
    }
    std::vector<bool> windowed;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        windowed.push_back((layer + 1) % step != 0);
    }
    return windowed;
}

void setWindows(ModelConfig& config, std::int64_t window, const std::vector<bool>& windowed)
{
    config.slidingWindow = 0;
    config.firstWindowLayer = 0;
    config.windowLayers.clear();
    const auto begin = std::find(windowed.begin(), windowed.end(), true);
    if (window == 0 || begin == windowed.end()) {
        return;
    }
    config.slidingWindow = window;
    config.firstWindowLayer = begin - windowed.begin();
    if (std::find(begin, windowed.end(), false) != windowed.end()) {
        config.windowLayers = windowed;
    }
}

void writeLayerTypes(const ModelConfig& config, nlohmann::json& json)
{
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        json["layer_types"].push_back(config.windowOf(layer) > 0 ? "sliding_attention"
                                                                 : "full_attention");
    }
}

double readCap(const JsonFields& fields, const char* key, double otherwise)
{
    return fields.positive(key).value_or(fields.isNull(key) ? 0.0 : otherwise);
}

void refuseConfig(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

} // namespace pissarro::core::inline model::inline families

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/model/families/family.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>

namespace pissarro::core::inline model::inline families {

extern const Family kLlama, kMistral, kGemma, kQwen2, kQwen3; // each in its file

const std::vector<const Family*>& allFamilies()
{
    static const std::vector<const Family*> all {
        &kLlama, &kMistral, &kGemma, &kQwen2, &kQwen3,
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

std::vector<GgufName> ggufNamesOf(const Family& family)
{
    static constexpr std::array<GgufName, 12> kOfAll {{
        {"token_embd", "model.embed_tokens"},
        {"blk.*.attn_norm", "model.layers.*.input_layernorm"},
        {"blk.*.attn_q", "model.layers.*.self_attn.q_proj"},
        {"blk.*.attn_k", "model.layers.*.self_attn.k_proj"},
        {"blk.*.attn_v", "model.layers.*.self_attn.v_proj"},
        {"blk.*.attn_output", "model.layers.*.self_attn.o_proj"},
        {"blk.*.ffn_norm", "model.layers.*.post_attention_layernorm"},
        {"blk.*.ffn_gate", "model.layers.*.mlp.gate_proj"},
        {"blk.*.ffn_up", "model.layers.*.mlp.up_proj"},
        {"blk.*.ffn_down", "model.layers.*.mlp.down_proj"},
        {"output_norm", "model.norm"},
        {"output", "lm_head"},
    }};
    std::vector<GgufName> names(kOfAll.begin(), kOfAll.end());
    for (const GgufName& own : family.ggufNames) {
        const auto same = std::find_if(names.begin(), names.end(), [&](const GgufName& name) {
            return name.theirs == own.theirs;
        });
        if (same == names.end()) {
            names.push_back(own);
        } else {
            *same = own;
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
    throw Error(ErrorKind::Format,
                "hidden_act " + shownText(name, 40)
                    + " is not supported (expected silu, gelu or gelu_pytorch_tanh)");
}

std::int64_t readSlidingWindow(const JsonFields& fields)
{
    return fields.whole("sliding_window", 1, kPositionLimit)
        .value_or(fields.isNull("sliding_window") ? 0 : 4096);
}

} // namespace pissarro::core::inline model::inline families

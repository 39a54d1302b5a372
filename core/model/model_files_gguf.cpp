// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/format/gguf.h"
#include "core/model/model_files_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace pissarro::core {

namespace fs = std::filesystem;

namespace {

// llama.cpp's names within "blk.N." and ours within "model.layers.N.".
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kLayerNames {{
    {"attn_norm", "input_layernorm"},
    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},
    {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"},
    {"ffn_norm", "post_attention_layernorm"},
    {"ffn_gate", "mlp.gate_proj"},
    {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},
}};

// "blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"; what is not known keeps its name and is then
// refused as no part of the model. nullopt: a buffer, not a weight.
std::optional<std::string> huggingFaceName(const std::string& name)
{
    if (name == "rope_freqs.weight") {
        return std::nullopt;
    }
    if (name == "token_embd.weight") {
        return "model.embed_tokens.weight";
    }
    if (name == "output_norm.weight") {
        return "model.norm.weight";
    }
    if (name == "output.weight") {
        return "lm_head.weight";
    }
    if (name.starts_with("blk.")) {
        const std::size_t dot = name.find('.', 4);
        const std::size_t last = name.rfind('.');
        if (dot != std::string::npos && last > dot) {
            if (name.ends_with(".attn_rot_embd")
                || name.find(".attn_rot_embd.") != std::string::npos) {
                return std::nullopt;
            }
            const std::string_view part = std::string_view(name).substr(dot + 1, last - dot - 1);
            for (const auto& [theirs, ours] : kLayerNames) {
                if (part == theirs) {
                    return "model.layers." + name.substr(4, dot - 4) + "." + std::string(ours)
                        + name.substr(last);
                }
            }
        }
    }
    return name;
}

// True for the tail of a file name that names a quantisation: "Q4_1", "q4_k_m", "IQ2_XS", "F16", "bf16".
bool isQuantisation(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    if (text == "F32" || text == "F16" || text == "BF16" || text == "FP16" || text == "FP32") {
        return true;
    }
    const std::size_t start = text.starts_with("IQ") ? 2 : text.starts_with("Q") ? 1 : 0;
    return start > 0 && start < text.size() && std::isdigit(static_cast<unsigned char>(text[start]))
        && text.find_first_not_of("0123456789_KMSLXN", start) == std::string::npos;
}

std::string stemOf(const fs::path& file)
{
    const std::string stem = file.stem().string();
    const std::size_t separator = stem.find_last_of(".-");
    return separator != std::string::npos && separator > 0
            && isQuantisation(stem.substr(separator + 1))
        ? stem.substr(0, separator)
        : stem;
}

// What a person knows the model by. Published ids hold no space and some size or version; converters often make up a
// title in general.name instead ("Smollm2 135M 8k Lc100K Mix1 Ep2"), while the file keeps the id.
std::string displayNameOf(const fs::path& file, const GgufFile& gguf)
{
    const std::string stem = stemOf(file);
    const std::string name = gguf.text("general.name").value_or("");
    const auto looksLikeId = [](const std::string& text) {
        return text.size() <= 96 && text.find_first_of(" \t\r\n/\\") == std::string::npos
            && text.find_first_of("0123456789") != std::string::npos
            && text.find('-') != std::string::npos;
    };
    const std::string chosen = looksLikeId(name) ? name
        : looksLikeId(stem) || name.empty()      ? stem
                                                 : name;
    const std::string shown = shownText(chosen, 96);
    return shown.substr(1, shown.size() - 2);
}

class GgufModel final : public ModelFiles {
public:
    explicit GgufModel(const fs::path& file)
    {
        m_path = file;
        m_isGguf = true;
        const GgufFile gguf = GgufFile::open(file);
        m_config = readModelConfig(gguf);
        m_mappings.push_back(gguf.file());
        try {
            const std::int64_t parts = gguf.integer("split.count").value_or(1);
            if (parts > 1) {
                throw Error(ErrorKind::Format,
                            "is one of " + std::to_string(parts)
                                + " parts of a split model (expected a whole one); join the parts "
                                  "with llama-gguf-split --merge");
            }
            m_displayName = displayNameOf(file, gguf);
            for (const TensorView& tensor : gguf.tensors()) {
                if (std::optional<std::string> name = huggingFaceName(tensor.name)) {
                    m_weights.push_back(tensor);
                    m_weights.back().name = std::move(*name);
                }
            }
            finish();
        } catch (const Error& e) {
            throw e.within(shownPath(file));
        }
    }

    void readFloat32(std::string_view weightName, float* out) const override
    {
        const TensorView& view = at(weightName);
        if (const std::int64_t heads = permutedHeads(view.name); heads > 0) {
            readPermuted(view, heads, out);
            return;
        }
        toFloat32(view, 0, view.elements(), out);
        if (isShifted(view.name)) {
            for (std::int64_t i = 0; i < view.elements(); ++i) {
                out[i] -= 1.0F;
            }
        }
    }

    bool isVerbatim(std::string_view weightName) const override
    {
        const TensorView& view = at(weightName);
        return dtypeSize(view.dtype) != 0 && permutedHeads(view.name) == 0 && !isShifted(view.name);
    }

private:
    // Heads whose rows llama.cpp reordered; 0: none were.
    std::int64_t permutedHeads(std::string_view name) const
    {
        if (m_config.modelType != "llama" && m_config.modelType != "mistral") {
            return 0;
        }
        if (name.find(".q_proj.") != std::string_view::npos) {
            return m_config.heads;
        }
        return name.find(".k_proj.") != std::string_view::npos ? m_config.kvHeads : 0;
    }

    // llama.cpp keeps Gemma's norms as 1 + w.
    bool isShifted(std::string_view name) const
    {
        return m_config.normOffset != 0.0 && name.ends_with("norm.weight");
    }

    // llama.cpp keeps the two numbers that rotate together side by side, rows 2j and 2j + 1 of a head; Hugging Face
    // keeps the halves apart, rows j and j + H/2.
    static void readPermuted(const TensorView& view, std::int64_t heads, float* out)
    {
        const std::int64_t rows = view.shape[0];
        const std::int64_t cols = view.elements() / rows; // 1 for a bias
        const std::int64_t half = rows / heads / 2;
        std::vector<float>
            bias; // a bias that is stored in blocks cannot be read element by element
        if (view.shape.size() == 1) {
            bias.resize(static_cast<std::size_t>(rows));
            toFloat32(view, 0, rows, bias.data());
        }
        for (std::int64_t row = 0; row < rows; ++row) {
            const std::int64_t within = row % (2 * half);
            const std::int64_t stored = row - within + 2 * (within % half) + within / half;
            if (view.shape.size() == 1) {
                out[row] = bias[static_cast<std::size_t>(stored)];
            } else {
                toFloat32(view, stored * cols, cols, out + row * cols);
            }
        }
    }
};

} // namespace

std::shared_ptr<const ModelFiles> openModelGguf(const fs::path& file)
{
    return std::make_shared<GgufModel>(file);
}

} // namespace pissarro::core

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/format/gguf.h"
#include "core/format/part_name.h"
#include "core/model/expert_tensors.h"
#include "core/model/families/family.h"
#include "core/model/model_files_p.h"
#include "core/model/plan/layer_plan.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::core::inline model {

namespace fs = std::filesystem;

namespace {

// A name taken apart at the layer's number, for rows of GgufName.
struct NameParts {
    std::string pattern; // "blk.*.attn_q"
    std::string layer; // "3"
    std::string ending; // ".weight"
};

// `layers`: what stands before the number, "blk." or "model.layers.".
NameParts partsOf(std::string_view name, std::string_view layers)
{
    const std::size_t last = std::min(name.rfind('.'), name.size());
    const std::string ending(name.substr(last));
    if (!name.starts_with(layers)) {
        return {std::string(name.substr(0, last)), "", ending};
    }
    const std::size_t dot = name.find('.', layers.size());
    if (dot == std::string_view::npos || last <= dot) {
        return {std::string(name), "", ""};
    }
    return {std::string(layers) + "*" + std::string(name.substr(dot, last - dot)),
            std::string(name.substr(layers.size(), dot - layers.size())), ending};
}

// Tables of rotary positions beside the weights.
bool isBuffer(const NameParts& parts)
{
    return ((parts.pattern == "rope_freqs" || parts.pattern == "rope_factors_long"
             || parts.pattern == "rope_factors_short")
            && parts.ending == ".weight")
        || parts.pattern == "blk.*.attn_rot_embd";
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

// Without the number of a part ("-00001-of-00003") and the quantisation.
std::string stemOf(const fs::path& file)
{
    const auto part = partNameOf(file.filename().string(), ".gguf");
    const std::string stem = part ? part->prefix : file.stem().string();
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
        return text.size() <= 96 && !text.starts_with("sha256-") // a blob of Ollama's
            && text.find_first_of(" \t\r\n/\\") == std::string::npos
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
    GgufModel(const fs::path& file, Opening how)
    {
        m_isGguf = true;
        const GgufFile gguf = GgufFile::open(file);
        m_path = gguf.file()->path(); // the first part, where it has several
        m_config = readModelConfig(gguf);
        m_names = ggufNamesOf(m_config);
        m_layers = layersPrefix(m_config);
        m_mappings = gguf.files();
        try {
            m_displayName = displayNameOf(m_path, gguf);
            for (const TensorView& tensor : gguf.tensors()) {
                const NameParts name = partsOf(tensor.name, "blk.");
                if (!isBuffer(name)) {
                    take(tensor, ourNameOf(tensor.name, name));
                }
            }
            finish(how);
        } catch (const Error& e) {
            throw e.within(shownPath(file));
        }
    }

    void readFloat32(std::string_view weightName, float* out) const override
    {
        const TensorView& view = at(weightName);
        const GgufChange change = changeOf(weightName);
        if (change == GgufChange::PairedRows) {
            readPaired(view, m_config.headDim, out); // of families whose whole head turns
            return;
        }
        toFloat32(view, 0, view.elements(), out);
        if (change == GgufChange::PlusOne) {
            for (std::int64_t i = 0; i < view.elements(); ++i) {
                out[i] -= 1.0F;
            }
        }
    }

    bool isVerbatim(std::string_view weightName) const override
    {
        return dtypeSize(at(weightName).dtype) != 0 && changeOf(weightName) == GgufChange::None;
    }

private:
    // Under our name, which has a "*" for the number of each expert of a layer, whose matrices lie in one tensor.
    void take(TensorView tensor, const std::string& name)
    {
        if (name.find('*') != std::string::npos) {
            const std::vector<TensorView> each = matricesOfExperts(tensor, name, m_config);
            m_weights.insert(m_weights.end(), each.begin(), each.end());
            return;
        }
        if (m_config.mixture.sharedGate && tensor.shape.size() == 1
            && name.ends_with(m_config.names.mixture.sharedGate + ".weight")) {
            tensor.shape.insert(tensor.shape.begin(), 1); // llama.cpp has a vector
        }
        m_weights.push_back(std::move(tensor));
        m_weights.back().name = name;
    }

    // Files of 2023 have a tensor for each expert: "blk.*.ffn_gate.5" becomes "blk.*.ffn_gate_exps" and "5".
    static std::pair<std::string, std::string> expertOf(const std::string& pattern)
    {
        const std::size_t dot = pattern.rfind('.');
        const bool isExpert = dot != std::string::npos && dot + 1 < pattern.size()
            && pattern.find_first_not_of("0123456789", dot + 1) == std::string::npos;
        return isExpert
            ? std::pair(fmt::format("{}_exps", pattern.substr(0, dot)), pattern.substr(dot + 1))
            : std::pair<std::string, std::string>();
    }

    // What is not known keeps its name and is then refused as no part of the model.
    std::string ourNameOf(const std::string& name, const NameParts& parts) const
    {
        const auto [pattern, expert] = expertOf(parts.pattern);
        for (const GgufName& row : m_names) {
            if (!expert.empty() && row.theirs == pattern) {
                std::string ours = row.ours;
                ours.replace(ours.find('*'), 1, parts.layer);
                const std::size_t star = ours.find('*');
                return star == std::string::npos ? name
                                                 : ours.replace(star, 1, expert) + parts.ending;
            }
            const std::size_t star = row.ours.find('*');
            const bool isInLayer = star != std::string::npos;
            if (row.theirs == parts.pattern
                && (isInLayer || parts.ending == ".weight" || parts.ending == ".bias")) {
                std::string ours = row.ours;
                return (isInLayer ? ours.replace(star, 1, parts.layer) : ours) + parts.ending;
            }
        }
        return name;
    }

    GgufChange changeOf(std::string_view weightName) const
    {
        const NameParts parts = partsOf(weightName, m_layers);
        for (const GgufName& row : m_names) {
            if (row.ours == parts.pattern) {
                return row.change;
            }
        }
        return GgufChange::None;
    }

    // llama.cpp keeps the two numbers that rotate together side by side, rows 2j and 2j + 1 of a head; Hugging Face
    // keeps the halves apart, rows j and j + H/2.
    static void readPaired(const TensorView& view, std::int64_t headDim, float* out)
    {
        const std::int64_t rows = view.shape[0];
        const std::int64_t cols = view.elements() / rows; // 1 for a bias
        const std::int64_t half = headDim / 2;
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

    std::vector<GgufName> m_names;
    std::string m_layers; // what stands before a layer's number
};

} // namespace

std::shared_ptr<const ModelFiles> openModelGguf(const fs::path& file, Opening how)
{
    return std::make_shared<GgufModel>(file, how);
}

} // namespace pissarro::core::inline model

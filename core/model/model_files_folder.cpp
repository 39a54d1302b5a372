// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/file/json_file.h"
#include "core/format/bnb_weight.h"
#include "core/format/safetensors.h"
#include "core/model/base_files.h"
#include "core/model/model_files_p.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <system_error>
#include <utility>

namespace pissarro::core::inline model {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& path, const std::string& what)
{
    throw Error(ErrorKind::Format, shownPath(path) + ": " + what);
}

bool isInside(const fs::path& path, const fs::path& folder)
{
    const fs::path relative = path.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

// A shard lies in the model's folder. Only the Hugging Face cache links elsewhere: snapshots/REV/x -> ../../blobs/y.
fs::path shardPath(const fs::path& index, const std::string& name)
{
    const fs::path folder = index.parent_path();
    const fs::path given(name);
    if (name.empty() || name.find('\0') != std::string::npos || given.is_absolute()
        || given.filename() != given) {
        refuse(index,
               "shard " + shownText(name)
                   + " leaves the folder (expected a plain file name); do not use this model");
    }
    const fs::path path = folder / given;
    std::error_code failed;
    const fs::path real = fs::canonical(path, failed);
    if (failed) {
        refuse(path,
               "the shard is missing, though " + index.filename().string()
                   + " lists it; get the model again");
    }
    const fs::path home = fs::canonical(folder, failed);
    const bool isCached = home.parent_path().filename() == "snapshots";
    if (!isInside(real, home)
        && !(isCached && isInside(real, home.parent_path().parent_path() / "blobs"))) {
        refuse(index,
               "shard " + shownText(name)
                   + " is a link that leaves the folder; copy the file into it");
    }
    return path;
}

// Tensor name -> shard, as the index lists them.
std::map<std::string, std::string> readWeightMap(const fs::path& index)
{
    const nlohmann::json object = readJsonFile(index);
    const auto found = object.is_object() ? object.find("weight_map") : object.end();
    if (!object.is_object() || found == object.end() || !found->is_object() || found->empty()) {
        refuse(
            index,
            "lacks weight_map (expected an object: tensor name to file name); get the file again");
    }
    std::map<std::string, std::string> map;
    for (const auto& [name, file] : found->items()) {
        auto shard = jsonAs<std::string>(file);
        if (!shard) {
            refuse(index,
                   "weight_map of " + shownText(name) + " is no text (expected a file name)");
        }
        map.emplace(name, std::move(*shard));
    }
    return map;
}

bool holdsPickle(const fs::path& folder)
{
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string extension = entry.path().extension().string();
        if (extension == ".bin" || extension == ".pt" || extension == ".pth"
            || extension == ".ckpt") {
            return true;
        }
    }
    return false;
}

// "models--org--name/snapshots/REV" is known as "name", every other folder by its own name.
std::string nameOf(const fs::path& folder)
{
    if (folder.parent_path().filename() == "snapshots") {
        const std::string repository = folder.parent_path().parent_path().filename().string();
        const std::size_t dashes = repository.rfind("--");
        if (repository.starts_with("models--") && dashes != std::string::npos) {
            return repository.substr(dashes + 2);
        }
    }
    return folder.filename().string();
}

// Of a model that has more than text: the text half, under the names of a model that is nothing else.
void takeTextHalf(std::vector<TensorView>& weights)
{
    constexpr std::array<std::string_view, 3> kOther {"vision_tower.", "multi_modal_projector.",
                                                      "audio_tower."};
    constexpr std::string_view kModel = "model.";
    constexpr std::string_view kText = "language_model.";
    std::erase_if(weights, [&](const TensorView& weight) {
        std::string_view name = weight.name;
        name.remove_prefix(name.starts_with(kModel) ? kModel.size() : 0);
        return std::any_of(kOther.begin(), kOther.end(),
                           [&](std::string_view other) { return name.starts_with(other); });
    });
    for (TensorView& weight : weights) {
        if (weight.name.starts_with(
                kText)) { // "language_model.model.layers", "language_model.lm_head"
            weight.name.erase(0, kText.size());
        } else if (weight.name.starts_with(kModel)
                   && std::string_view(weight.name).substr(kModel.size()).starts_with(kText)) {
            weight.name.erase(kModel.size(), kText.size()); // "model.language_model.layers"
        }
    }
}

// Ways in which the names of a whole model differ from its architecture's: torch.compile puts a word before each, a model
// that was saved from its inner class lacks one, and the head has had another name. transformers reads all.
void mendNames(std::vector<TensorView>& weights, const ModelConfig& config)
{
    constexpr std::string_view kCompiled = "_orig_mod.";
    const ModuleNames& names = config.names;
    const auto all = [&](const auto& holds) {
        return std::all_of(weights.begin(), weights.end(),
                           [&](const TensorView& weight) { return holds(weight.name); });
    };
    if (all([&](const std::string& name) { return name.starts_with(kCompiled); })) {
        for (TensorView& weight : weights) {
            weight.name.erase(0, kCompiled.size());
        }
    }
    if (config.textHalf) {
        takeTextHalf(weights);
    }
    const auto isOf = [](const std::string& name, const std::string& module) {
        return !module.empty() && name.size() > module.size() && name.starts_with(module)
            && name[module.size()] == '.';
    };
    const auto isHead = [&](const std::string& name) {
        return isOf(name, names.head) || isOf(name, "lm_head");
    };
    const bool isInner = all([&](const std::string& name) {
        return isHead(name) || isOf(name, names.layers) || isOf(name, names.embedding)
            || isOf(name, names.positions) || isOf(name, names.norm);
    });
    for (TensorView& weight : weights) {
        if (isHead(weight.name)) {
            weight.name = names.head + weight.name.substr(weight.name.rfind('.'));
        } else if (isInner) {
            weight.name.insert(0, names.base + ".");
        }
    }
}

class FolderModel final : public ModelFiles {
public:
    explicit FolderModel(const fs::path& folder)
    {
        m_path = folder.has_filename() ? folder : folder.parent_path();
        m_displayName = nameOf(m_path);
        if (!holdsModel(m_path)) {
            refuse(m_path,
                   holdsAdapter(m_path)
                       ? "is an adapter, not a model (expected config.json); give the base "
                         "model and the adapter apart"
                       : "has no config.json (expected a Hugging Face model folder)");
        }
        m_config = readModelConfig(m_path / kConfigFile);
        const fs::path weights = m_path / "model.safetensors";
        const fs::path index = m_path / "model.safetensors.index.json";
        // As transformers: a single file goes before an index.
        std::error_code ignored;
        const bool isSingle = fs::exists(weights, ignored);
        if (isSingle) {
            addFile(weights);
        } else if (fs::exists(index, ignored)) {
            addShards(index);
        } else {
            refuse(m_path,
                   holdsPickle(m_path) ? "holds its weights only as a Python pickle, which can run "
                                         "code when it is read and is therefore refused (expected "
                                         "model.safetensors); convert it to safetensors"
                                       : "has no model.safetensors and no "
                                         "model.safetensors.index.json; get the model again");
        }
        try {
            mendNames(m_weights, m_config);
            m_fourBit = takeBnbWeights(m_weights);
            finish();
        } catch (const Error& e) {
            throw e.within(shownPath(isSingle ? weights : m_path));
        }
    }

    void readFloat32(std::string_view weightName, float* out) const override
    {
        const TensorView& view = at(weightName);
        if (const BnbWeight* codes = fourBitWeight(weightName)) {
            return codes->readFloat32(out);
        }
        if (!isTransposed(weightName)) {
            toFloat32(view, 0, view.elements(), out);
            return;
        }
        std::vector<float> stored(static_cast<std::size_t>(view.elements())); // [cols, rows]
        toFloat32(view, 0, view.elements(), stored.data());
        const std::int64_t rows = view.shape[0];
        const std::int64_t cols = view.shape[1];
        for (std::int64_t col = 0; col < cols; ++col) {
            for (std::int64_t row = 0; row < rows; ++row) {
                out[row * cols + col] = stored[static_cast<std::size_t>(col * rows + row)];
            }
        }
    }

    bool isVerbatim(std::string_view weightName) const override
    {
        at(weightName);
        return !m_fourBit.contains(weightName) && !isTransposed(weightName);
    }

    const BnbWeight* fourBitWeight(std::string_view weightName) const override
    {
        const auto found = m_fourBit.find(weightName);
        return found == m_fourBit.end() ? nullptr : &found->second;
    }

private:
    void addFile(const fs::path& path)
    {
        const SafetensorsFile file = SafetensorsFile::open(path);
        m_weights.insert(m_weights.end(), file.tensors().begin(), file.tensors().end());
        m_mappings.push_back(file.file());
    }

    void addShards(const fs::path& index)
    {
        const std::map<std::string, std::string> map = readWeightMap(index);
        std::set<std::string> names;
        for (const auto& [tensor, shard] : map) {
            names.insert(shard);
        }
        std::map<std::string, std::string> homes; // tensor -> the shard that has it
        for (const std::string& name : names) {
            const std::size_t before = m_weights.size();
            addFile(shardPath(index, name));
            for (std::size_t i = before; i < m_weights.size(); ++i) {
                const auto [place, isNew] = homes.emplace(m_weights[i].name, name);
                if (!isNew) {
                    refuse(index,
                           "tensor " + shownText(m_weights[i].name) + " is in two shards, "
                               + shownText(place->second) + " and " + shownText(name)
                               + "; get the model again");
                }
            }
        }
        for (const auto& [tensor, shard] : map) {
            const auto place = homes.find(tensor);
            if (place == homes.end() || place->second != shard) {
                refuse(index,
                       "tensor " + shownText(tensor) + " is not in the shard " + shownText(shard)
                           + "; get the model again");
            }
        }
    }

    std::map<std::string, BnbWeight, std::less<>> m_fourBit; // by weight
};

} // namespace

std::shared_ptr<const ModelFiles> openModelFolder(const fs::path& folder)
{
    return std::make_shared<FolderModel>(folder);
}

} // namespace pissarro::core::inline model

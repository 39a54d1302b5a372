// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/file/json_file.h"
#include "core/format/bnb_weight.h"
#include "core/format/coded_weight.h"
#include "core/format/safetensors.h"
#include "core/model/base_files.h"
#include "core/model/expert_tensors.h"
#include "core/model/model_files_p.h"
#include "core/model/plan/layer_plan.h"
#include "core/model/weight_codes.h"
#include "core/model/weight_folder.h"
#include "core/model/weight_names.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <numbers>
#include <random>
#include <set>
#include <span>
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

WeightCodes weightCodesIn(const fs::path& configJson)
{
    const nlohmann::json config = readJsonFile(configJson);
    const auto found = config.is_object() ? config.find("quantization_config") : config.end();
    return weightCodesOf(found == config.end() ? nullptr : &*found);
}

// Box and Muller: the same numbers on every machine. Each tensor has its own by its name.
void drawNormal(std::uint64_t seed, std::string_view name, double deviation,
                std::vector<float>& numbers)
{
    std::uint64_t hash = 0xCBF29CE484222325ULL ^ seed;
    for (const char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    std::mt19937_64 bits(hash);
    const auto uniform = [&] { // above 0, at most 1
        return (static_cast<double>(bits() >> 11U) + 1.0) / 9007199254740992.0;
    };
    for (float& number : numbers) {
        const double radius = std::sqrt(-2.0 * std::log(uniform()));
        const double angle = 2.0 * std::numbers::pi * uniform();
        number = static_cast<float>(deviation * radius * std::cos(angle));
    }
}

class FolderModel final : public ModelFiles {
public:
    FolderModel(const fs::path& folder, Opening how, const NewHead& head)
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
        if (head.labels > 0) {
            try {
                giveHead(head, m_config);
            } catch (const Error& e) {
                throw e.within(shownPath(m_path));
            }
        }
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
            addShardsByName();
        }
        try {
            m_notes = mendNames(m_weights, m_config);
            splitFusedExperts(m_weights, m_config);
            m_fourBit = takeBnbWeights(m_weights);
            m_coded = takeCodedWeights(m_weights, weightCodesIn(m_path / kConfigFile));
            if (head.labels > 0) {
                drawHead(head.seed);
            }
            finish(how);
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
        if (const CodedWeight* codes = codedWeight(weightName)) {
            try {
                return codes->readFloat32(out);
            } catch (const Error& e) {
                throw e.within(shownPath(pathOf(view)));
            }
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

    // What models are stored as: FP8 and float64 are read through float32, codes through what undoes them.
    bool isVerbatim(std::string_view weightName) const override
    {
        return !at(weightName).dtype.info().hfName.empty() && !isTransposed(weightName);
    }

    const BnbWeight* fourBitWeight(std::string_view weightName) const override
    {
        const auto found = m_fourBit.find(weightName);
        return found == m_fourBit.end() ? nullptr : &found->second;
    }

    const CodedWeight* codedWeight(std::string_view weightName) const override
    {
        const auto found = m_coded.find(weightName);
        return found == m_coded.end() ? nullptr : found->second.get();
    }

private:
    // Numbers for what the files lack of the head: as transformers begins, normal with 0.02, biases 0.
    void drawHead(std::uint64_t seed)
    {
        const std::vector<std::string> modules = headPlan(m_config).modules();
        std::set<std::string, std::less<>> there;
        for (const TensorView& weight : m_weights) {
            there.insert(weight.name);
        }
        for (const ExpectedWeight& expected : expectedWeights(m_config)) {
            const std::string module = expected.name.substr(0, expected.name.rfind('.'));
            if (there.contains(expected.name)
                || std::find(modules.begin(), modules.end(), module) == modules.end()) {
                continue;
            }
            TensorView view {expected.name, DType::F32, expected.shape, nullptr, 0};
            auto numbers = std::make_unique<std::vector<float>>(
                static_cast<std::size_t>(view.elements()), 0.0F);
            if (expected.shape.size() > 1) {
                drawNormal(seed, expected.name, 0.02, *numbers);
            }
            view.data = std::as_bytes(std::span(*numbers)).data();
            view.sizeBytes = numbers->size() * sizeof(float);
            m_drawn.push_back(std::move(numbers));
            m_weights.push_back(std::move(view));
            if (m_drawnModules.empty() || m_drawnModules.back() != module) {
                m_drawnModules.push_back(module);
            }
        }
    }

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
        const std::map<std::string, std::string> homes = addNamedShards(index, names);
        for (const auto& [tensor, shard] : map) {
            const auto place = homes.find(tensor);
            if (place == homes.end() || place->second != shard) {
                refuse(index,
                       "tensor " + shownText(tensor) + " is not in the shard " + shownText(shard)
                           + "; get the model again");
            }
        }
    }

    // Gives each tensor's shard. `source` is what names the shards, for messages and the rule of links.
    std::map<std::string, std::string> addNamedShards(const fs::path& source,
                                                      const std::set<std::string>& names)
    {
        std::map<std::string, std::string> homes;
        for (const std::string& name : names) {
            const std::size_t before = m_weights.size();
            addFile(shardPath(source, name));
            for (std::size_t i = before; i < m_weights.size(); ++i) {
                const auto [place, isNew] = homes.emplace(m_weights[i].name, name);
                if (!isNew) {
                    refuse(source,
                           "tensor " + shownText(m_weights[i].name) + " is in two shards, "
                               + shownText(place->second) + " and " + shownText(name)
                               + "; get the model again");
                }
            }
        }
        return homes;
    }

    // All shards are there and the index is not: their names say as much.
    void addShardsByName()
    {
        const WeightFolder found = weightFolderOf(m_path);
        if (found.shards.empty()) {
            refuse(m_path, found.lacks);
        }
        addNamedShards(m_path / *found.shards.begin(), found.shards);
    }

    std::map<std::string, BnbWeight, std::less<>> m_fourBit; // by weight
    CodedWeights m_coded; // by weight
    std::vector<std::unique_ptr<std::vector<float>>> m_drawn; // what views of a new head look at
};

} // namespace

std::shared_ptr<const ModelFiles> openModelFolder(const fs::path& folder, Opening how,
                                                  const NewHead& head)
{
    return std::make_shared<FolderModel>(folder, how, head);
}

} // namespace pissarro::core::inline model

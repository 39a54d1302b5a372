// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weight_folder.h"

#include "core/base/fmt.h"
#include "core/format/part_name.h"
#include "core/text/message_text.h"

#include <cstdint>
#include <map>
#include <system_error>
#include <utility>

namespace pissarro::core::inline model {

namespace fs = std::filesystem;

namespace {

// Files of a folder that may be its weights.
struct Listed {
    std::map<std::string, std::set<std::int64_t>> sets; // name of the first shard: numbers
    std::set<std::string> others, ggufs;
    bool hasPickle = false;
};

Listed listed(const fs::path& folder)
{
    Listed found;
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end;
         it.increment(failed)) {
        const std::string name = it->path().filename().string();
        const std::string extension = it->path().extension().string();
        if (const auto part = partNameOf(name, ".safetensors")) {
            found.sets[part->other(1).text()].insert(part->number);
        } else if (extension == ".safetensors") {
            found.others.insert(name);
        } else if (extension == ".gguf") {
            found.ggufs.insert(name);
        }
        found.hasPickle = found.hasPickle || extension == ".bin" || extension == ".pt"
            || extension == ".pth" || extension == ".ckpt";
    }
    return found;
}

} // namespace

WeightFolder weightFolderOf(const fs::path& folder)
{
    const Listed found = listed(folder);
    std::string lacks;
    for (const auto& [first, numbers] : found.sets) {
        const PartName part = partNameOf(first, ".safetensors").value();
        std::set<std::string> names;
        std::string missing;
        for (std::int64_t number = 1; number <= part.count && missing.empty(); ++number) {
            names.insert(part.other(number).text());
            missing = numbers.contains(number) ? std::string() : part.other(number).text();
        }
        if (missing.empty()) {
            return {std::move(names), {}};
        }
        lacks = fmt::format("holds {} of the {} shards of its weights and no "
                            "model.safetensors.index.json (expected all); get {} too",
                            numbers.size(), part.count, shownText(missing, 80));
    }
    if (!lacks.empty()) {
        return {{}, lacks};
    }
    if (!found.others.empty()) {
        return {
            {},
            fmt::format("has its weights in {} (expected model.safetensors, or shards of it); if "
                        "that file has Hugging Face's names of tensors, rename it",
                        shownText(*found.others.begin(), 80))};
    }
    if (!found.ggufs.empty()) {
        return {{},
                fmt::format("holds no model.safetensors but the GGUF file {}; give that file",
                            shownText(*found.ggufs.begin(), 80))};
    }
    return {{},
            found.hasPickle
                ? "holds its weights only as a Python pickle, which can run code when it "
                  "is read and is therefore refused (expected model.safetensors); "
                  "convert it to safetensors"
                : "has no model.safetensors and no model.safetensors.index.json; get the "
                  "model again"};
}

} // namespace pissarro::core::inline model

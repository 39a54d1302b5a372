// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How the lies of hostile_cases.h are told: changes of the right folder's files.

#include "tests/core/model/model_folders.h"

#include <limits>

namespace pissarro::tests {

namespace fs = std::filesystem;
using nlohmann::json;

inline fs::path weightsOf(const fs::path& folder)
{
    return folder / "model" / "model.safetensors";
}

// Another header before the same data; `length`: what the file says of the header's.
inline void setHeader(const fs::path& folder, const std::string& header,
                      std::optional<std::uint64_t> length = {})
{
    const std::string bytes = test::readBytes(weightsOf(folder));
    std::uint64_t old = 0;
    std::memcpy(&old, bytes.data(), sizeof old);
    const std::string data = bytes.substr(sizeof old + static_cast<std::size_t>(old));
    test::writeBytes(weightsOf(folder), test::safetensorsBytes(header, data, length));
}

inline void changeHeader(const fs::path& folder, const std::function<void(json&)>& change)
{
    const std::string bytes = test::readBytes(weightsOf(folder));
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    json header = json::parse(bytes.substr(sizeof length, static_cast<std::size_t>(length)));
    change(header);
    setHeader(folder, header.dump());
}

inline void changeTensors(const fs::path& folder,
                          const std::function<void(std::vector<test::StoredTensor>&)>& change)
{
    std::vector<test::StoredTensor> tensors = test::tensorsOf(weightsOf(folder));
    change(tensors);
    test::writeTensors(weightsOf(folder), tensors);
}

// One number of the tensor becomes `value`.
inline void setNumber(const fs::path& folder, const std::string& tensor, float value)
{
    changeTensors(folder, [&](std::vector<test::StoredTensor>& tensors) {
        for (test::StoredTensor& stored : tensors) {
            if (stored.name == tensor) {
                std::memcpy(stored.bytes.data() + 4 * 17, &value, sizeof value);
            }
        }
    });
}

inline void changeJson(const fs::path& file, const std::function<void(json&)>& change)
{
    json document = json::parse(test::readBytes(file));
    change(document);
    test::writeBytes(file, document.dump());
}

inline void patchConfig(const fs::path& folder, const std::string& patch)
{
    changeJson(folder / "model" / "config.json",
               [&](json& config) { config.merge_patch(json::parse(patch)); });
}

// The weights in two shards with an index that `change` may alter.
inline void shard(const fs::path& folder, const std::function<void(json&)>& change = {})
{
    const std::vector<test::StoredTensor> tensors = test::tensorsOf(weightsOf(folder));
    const auto half = tensors.begin() + static_cast<std::ptrdiff_t>(tensors.size() / 2);
    json index {{"metadata", json::object()}};
    for (const auto& [name, part] :
         {std::pair("one.safetensors", std::vector(tensors.begin(), half)),
          std::pair("two.safetensors", std::vector(half, tensors.end()))}) {
        test::writeTensors(folder / "model" / name, part);
        for (const test::StoredTensor& tensor : part) {
            index["weight_map"][tensor.name] = name;
        }
    }
    fs::remove(weightsOf(folder));
    if (change) {
        change(index);
    }
    test::writeBytes(folder / "model" / "model.safetensors.index.json", index.dump());
}

test::GgufBuilder rightGguf(const fs::path& folder);

} // namespace pissarro::tests

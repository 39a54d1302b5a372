// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace pissarro::core::inline model {

// The weights of a model's folder that has neither model.safetensors nor an index of shards.
struct WeightFolder {
    std::set<std::string>
        shards; // names of every shard of the one set that is whole; empty: there is none
    std::string lacks; // then: what the folder is, and what to do
};
WeightFolder weightFolderOf(const std::filesystem::path& folder);

} // namespace pissarro::core::inline model

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline model {

// The local cache of huggingface_hub: "models--ORG--NAME" with snapshots/REV, whose files are links into blobs/, and refs/,
// a file for each branch and tag that holds its REV.

// Where it is looked for, first match first: $HF_HUB_CACHE, $HUGGINGFACE_HUB_CACHE, $HF_HOME/hub,
// $XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub. Those that are there and those that are not.
std::vector<std::filesystem::path> hubCacheFolders();

// The REV that a file of refs/ names; empty: none that can be a name.
std::string hubRevision(const std::filesystem::path& reference);

// The snapshot that refs/main names, else the first by name that holds a model.
std::optional<std::filesystem::path> hubSnapshotIn(const std::filesystem::path& repository);

// "models--org--name" as "org/name"; nullopt: it is the folder of something else.
std::optional<std::string> hubIdOf(const std::string& folderName);

} // namespace pissarro::core::inline model

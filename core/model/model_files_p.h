// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/mapped_file.h"
#include "core/model/model_files.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline model {

// Checks what both kinds of file must fulfil: sizes in range, heads that divide, an even head.
// Throws: Error{Format} without the file's name.
void checkModelConfig(const ModelConfig& config);

// `what` says what the names in `known` are: "model_type ". Throws: Error{Format} without the file's name.
[[noreturn]] void refuseArchitecture(const std::string& found, const std::string& what,
                                     const std::vector<std::string_view>& known);

// Readers of the two forms. `path` exists and is absolute.
std::shared_ptr<const ModelFiles> openModelFolder(const std::filesystem::path& folder, Opening how);
std::shared_ptr<const ModelFiles> openModelGguf(const std::filesystem::path& file, Opening how);

} // namespace pissarro::core::inline model

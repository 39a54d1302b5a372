// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/mapped_file.h"
#include "core/model/model_files.h"

#include <filesystem>
#include <memory>
#include <string>

namespace pissarro::core {

// Checks what both kinds of file must fulfil: sizes in range, heads that divide, an even head.
// Throws: Error{Format} without the file's name.
void checkModelConfig(const ModelConfig& config);

// A name in the tensor list of a family: HF name and shape.
struct ExpectedWeight {
    std::string name;
    std::vector<std::int64_t> shape;
};
std::vector<ExpectedWeight> expectedWeights(const ModelConfig& config);

// Readers of the two forms. `path` exists and is absolute.
std::shared_ptr<const ModelFiles> openModelFolder(const std::filesystem::path& folder);
std::shared_ptr<const ModelFiles> openModelGguf(const std::filesystem::path& file);

} // namespace pissarro::core

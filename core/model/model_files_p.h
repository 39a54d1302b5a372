// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/mapped_file.h"
#include "core/model/families/family.h"
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

// Rotary positions of a config.json, in either style. Throws: Error{Format} without the file's name.
void readRope(const JsonFields& fields, const Family& family, ModelConfig& config);
void checkRope(const ModelConfig& config);
// Lists keys that nothing has read. Throws: Error{Format} for one that changes what is computed.
void readUnread(const JsonFields& fields, const Family& family, ModelConfig& config);
// Keys that say something and that nothing has read.
std::vector<std::string> strangeKeys(const JsonFields& fields);
// Those of a config.json of another family, read as this one's.
std::vector<std::string> keysUnknownTo(const Family& family, const nlohmann::json& object);
// "; near: Gemma 3 (gemma3_text), …; not understood: 'altup_num_inputs', …", or nothing.
std::string nearFamilies(const std::string& type, const nlohmann::json& object);

// Gives an encoder's config this head. Throws: Error{InvalidArgument} for a decoder, and for a model that has one of another
// size.
void giveHead(const NewHead& head, ModelConfig& config);

// `what` says what the names in `known` are: "model_type ". Throws: Error{Format} without the file's name.
[[noreturn]] void refuseArchitecture(const std::string& found, const std::string& what,
                                     const std::vector<std::string_view>& known,
                                     const std::string& near = {});

// Readers of the two forms. `path` exists and is absolute.
std::shared_ptr<const ModelFiles> openModelFolder(const std::filesystem::path& folder, Opening how,
                                                  const NewHead& head = {});
std::shared_ptr<const ModelFiles> openModelGguf(const std::filesystem::path& file, Opening how);

} // namespace pissarro::core::inline model

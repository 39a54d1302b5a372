// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pissarro::core::inline tasks {

// The first of the fields that is there and a text. Throws: Error{Format} "is … (expected …)" with the first of the names.
std::string textAt(const nlohmann::json& row, std::initializer_list<const char*> keys);
// The first of the fields that is there. Throws: as textAt().
const nlohmann::json& fieldAt(const nlohmann::json& row, std::initializer_list<const char*> keys);
// read(value) with the name of the field before its complaint.
std::string goldAt(const nlohmann::json& row, std::initializer_list<const char*> keys,
                   std::string (*read)(const nlohmann::json& value));

} // namespace pissarro::core::inline tasks

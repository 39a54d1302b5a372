// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace pissarro::core::inline tokenizer {

// Typed access to the objects of tokenizer.json. `where` names the object in messages ("model",
// "normalizer"). Throws: every one Error{Format} naming the field, what was expected and what was
// found.
const nlohmann::json& fieldOf(const nlohmann::json& object, const char* key, const char* where);
std::string stringField(const nlohmann::json& object, const char* key, const char* where);
std::string stringField(const nlohmann::json& object, const char* key, const char* where,
                        const std::string& absent);
bool boolField(const nlohmann::json& object, const char* key, const char* where, bool absent);
std::int64_t integerField(const nlohmann::json& object, const char* key, const char* where,
                          std::int64_t absent);
const nlohmann::json& arrayField(const nlohmann::json& object, const char* key, const char* where);

// The "type" of a component. Throws: Error{Format} when there is none.
std::string typeOf(const nlohmann::json& component, const char* where);
// Throws: Error{Format}: "normalizer: the type 'X' is not supported (expected …)".
[[noreturn]] void refuseType(const std::string& type, const char* where, const char* known);

} // namespace pissarro::core::inline tokenizer

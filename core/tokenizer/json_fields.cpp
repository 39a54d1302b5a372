// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/tokenizer/json_fields_p.h"

namespace pissarro::core::inline tokenizer {
namespace {

[[noreturn]] void refuse(const char* where, const char* key, const char* expected,
                         const char* found)
{
    throw Error(ErrorKind::Format,
                std::string(where) + "." + key + " is " + found + " (expected " + expected + ")");
}

const nlohmann::json* present(const nlohmann::json& object, const char* key, const char* where)
{
    if (!object.is_object()) {
        throw Error(ErrorKind::Format,
                    std::string(where) + " is " + object.type_name() + " (expected an object)");
    }
    return jsonField(object, key);
}

} // namespace

const nlohmann::json& fieldOf(const nlohmann::json& object, const char* key, const char* where)
{
    const nlohmann::json* value = present(object, key, where);
    if (value == nullptr) {
        throw Error(ErrorKind::Format, std::string(where) + " has no field \"" + key + "\"");
    }
    return *value;
}

std::string stringField(const nlohmann::json& object, const char* key, const char* where)
{
    const nlohmann::json& value = fieldOf(object, key, where);
    auto text = jsonAs<std::string>(value);
    if (!text) {
        refuse(where, key, "a string", value.type_name());
    }
    return std::move(*text);
}

std::string stringField(const nlohmann::json& object, const char* key, const char* where,
                        const std::string& absent)
{
    return present(object, key, where) == nullptr ? absent : stringField(object, key, where);
}

bool boolField(const nlohmann::json& object, const char* key, const char* where, bool absent)
{
    const nlohmann::json* value = present(object, key, where);
    if (value == nullptr) {
        return absent;
    }
    const auto flag = jsonAs<bool>(*value);
    if (!flag) {
        refuse(where, key, "true or false", value->type_name());
    }
    return *flag;
}

std::int64_t integerField(const nlohmann::json& object, const char* key, const char* where,
                          std::int64_t absent)
{
    const nlohmann::json* value = present(object, key, where);
    if (value == nullptr) {
        return absent;
    }
    if (!isWholeNumber(*value)) {
        refuse(where, key, "an integer", value->type_name());
    }
    const auto whole = jsonAs<std::int64_t>(*value);
    if (!whole) {
        refuse(where, key, "an integer below 2^63", "larger");
    }
    return *whole;
}

const nlohmann::json& arrayField(const nlohmann::json& object, const char* key, const char* where)
{
    const nlohmann::json& value = fieldOf(object, key, where);
    if (!value.is_array()) {
        refuse(where, key, "an array", value.type_name());
    }
    return value;
}

std::string typeOf(const nlohmann::json& component, const char* where)
{
    return stringField(component, "type", where);
}

void refuseType(const std::string& type, const char* where, const char* known)
{
    throw Error(ErrorKind::Format,
                std::string(where) + ": the type " + shownText(type)
                    + " is not supported (expected " + known + ")");
}

} // namespace pissarro::core::inline tokenizer

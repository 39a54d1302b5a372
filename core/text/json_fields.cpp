// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/json_fields.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <cmath>

namespace pissarro::core::inline text {

using nlohmann::json;

namespace {

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

} // namespace

std::string shownValue(const json& value)
{
    switch (value.type()) {
    case json::value_t::string:
        return "the text " + shownText(*jsonText(value), 40);
    case json::value_t::array:
        return "a list";
    case json::value_t::object:
        return "an object";
    default:
        return value.dump();
    }
}

const json* JsonFields::find(const char* key) const
{
    m_asked.emplace(key);
    return jsonField(m_object, key);
}

std::vector<std::string> JsonFields::unasked() const
{
    std::vector<std::string> keys;
    for (const auto& [key, value] : m_object.items()) {
        if (!m_asked.contains(key)) {
            keys.push_back(key);
        }
    }
    return keys;
}

std::vector<double> JsonFields::numbers(const char* key) const
{
    std::vector<double> numbers;
    const json* const value = find(key);
    if (value == nullptr) {
        return numbers;
    }
    for (const json& one : value->is_array() ? *value : json::array({*value})) {
        const auto number = jsonAs<double>(one);
        if (!number || !std::isfinite(*number)) {
            refuse(fmt::format("{} holds {} (expected finite numbers)", key, shownValue(one)));
        }
        numbers.push_back(*number);
    }
    return numbers;
}

bool JsonFields::isNull(const char* key) const
{
    m_asked.emplace(key);
    const auto found = m_object.find(key);
    return found != m_object.end() && found->is_null();
}

std::optional<std::int64_t> JsonFields::whole(const char* key, std::int64_t lowest,
                                              std::int64_t highest) const
{
    const json* const value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto number = jsonAs<std::int64_t>(*value);
    if (!number || *number < lowest || *number > highest) {
        refuse(fmt::format("{} is {} (expected a whole number from {} to {})", key,
                           shownValue(*value), lowest, highest));
    }
    return number;
}

std::int64_t JsonFields::required(const char* key, std::int64_t highest) const
{
    const std::optional<std::int64_t> value = whole(key, 1, highest);
    if (!value) {
        refuse(fmt::format("{} is missing (expected a whole number from 1 to {})", key, highest));
    }
    return *value;
}

std::vector<std::int64_t> JsonFields::wholes(const char* key) const
{
    std::vector<std::int64_t> numbers;
    const json* const value = find(key);
    if (value == nullptr) {
        return numbers;
    }
    for (const json& one : value->is_array() ? *value : json::array({*value})) {
        if (!isWholeNumber(one)) {
            refuse(fmt::format("{} is {} (expected a whole number)", key, shownValue(one)));
        }
        numbers.push_back(jsonAs<std::int64_t>(one).value_or(-1));
    }
    return numbers;
}

std::optional<double> JsonFields::positive(const char* key) const
{
    const json* const value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto number = jsonAs<double>(*value);
    if (!number || !(*number > 0.0)) {
        refuse(std::string(key) + " is " + shownValue(*value) + " (expected a number above 0)");
    }
    return number;
}

double JsonFields::requiredPositive(const char* key) const
{
    const std::optional<double> value = positive(key);
    if (!value) {
        refuse(std::string(key) + " is missing (expected a number above 0)");
    }
    return *value;
}

bool JsonFields::flag(const char* key, bool otherwise) const
{
    const json* const value = find(key);
    if (value == nullptr) {
        return otherwise;
    }
    const auto flag = jsonAs<bool>(*value);
    if (!flag) {
        refuse(std::string(key) + " is " + shownValue(*value) + " (expected true or false)");
    }
    return *flag;
}

std::optional<std::string> JsonFields::text(const char* key) const
{
    const json* const value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    auto text = jsonAs<std::string>(*value);
    if (!text) {
        refuse(std::string(key) + " is " + shownValue(*value) + " (expected text)");
    }
    return text;
}

const json* JsonFields::object(const char* key) const
{
    const json* const value = find(key);
    if (value != nullptr && !value->is_object()) {
        refuse(std::string(key) + " is " + shownValue(*value) + " (expected an object)");
    }
    return value;
}

bool JsonFields::contains(const char* key) const
{
    m_asked.emplace(key);
    return m_object.contains(key);
}

} // namespace pissarro::core::inline text

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pissarro::core::inline text {

// What a JSON value from a file is, told in one place; a reader words its own refusal. Json: nlohmann's json or ordered_json.

// A number without a fraction, be it one that no 64 bits with a sign hold.
template <class Json>
bool isWholeNumber(const Json& value)
{
    return value.is_number_integer();
}

template <class T>
struct IsList : std::false_type {
};
template <class T>
struct IsList<std::vector<T>> : std::true_type {
};

// The value as T: std::string, bool; double, any number; std::int64_t, int, std::uint64_t, a whole number that fits;
// std::vector of these, a list of nothing else. nullopt: it is of another kind.
template <class T, class Json>
std::optional<T> jsonAs(const Json& value)
{
    if constexpr (std::is_same_v<T, std::string>) {
        return value.is_string() ? std::optional<T>(value.template get<T>()) : std::nullopt;
    } else if constexpr (std::is_same_v<T, bool>) {
        return value.is_boolean() ? std::optional<T>(value.template get<T>()) : std::nullopt;
    } else if constexpr (std::is_same_v<T, double>) {
        return value.is_number() ? std::optional<T>(value.template get<T>()) : std::nullopt;
    } else if constexpr (IsList<T>::value) {
        if (!value.is_array()) {
            return std::nullopt;
        }
        T list;
        list.reserve(value.size());
        for (const Json& one : value) {
            auto item = jsonAs<typename T::value_type>(one);
            if (!item) {
                return std::nullopt;
            }
            list.push_back(std::move(*item));
        }
        return list;
    } else {
        static_assert(std::is_integral_v<T>);
        if (value.is_number_unsigned()) {
            const auto whole = value.template get<std::uint64_t>();
            return std::in_range<T>(whole) ? std::optional<T>(static_cast<T>(whole)) : std::nullopt;
        }
        if (!isWholeNumber(value)) {
            return std::nullopt;
        }
        const auto whole = value.template get<std::int64_t>();
        return std::in_range<T>(whole) ? std::optional<T>(static_cast<T>(whole)) : std::nullopt;
    }
}

// What a value is, for people: "a number", "true or false".
template <class Json>
std::string_view jsonKind(const Json& value)
{
    return value.is_object() ? "an object"
        : value.is_array()   ? "a list"
        : value.is_string()  ? "text"
        : value.is_boolean() ? "true or false"
        : value.is_number()  ? "a number"
        : value.is_null()    ? "null"
                             : "no value of JSON";
}

// The text itself, where a copy would cost; null: it is none.
template <class Json>
const std::string* jsonText(const Json& value)
{
    return value.template get_ptr<const std::string*>();
}

// The field of that name; null where it is absent or null, and in what is no object.
template <class Json>
const Json* jsonField(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

// The same as T; nullopt where it is of another kind too: for files that are read as far as they tell.
template <class T, class Json>
std::optional<T> jsonFieldAs(const Json& object, const char* key)
{
    const Json* const value = jsonField(object, key);
    return value == nullptr ? std::nullopt : jsonAs<T>(*value);
}

} // namespace pissarro::core::inline text

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pissarro::core::inline text {

// A value as a message shows it: never more than a few words.
std::string shownValue(const nlohmann::json& value);

// Typed access to the fields of one JSON object. Absent and null are the same.
//
// Throws: Error{Format} "KEY is VALUE (expected …)", without the file's name.
class JsonFields {
public:
    explicit JsonFields(const nlohmann::json& object) // outlives this
        : m_object(object)
    {
    }

    const nlohmann::json* find(const char* key) const; // null: there is none
    bool isNull(const char* key) const; // it is there and says null
    bool contains(const char* key) const; // it is there, be it null

    std::optional<std::int64_t> whole(const char* key, std::int64_t lowest,
                                      std::int64_t highest) const;
    std::int64_t required(const char* key, std::int64_t highest) const; // 1 or more
    // A whole number or a list of them; one that 64 bits do not hold is -1. Empty: there is none.
    std::vector<std::int64_t> wholes(const char* key) const;
    std::optional<double> positive(const char* key) const;
    double requiredPositive(const char* key) const;
    bool flag(const char* key, bool otherwise) const;
    std::optional<std::string> text(const char* key) const;
    const nlohmann::json* object(const char* key) const;
    // Finite numbers; empty: there is none.
    std::vector<double> numbers(const char* key) const;
    // Keys that nobody has asked for.
    std::vector<std::string> unasked() const;

private:
    const nlohmann::json& m_object;
    mutable std::set<std::string, std::less<>> m_asked;
};

} // namespace pissarro::core::inline text

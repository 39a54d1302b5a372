// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/format/gguf.h"
#include "core/text/message_text.h"

#include <limits>

namespace pissarro::core::inline format {

namespace {

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

template <typename T>
const T* valueAs(const std::map<std::string, GgufValue, std::less<>>& values, std::string_view key,
                 std::string_view expected)
{
    const auto found = values.find(key);
    if (found == values.end()) {
        return nullptr;
    }
    const T* const value = std::get_if<T>(&found->second);
    if (value == nullptr) {
        refuse("value " + shownText(key) + " is of another kind (expected " + std::string(expected)
               + ")");
    }
    return value;
}

} // namespace

const TensorView* GgufFile::find(std::string_view name) const
{
    return m_tensors.find(name);
}

std::optional<std::int64_t> GgufFile::integer(std::string_view key) const
{
    const auto found = m_values.find(key);
    if (found == m_values.end()) {
        return std::nullopt;
    }
    if (const auto* const value = std::get_if<std::uint64_t>(&found->second)) {
        if (*value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            refuse(fmt::format("value {} is {} (expected below 2^63)", shownText(key), *value));
        }
        return static_cast<std::int64_t>(*value);
    }
    return *valueAs<std::int64_t>(m_values, key, "a whole number");
}

std::optional<double> GgufFile::number(std::string_view key) const
{
    const auto found = m_values.find(key);
    if (found == m_values.end()) {
        return std::nullopt;
    }
    if (const auto* const value = std::get_if<std::uint64_t>(&found->second)) {
        return static_cast<double>(*value);
    }
    if (const auto* const value = std::get_if<std::int64_t>(&found->second)) {
        return static_cast<double>(*value);
    }
    return *valueAs<double>(m_values, key, "a number");
}

std::optional<bool> GgufFile::boolean(std::string_view key) const
{
    const bool* const value = valueAs<bool>(m_values, key, "true or false");
    return value == nullptr ? std::nullopt : std::optional<bool>(*value);
}

std::optional<std::string> GgufFile::text(std::string_view key) const
{
    const std::string* const value = valueAs<std::string>(m_values, key, "text");
    return value == nullptr ? std::nullopt : std::optional<std::string>(*value);
}

const std::vector<std::string>* GgufFile::texts(std::string_view key) const
{
    return valueAs<std::vector<std::string>>(m_values, key, "a list of texts");
}

const std::vector<std::int64_t>* GgufFile::integers(std::string_view key) const
{
    return valueAs<std::vector<std::int64_t>>(m_values, key, "a list of whole numbers");
}

const std::vector<double>* GgufFile::numbers(std::string_view key) const
{
    return valueAs<std::vector<double>>(m_values, key, "a list of numbers");
}

} // namespace pissarro::core::inline format

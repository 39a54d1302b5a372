// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/part_name.h"

#include "core/base/fmt.h"

#include <algorithm>

namespace pissarro::core::inline format {

namespace {

constexpr std::string_view kPattern = "-00001-of-00001"; // a digit: any
constexpr std::size_t kNumberAt = 1;
constexpr std::size_t kCountAt = 10;
constexpr std::size_t kDigits = 5;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::int64_t numberIn(std::string_view digits)
{
    std::int64_t number = 0;
    for (const char digit : digits) {
        number = 10 * number + (digit - '0');
    }
    return number;
}

} // namespace

std::string PartName::text() const
{
    return fmt::format("{}-{:05}-of-{:05}{}", prefix, number, count, extension);
}

std::optional<PartName> partNameOf(std::string_view fileName, std::string_view extension)
{
    if (!fileName.ends_with(extension) || fileName.size() <= extension.size() + kPattern.size()) {
        return std::nullopt;
    }
    const std::string_view stem = fileName.substr(0, fileName.size() - extension.size());
    const std::string_view ending = stem.substr(stem.size() - kPattern.size());
    if (!std::equal(ending.begin(), ending.end(), kPattern.begin(), [](char given, char expected) {
            return isDigit(expected) ? isDigit(given) : given == expected;
        })) {
        return std::nullopt;
    }
    const PartName name {std::string(stem.substr(0, stem.size() - kPattern.size())),
                         numberIn(ending.substr(kNumberAt, kDigits)),
                         numberIn(ending.substr(kCountAt, kDigits)), std::string(extension)};
    return name.number >= 1 && name.number <= name.count ? std::optional(name) : std::nullopt;
}

} // namespace pissarro::core::inline format

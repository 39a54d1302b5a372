// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/base64.h"

#include <array>
#include <cstdint>

namespace pissarro::core::inline text {
namespace {

std::array<std::int8_t, 256> valuesOfLetters()
{
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::int8_t, 256> values {};
    values.fill(-1);
    for (std::size_t i = 0; i < kLetters.size(); ++i) {
        values[static_cast<unsigned char>(kLetters[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

} // namespace

std::optional<std::string> base64Bytes(std::string_view text)
{
    static const std::array<std::int8_t, 256> kValues = valuesOfLetters();
    const std::size_t size = text.size();
    for (int i = 0; i < 2 && text.ends_with('='); ++i) {
        text.remove_suffix(1);
    }
    const bool wasPadded = text.size() < size;
    if (text.size() % 4 == 1 || (wasPadded && size % 4 != 0)) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::int8_t value = kValues[static_cast<unsigned char>(c)];
        if (value < 0) {
            return std::nullopt;
        }
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
        }
    }
    return bytes;
}

} // namespace pissarro::core::inline text

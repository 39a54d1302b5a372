// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace pissarro::core::inline text {

std::string numberText(double value)
{
    std::array<char, 64> buffer {};
    auto* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    std::string text(buffer.data(), end);
    const std::size_t exponent = text.find('e');
    if (exponent != std::string::npos) { // 2e-05 -> 2e-5, 1e+06 -> 1e6
        const std::size_t digits = exponent + 2;
        const std::size_t kept = std::min(text.find_first_not_of('0', digits), text.size() - 1);
        text.erase(digits, kept - digits);
        if (text[exponent + 1] == '+') {
            text.erase(exponent + 1, 1);
        }
    }
    return text;
}

} // namespace pissarro::core::text

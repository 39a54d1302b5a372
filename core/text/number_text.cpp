// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/number_text.h"

#include "core/base/fmt.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace pissarro::core::inline text {

namespace {

// 2e-05 -> 2e-5, 1e+06 -> 1e6
std::string withShortExponent(std::string text)
{
    const std::size_t exponent = text.find('e');
    if (exponent != std::string::npos) {
        const std::size_t digits = exponent + 2;
        const std::size_t kept = std::min(text.find_first_not_of('0', digits), text.size() - 1);
        text.erase(digits, kept - digits);
        if (text[exponent + 1] == '+') {
            text.erase(exponent + 1, 1);
        }
    }
    return text;
}

double rounded(double value, int digits)
{
    return numberIn<double>(roundedText(value, digits)).value_or(value);
}

} // namespace

std::string numberText(double value)
{
    std::array<char, 64> buffer {};
    auto* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return withShortExponent({buffer.data(), end});
}

std::string rateText(double value, int digits)
{
    const double shown = digits > 0 ? rounded(value, digits) : value;
    if (!(std::abs(shown) < 1.0) || shown == 0.0) { // NaN too
        return numberText(shown);
    }
    std::array<char, 64> buffer {};
    auto* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), shown,
                                    std::chars_format::scientific)
                          .ptr;
    return withShortExponent({buffer.data(), end});
}

std::string roundedText(double value, int digits)
{
    std::array<char, 64> text {};
    char* const end = std::to_chars(text.data(), text.data() + text.size(), value,
                                    std::chars_format::general, digits)
                          .ptr;
    return {text.data(), end};
}

std::string fixedText(double value, int decimals)
{
    std::array<char, 400> text {}; // the longest double in fixed notation has 309 digits
    char* const end = std::to_chars(text.data(), text.data() + text.size(), value,
                                    std::chars_format::fixed, decimals)
                          .ptr;
    return {text.data(), end};
}

std::string groupedText(std::int64_t value)
{
    std::string digits = fmt::format("{}", value);
    const std::size_t first = digits.starts_with('-') ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

} // namespace pissarro::core::inline text

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pissarro::core::inline text {

// The shortest text that reads back to the same double: "2e-5", "0.03", "16".
std::string numberText(double value);

// A learning rate as people read it, of one form in a column: its shortest digits beside its power of ten, "2e-2", "1.5e-4"; from 1
// on as numberText() has it. `digits`: rounded to so many; 0: so many as it has.
std::string rateText(double value, int digits = 0);

// So many significant digits, as printf's %.3g has them: "0.0123", "1.5e-05"; fewer where they are zeros.
std::string roundedText(double value, int digits);
// So many digits behind the point, as printf's %.2f has them.
std::string fixedText(double value, int decimals);

std::string groupedText(std::int64_t value); // "4,884,480"

// The number that the whole text is, as std::from_chars reads it ("nan" and "inf" too, no sign but "-"); nullopt: it is
// none, or none that a Number holds.
template <class Number>
std::optional<Number> numberIn(std::string_view text)
{
    Number value {};
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}

} // namespace pissarro::core::inline text

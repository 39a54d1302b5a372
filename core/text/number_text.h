// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace pissarro::core::inline text {

// The shortest text that reads back to the same double: "2e-5", "0.03", "16".
std::string numberText(double value);

// So many significant digits, as printf's %.3g has them: "0.0123", "1.5e-05"; fewer where they are zeros.
std::string roundedText(double value, int digits);
// So many digits behind the point, as printf's %.2f has them.
std::string fixedText(double value, int decimals);

std::string groupedText(std::int64_t value); // "4,884,480"

} // namespace pissarro::core::inline text

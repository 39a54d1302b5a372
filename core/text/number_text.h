// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace pissarro::core::inline text {

// The shortest text that reads back to the same double: "2e-5", "0.03", "16".
std::string numberText(double value);

} // namespace pissarro::core::text

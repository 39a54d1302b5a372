// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace pissarro::core::inline text {

// One word of a command line for a POSIX shell: in quotes unless every character is harmless.
std::string shellQuoted(const std::string& text);

} // namespace pissarro::core::inline text

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tasks {

// What the peers' rules do with text, as Python does it. Requires: valid UTF-8.

std::vector<std::string> splitText(std::string_view text, std::string_view at); // str.split(at)
std::string replacedText(std::string_view text, std::string_view from, std::string_view to);
std::size_t codePointsOf(std::string_view text); // len()

} // namespace pissarro::core::inline tasks

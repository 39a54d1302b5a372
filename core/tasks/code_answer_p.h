// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tasks {

// GraphPKU/PiSSA, utils/code_process.py: what is fenced as Python, without what tries it out; a bare body that is cut
// anywhere loses its first indent there, and is lost. nullopt: the reference ends its whole run (a main block in a form of
// its own).
std::optional<std::string> pissaCode(std::string_view output);

// Up to the first of the marks.
std::string codeBefore(std::string_view output, const std::vector<std::string_view>& marks);

// lm-evaluation-harness, mbpp_instruct: the first fenced block where the prompt opened a fence; a word that follows a fence
// is taken for a language, "def" too.
std::string firstFenced(std::string_view output);

// The row of a data set with its texts there. Throws: Error{Format} "is … (expected …)".
void requireTexts(const nlohmann::json& row, const std::vector<const char*>& keys);

} // namespace pissarro::core::inline tasks

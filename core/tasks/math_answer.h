// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pissarro::core::inline tasks {

// Two normalisers of MATH's answers, which differ for a/b where a or b is no whole number: Hendrycks' leaves it as it is,
// that of PiSSA and lm-evaluation-harness gives up, and the answers as they stand are compared.
enum class MathRule { Hendrycks, Pissa };

// The normal form; nullopt where the reference gives up. Threads: any.
std::optional<std::string> normalMath(std::string_view answer, MathRule rule);
bool equalMath(std::string_view answer, std::string_view gold, MathRule rule);

// The last \boxed{…} (else \fbox{…}) whole, its braces balanced; nullopt: none is.
std::optional<std::string> lastBoxed(std::string_view text);
// What is in it; nullopt for \fbox too, as the reference has it.
std::optional<std::string> boxedContent(std::string_view text);

} // namespace pissarro::core::inline tasks

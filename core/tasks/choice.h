// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline tasks {

// A question whose answers a model finds likely to a degree: natural logarithms, of each choice as a continuation.
struct ChoiceQuestion {
    std::vector<std::string> choices; // without the space that is put before them
    std::vector<double> logLikelihoods; // one each
    std::vector<double> unconditional = {}; // without the question; or none
    std::vector<std::int64_t> tokens = {}; // how many each has; or none
};

// By what a choice is the best: lm-evaluation-harness' names are acc, acc_norm, acc_bytes, acc_mutual_info; acc_tokens is
// ours. acc_norm counts characters (code points), though its paper says bytes.
enum class ChoiceRule { Sum, PerCharacter, PerByte, PerToken, MutualInformation };

// The best choice: the first of equals; the first that is NaN, if one is, as numpy's argmax has it. An empty choice has
// nothing to be divided by: it is the worst.
// Requires: a choice; of each list that the rule needs one value for each choice.
std::size_t bestChoice(const ChoiceQuestion& question, ChoiceRule rule);

} // namespace pissarro::core::inline tasks

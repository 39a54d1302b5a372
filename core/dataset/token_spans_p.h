// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/template.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace pissarro::core::inline dataset {

// For each token of a text whether its characters overlap a span. `ids` is the text encoded without special tokens
// around it; spans are in order.
// Throws: Error{Format} where it cannot be told: a normalizer changes the text, and a span begins or ends within a
//   token of it; Cancelled.
std::vector<bool> tokensWithin(const Tokenizer& tokenizer, std::string_view text,
                               const std::vector<std::int32_t>& ids,
                               const std::vector<TextSpan>& spans, const JobContext& job = {});

} // namespace pissarro::core::inline dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline dataset {

// A conversation as a chat template writes it, in tokens, with what training would learn of it.
struct RenderedConversation {
    std::string text;
    std::vector<std::int32_t> ids; // of the text alone: the template writes the special tokens
    std::vector<bool> learned; // by token; empty where it cannot be told
    std::string whyNoMask; // then the reason
};

// `request` is a list of messages, or an object with messages, tools, documents, add_generation_prompt,
// continue_final_message, special_tokens (instead of the tokenizer's), now ("2026-02-03T04:05:06"), and any other name
// as a variable of the template.
// Throws: Error{Format}.
RenderedConversation renderConversation(std::string_view chatTemplate, const Tokenizer& tokenizer,
                                        const nlohmann::ordered_json& request);

} // namespace pissarro::core::inline dataset

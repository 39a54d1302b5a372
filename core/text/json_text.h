// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/text/ordered_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace pissarro::core::inline text {

// Parses JSON that may be hostile: at most 64 levels deep, 5 million values, valid UTF-8.
// Throws: Error{Format} with one short sentence that echoes none of the text ("is not JSON: error
// at byte 17"); Cancelled within the text.
nlohmann::json parseJson(std::string_view text, const JobContext& job = {});
// The same with the keys in the order of the text, for what is written out again.
nlohmann::ordered_json parseOrderedJson(std::string_view text);
// The same, and which keys stand twice: what another program's reader makes of them is for the caller to say.
OrderedDocument parseDocument(std::string_view text);
// The same of a format of this program's own, at any depth of which no key may stand twice: one of them is a mistake.
// Throws also: as refuseRepeated(), Error{Format} "key 'rank_pattern.q_proj' stands twice; keep one".
nlohmann::ordered_json parseOwnJson(std::string_view text);
// The same of what this program writes for itself, as parseJson() gives it. Throws also: Cancelled.
nlohmann::json parseOwnPlain(std::string_view text, const JobContext& job = {});
void refuseRepeated(const OrderedDocument& document);
std::string
repeatedText(const OrderedDocument& document); // "key 'rank' stands twice"; of none: empty

} // namespace pissarro::core::inline text

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline text {

// JSON with the keys in the order of the text. Of a key that stands twice in one object the last value counts, at the first
// place, as everywhere in nlohmann/json.
struct OrderedDocument {
    nlohmann::ordered_json value;
    // The first keys that stand twice in one object, with those of the objects around it: "rank", "rank_pattern.q_proj".
    std::vector<std::string> repeated;
    bool tooDeep = false; // it was given up there, and `value` is not whole
};

// Cost: linear in the text, where nlohmann's own parser looks through all keys of an object for each that comes.
// Throws: nlohmann's exceptions; Cancelled.
OrderedDocument parseOrdered(std::string_view text, std::size_t mostLevels,
                             const JobContext& job = {});

} // namespace pissarro::core::inline text

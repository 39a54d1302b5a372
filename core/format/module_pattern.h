// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/regex.h"

#include <optional>
#include <string>
#include <string_view>

namespace pissarro::core::inline format {

// One key of PEFT's rank_pattern or alpha_pattern, compiled once: the path of a module or its end ("q_proj",
// "layers.3.mlp.up_proj"), or a regular expression of Python's for that.
//
// Formula: PEFT's get_pattern_key, re.match(rf"(.*\.)?({key})$", module). Flags for the whole expression, "(?i)q_proj",
//   are taken as Python did until 3.10; since 3.11 it refuses them there.
// Cost: a plain name is compared without an engine. Threads: immutable.
class ModulePattern {
public:
    // Throws: Error{Format} naming the key when Python would not compile it or it cannot be followed to the letter.
    explicit ModulePattern(std::string key);

    // Throws: Error{Format} naming the key when it takes too many steps.
    bool matches(std::string_view module) const;
    const std::string& key() const { return m_key; }

private:
    std::string m_key;
    std::optional<Regex> m_regex; // none: a plain name
};

bool isModulePattern(const std::string& key); // what the constructor takes

} // namespace pissarro::core::inline format

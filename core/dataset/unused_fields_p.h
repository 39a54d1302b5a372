// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/said.h"

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

namespace pissarro::core::inline dataset {

// What rows hold and nothing uses, by the names of their fields. Every field counts but those that hold nothing (null, "", an
// empty list) and mere bookkeeping: where a row is from, by its name (id, source, url …; the list is in unused_fields.cpp)
// and by its value, a number or a word.
struct UnusedFields {
    std::map<std::string, std::int64_t> rows; // by field: it holds texts, lists or objects
    std::set<std::string> figures; // fields that hold numbers, or true and false

    // Of one row. within: "messages", put before the name.
    void add(const std::string& name, const nlohmann::ordered_json& value,
             const std::string& within = {});
    void add(const UnusedFields& later); // of other rows
    std::vector<Said> notes() const;
};

} // namespace pissarro::core::inline dataset

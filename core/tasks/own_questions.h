// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pissarro::core::inline tasks {

struct OwnQuestion {
    std::string prompt;
    nlohmann::json expected; // the "gold" of its answers: a text that is not empty, or a number
};

// Somebody's own task: {"prompt": …, "expected": …}, an object a line; other fields and empty lines do not count.
// Throws: Error{Io}; Error{Format} naming file and line, also where there is no question.
std::vector<OwnQuestion> readOwnQuestions(const std::filesystem::path& file);

} // namespace pissarro::core::inline tasks

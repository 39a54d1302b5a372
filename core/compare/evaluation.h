// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stats/proportion.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// What `eval -o DIR` left there, as far as a comparison needs it: summary.json, and of DIR/<name>.jsonl which questions were
// solved.
struct EvaluatedModel {
    std::string name;
    double score = 0.0;
    std::int64_t correct = 0;
    std::int64_t questions = 0;
    Interval interval; // Wilson's, 95 %
    std::vector<bool>
        solved; // in the order of the questions; empty: the transcript is not there, or is of fewer questions
};
struct Evaluation {
    std::filesystem::path directory;
    std::string task;
    std::string rule; // "" where the summary does not say
    std::vector<EvaluatedModel> models;

    const EvaluatedModel* find(const std::string& name) const; // null: none of that name
};

// Throws: Error{Io}; Error{Format} naming the file.
Evaluation readEvaluation(const std::filesystem::path& directory);

} // namespace pissarro::core::inline compare

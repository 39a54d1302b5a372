// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/tasks/task.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace pissarro::core {

// What a rule makes of answers.
struct AnswerScores {
    std::vector<Score> rows; // in the order of the answers
    std::int64_t correct = 0;

    double score() const; // the share that is right, in [0, 1]. Requires: there is a row
};

// Judges answers that exist already, of whatever program: a file of {"output": what a model wrote, "gold": the right answer
// as the task has it}, an object a line; empty lines do not count.
// Throws: Error{Io}; Error{Format} naming the file and the line, also where there is no answer; Cancelled within a row.
AnswerScores scoreAnswers(const Task& task, const ScoringRule& rule,
                          const std::filesystem::path& file, const JobContext& job);

} // namespace pissarro::core

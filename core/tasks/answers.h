// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/sandbox/sandbox.h"
#include "core/tasks/task.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace pissarro::core::inline tasks {

// What a rule makes of answers.
struct AnswerScores {
    std::vector<Score> rows; // in the order of the answers
    std::int64_t correct = 0;

    double score() const; // the share that is right, in [0, 1]. Requires: there is a row
};

// Where answers that are code are run, and whether a person agreed to that.
struct CodeRuns {
    const Sandbox* sandbox = nullptr; // null: there is none
    CodeConsent consent = CodeConsent::NotGiven;
    SandboxLimits limits = {};
};

// Judges one answer. `gold`, `output`: as of ScoringRule.
// Throws: Error{Format} as the rule does; Error{InvalidArgument} where it has to be run and is refused; Cancelled.
Score scoreAnswer(const ScoringRule& rule, std::string_view output, const std::string& gold,
                  const CodeRuns& code, const JobContext& job);

// Judges answers that exist already, of whatever program: a file of {"output": what a model wrote, "gold": the right answer
// as the task has it}, an object a line; empty lines do not count.
// Throws: Error{Io}; Error{Format} naming the file and the line, also where there is no answer; Cancelled within a row;
// Error{InvalidArgument} where answers have to be run and are refused.
AnswerScores scoreAnswers(const Task& task, const ScoringRule& rule,
                          const std::filesystem::path& file, const JobContext& job,
                          const CodeRuns& code = {});

} // namespace pissarro::core::inline tasks

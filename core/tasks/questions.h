// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/tasks/task.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace pissarro::core::inline tasks {

// The questions of a task's data set, an object a line: the first `count` of them, 0: all. Their place here is the row's.
// Throws: Error{Io}; Error{Format} naming file and line, also where there is none; Cancelled, also within
//   the file.
std::vector<TaskQuestion> readQuestions(const Task& task, const std::filesystem::path& file,
                                        std::int64_t count = 0, const JobContext& job = {});

// Texts whose perplexity is asked: a .txt file is one; of .jsonl each row's "text" or "content", else its question and its
// answer. Throws: as readQuestions().
std::vector<std::string> readTexts(const std::filesystem::path& file, std::int64_t count = 0,
                                   const JobContext& job = {});

} // namespace pissarro::core::inline tasks

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/task.h"

#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

struct Asking; // asking_p.h

// What a model can be put to: every task of core/tasks, and what is measured without a rule that judges answers.
struct EvaluatedTask {
    std::string_view name; // "gsm8k": files, the command line
    std::string_view title;
    const Task* task = nullptr; // whose rules judge; null: there are none
    bool writes = false; // the model writes its answers, so that several can be asked for
    bool runsCode = false; // judged by running what was written
    // Asks what was not answered yet; tells each answer as it comes.
    void (*ask)(const Asking& asking) = nullptr;
};

const std::vector<EvaluatedTask>& evaluatedTasks(); // lists keep this order
const EvaluatedTask&
evaluatedTask(std::string_view name); // Throws: Error{InvalidArgument} with the names known

inline constexpr std::string_view kPerplexity = "perplexity"; // the one whose score is no share
inline constexpr std::string_view kLabels = "labels"; // the one that a head for texts answers
inline constexpr std::string_view kMtBench =
    "mt-bench"; // the one whose answers are judged afterwards

} // namespace pissarro::core::inline evaluate

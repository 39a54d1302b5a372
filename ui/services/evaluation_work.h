// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluation_set.h"
#include "ui/services/evaluation_picture.h"

#include <functional>
#include <string>
#include <vector>

namespace pissarro::ui {

// What Evaluations does on its worker. Threads: any; `tell` is called on the caller's.

using TellPicture = std::function<void(std::size_t task, TaskPicturePtr picture)>;

// Everything of an evaluation's folder, a task after the other. Throws: as readEvaluationSet(); what one task's folder is
// damaged by is its picture's problem.
std::vector<core::PlannedEvaluation>
readEvaluations(const std::string& folder, const TellPicture& tell, const core::JobContext& job);

struct AnswerOptions {
    std::string folder;
    core::CodeConsent consent = core::CodeConsent::NotGiven;
};

// Asks what the plan lacks. What keeps one task from its end is its picture's problem, and the others are asked all the same.
// Throws: Cancelled, after a picture of what was answered.
void answerEvaluations(const std::vector<core::PlannedEvaluation>& plan,
                       const AnswerOptions& options, const TellPicture& tell,
                       const core::JobContext& job);

} // namespace pissarro::ui

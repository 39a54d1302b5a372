// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluation_spec.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pissarro::core::inline evaluate {

// The same models put to several tasks: a folder with evaluations.json, which says what was asked for, and a folder for each
// task, which is an evaluation (evaluate.h) from its first question on. What was cut off is known from it whole, also the
// tasks that had not begun.
constexpr const char* kEvaluationSetFile = "evaluations.json";

struct PlannedEvaluation {
    std::string folder; // below that of the set; empty: that itself
    EvaluationSpec spec;
};

// Each in a folder that is named after its task: "gsm8k", "own", "own-2".
std::vector<PlannedEvaluation> plannedEvaluations(const std::vector<EvaluationSpec>& specs);

// Takes `folder`, which is not there or empty, for a set.
// Throws: Error{InvalidArgument} where something is there, a spec that checkEvaluation() refuses, or no task; Error{Io}.
void takeEvaluationSet(const std::filesystem::path& folder,
                       const std::vector<PlannedEvaluation>& plan);

// Of a set, of a single evaluation, or of a folder that evaluations lie in.
// Throws: Error{Io}; Error{Format} naming the file, or that there is none.
std::vector<PlannedEvaluation> readEvaluationSet(const std::filesystem::path& folder);

} // namespace pissarro::core::inline evaluate

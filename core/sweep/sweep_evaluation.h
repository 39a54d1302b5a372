// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluate.h"
#include "core/sweep/sweep_results.h"

#include <nlohmann/json_fwd.hpp>

namespace pissarro::core::inline sweep {

// What the finished runs of a sweep are put to, "eval" of SWEEP.json: the keys of evaluation.json without its models, of
// which task and data have to be there; the others are as `eval` has them, template, dtype and device as the base has them.
//   {"task": "gsm8k", "data": "gsm8k_test.jsonl", "rows": 100, "max_new_tokens": 256}
// Returns a spec without models. Throws: Error{Format}, Error{InvalidArgument} in one line without the file's name.
EvaluationSpec sweepEvaluationFrom(const nlohmann::ordered_json& object, const RunSpec& base);
nlohmann::ordered_json sweepEvaluationJson(const EvaluationSpec& spec); // as it is read

// Asks the runs that are done and were not asked yet, all of them over one base: DIR/eval/1, /2, … are ordinary evaluations. One
// that was cut off is gone on with. `how.folder` is not looked at.
// Requires: the sweep has an `eval`. Throws: as runEvaluation(). Threads: programs on one sweep wait for each other.
void evaluateSweep(const SweepStore& store, EvaluateOptions how, const JobContext& job);

// Scores by the evaluations that are whole: of answers the share of questions whose first answer is right, of a text its
// perplexity; rates are chosen on one half of the questions (choosingHalf) and reported on the other. Without such an
// evaluation what ResultOptions are by themselves. Throws: Error{Io}, Error{Format} naming the file; Cancelled.
ResultOptions scoredByEvaluation(const SweepStore& store, const JobContext& job = {});

} // namespace pissarro::core::inline sweep

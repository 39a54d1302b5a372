// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/evaluate/evaluation_spec.h"
#include "core/session/session.h"

namespace pissarro::core::inline evaluate {

// The share of a spec's questions that a model answers right by the task's rule, of a model that is open: one that trains.
// Nothing is written; the spec's models do not count. Of the first voice of the choir.
// Requires: a task whose rules judge without running what was written, one answer to each question.
// Throws: Error{Io}; Error{Format} for the questions; Error{Numeric}; Cancelled within a token.
double liveScore(const EvaluationSpec& spec, const session::Choir& choir, const JobContext& job);

} // namespace pissarro::core::inline evaluate

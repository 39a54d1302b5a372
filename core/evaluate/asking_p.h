// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/evaluate/evaluation_spec.h"
#include "core/evaluate/transcript.h"
#include "core/session/session.h"
#include "core/tasks/answers.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

// What a choir is asked for an evaluation. Requires: what it refers to outlives it.
struct Asking {
    const EvaluationSpec& spec;
    const session::Choir& choir;
    std::vector<std::string> names; // of its voices
    CodeRuns code; // of tasks that run code
    std::function<bool(const std::string& model, std::int64_t index, std::int64_t sample)>
        isAnswered;
    // How many answers there will be, those that are there included: told once the questions are read, before isAnswered()
    // is asked. The folder is taken by it.
    std::function<void(std::int64_t answers)> expect;
    std::function<void(const Transcript& transcript)> tell; // each as it comes
    const JobContext& job;
};

// Each of one file. Throw: as Engine, logLikelihoods(), the task's reader.
void askTexts(const Asking& asking); // answers that are written
void askChoices(const Asking& asking); // how likely each choice is
void askLabels(const Asking& asking); // classes and numbers of whole texts
void askTurns(const Asking& asking); // MT-Bench
void askWindows(const Asking& asking); // perplexity

// Tokens that a text may have for an encoder: positions that it learned, and what all published ones have where any number
// would do.
std::int64_t longestText(const ModelConfig& config);

// The turns as a voice reads them, and their ids. `name` begins a message: "question 3".
struct AskedPrompt {
    std::string text;
    std::vector<std::int32_t> ids;
};
// By every rule that the task's answers are judged by, the one that makes the score first.
std::vector<const ScoringRule*> rulesOf(const EvaluationSpec& spec, const Task& task);
std::vector<RuleVerdict> verdictsOf(const Asking& asking, const Task& task, std::string_view output,
                                    const std::string& gold);
// Every answer has a seed of its own, whatever else is asked; of one answer to each it is the seed and the row.
std::uint64_t answerSeed(const EvaluationSpec& spec, std::int64_t index, std::int64_t sample);
AskedPrompt promptFor(const Asking& asking, std::size_t voice,
                      const std::vector<ChatMessage>& turns, const std::string& name);

} // namespace pissarro::core::inline evaluate

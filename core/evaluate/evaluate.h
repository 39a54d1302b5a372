// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/evaluate/evaluation_spec.h"
#include "core/evaluate/evaluation_summary.h"
#include "core/evaluate/transcript.h"
#include "core/file/output.h"
#include "core/sandbox/sandbox.h"

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

// An evaluation is a folder:
//   evaluation.json    what was asked (EvaluationSpec), fingerprints of the data and of each model, what confined the answers
//                      that were run
//   transcripts.jsonl  each answer as it came (Transcript): killed, it goes on behind the last whole one
//   NAME.jsonl         of each model its answers, in the order of questions
//   summary.json       scores with interval and rule, and each two models side by side
//   model_answer/NAME.jsonl   of MT-Bench, as FastChat has them
// The last three are written once all is answered.
constexpr const char* kEvaluationFile = "evaluation.json";
constexpr const char* kSummaryFile = "summary.json";

struct EvaluateOptions {
    std::filesystem::path folder;
    Overwrite overwrite = Overwrite::Never; // of what is there and is no evaluation to go on with
    bool resume = false; // there has to be one to go on with
    CodeConsent consent = CodeConsent::NotGiven; // of tasks whose answers are programs
    std::string python = "python3"; // that runs them
    std::function<void(std::string_view line)> warn = {}; // what is to be known of an adapter
    std::function<void(const Transcript& transcript)> onAnswer = {}; // each as it is kept
};

struct Evaluation {
    EvaluationSpec spec;
    std::string data; // fingerprint
    std::map<std::string, std::string> models; // fingerprints by name, of those that were opened
    std::set<std::string> sandboxes; // Sandbox::way() of each start, where answers were run
    std::vector<Transcript> transcripts;
    EvaluationSummary summary; // of these
    bool isWhole = false; // all is answered
};

// Puts the models to the test; models that are one base with adapters answer together. A folder that holds an evaluation of
// the same spec is gone on with, one of another is refused, as is one whose data or models have changed. A new one takes its
// folder, and replaces what may be replaced there, when its first models are open and the questions are read.
// Throws: Error{InvalidArgument} for a spec that checkEvaluation() refuses, code without consent or without a sandbox, a
//   folder that may not be taken; Error{Io}; Error{Format}; Error{Numeric}; Cancelled within a token: what was answered is kept.
// Threads: one call at a time; two programs on one folder wait for each other.
Evaluation runEvaluation(const EvaluationSpec& spec, const EvaluateOptions& options,
                         const JobContext& job);

// An evaluation as its folder has it, whole or not. Throws: Error{Io}; Error{Format} naming the file; Cancelled.
Evaluation readEvaluation(const std::filesystem::path& folder, const JobContext& job = {});

// A model of one evaluation beside one of another: both, only A, only B, none, McNemar's exact test.
// Throws: Error{InvalidArgument} where they were asked other data or another task, or a model is not there.
ModelPair compareEvaluations(const Evaluation& a, const std::string& modelOfA, const Evaluation& b,
                             const std::string& modelOfB);

} // namespace pissarro::core::inline evaluate

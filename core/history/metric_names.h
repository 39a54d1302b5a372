// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace pissarro::core::inline history {

// What is told of a run step by step has one set of names, whatever file tells it: those of metrics.jsonl. What only others
// tell keeps their name, in the form that the HF Trainer's logs have: "eval_wer".
namespace metric {
inline constexpr std::string_view kLoss =
    "loss"; // nats, mean over the step or since the last telling
inline constexpr std::string_view kEvalLoss = "eval_loss"; // of held-out examples
inline constexpr std::string_view kEvalScore = "eval_score"; // of a task, the share that is right
inline constexpr std::string_view kGradNorm = "grad_norm"; // before clipping
inline constexpr std::string_view kLearningRate = "lr";
inline constexpr std::string_view kEpoch = "epoch"; // done, with its fraction
inline constexpr std::string_view kTokens = "tokens"; // cumulative
inline constexpr std::string_view kElapsed = "elapsed_s"; // wall time since the start, seconds
inline constexpr std::string_view kTokensPerS = "tokens_per_s";
inline constexpr std::string_view kMemory = "memory_bytes"; // peak so far
} // namespace metric

// What a trainer calls `theirs`: "learning_rate" is "lr", "num_input_tokens_seen" is "tokens", "wer" is "wer".
std::string metricOf(std::string_view theirs);
// The same of a tag of TensorBoard: "train/learning_rate" is "lr", "eval/loss" is "eval_loss".
std::string metricOfTag(std::string_view tag);
// The tag that the HF Trainer gives it: "train/learning_rate", "eval/loss".
std::string trainerTag(std::string_view metric);

// Told beside whatever else is told, and drawn along: epoch, tokens, elapsed_s.
bool isAxis(std::string_view metric);
// Of held-out or test examples, which a program may tell that does not train: eval_…, test_…, predict_….
bool isEvaluation(std::string_view metric);
// Told once at the end and of the whole run, by the HF Trainer: train_runtime, total_flos, train_loss (the mean), …
bool isOfWholeRun(std::string_view metric);

} // namespace pissarro::core::inline history

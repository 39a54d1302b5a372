// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"
#include "core/infer/sampler.h"
#include "core/run/run_checkpoints.h"
#include "core/session/open_model.h"
#include "core/tasks/perplexity.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

// A model that is put to the test.
struct EvaluatedModel {
    std::string name; // of it alone in the evaluation; fit for a file
    std::string model; // folder, .gguf, id of the local cache, or a run
    std::filesystem::path adapter = {}; // PEFT folder; empty: none, or the run's own
    StateChoice checkpoint = {}; // of a run
};

// Everything that decides an evaluation's answers: which models, what they are asked, how they speak.
struct EvaluationSpec {
    std::string task = "gsm8k"; // one of evaluatedTasks()
    std::string rule; // whose score is the score; empty: the task's first
    std::filesystem::path data;
    std::vector<EvaluatedModel> models;
    PromptTemplate promptTemplate = PromptTemplate::Alpaca;
    std::int64_t rows = 0; // the first so many of the data; 0: all
    std::int64_t samples = 1; // answers to each question
    Sampling sampling {.greedy = true};
    std::int64_t maxNewTokens = 512;
    std::vector<std::string> stops; // texts that end an answer
    WindowPlan windows; // of perplexity
    BaseDType dtype = BaseDType::Float32;
    std::string device = "auto";
    // These decide no answer beyond the rounding of the batch (Engine), so an evaluation goes on with others.
    std::int64_t batchSize = 32;
    int threads = 0;

    InferenceModel inferenceModel(std::size_t model) const;
};

// Ranges, names, and that the task has what is asked for. Throws: Error{InvalidArgument} in one line.
void checkEvaluation(const EvaluationSpec& spec);

nlohmann::ordered_json toJson(const EvaluationSpec& spec);
// Throws: Error{Format} naming the key that is missing or of another kind.
EvaluationSpec evaluationFrom(const nlohmann::json& json);

// The first thing in which they would give other answers, "max_new_tokens is 256 there and 512 here"; empty: nothing.
std::string differenceOf(const EvaluationSpec& there, const EvaluationSpec& here);

// WHAT of the command line: a run, a model, or MODEL+ADAPTERDIR. The name is that of its last folder.
EvaluatedModel evaluatedModel(std::string_view what);
// Makes names fit for files, and each of one model alone: "pissa", "pissa-2".
void makeNamesUnique(std::vector<EvaluatedModel>& models);

} // namespace pissarro::core::inline evaluate

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/tasks/task.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pissarro::core::inline evaluate {

// What one rule made of an answer.
struct RuleVerdict {
    std::string rule;
    Score score;
};

// One question to one model, and all that came of it.
struct Transcript {
    std::string model; // its name
    std::int64_t index = 0; // row of the data, from 0; of perplexity the window
    std::int64_t sample = 0; // which of the answers to it
    nlohmann::json prompt; // the text as the model read it; of several turns a list
    // The text that it wrote; of several turns a list; of a choice {"loglikelihoods", …}; of a window {"nll", "scored", …}.
    nlohmann::json output;
    nlohmann::json gold; // what is right, as the task has it; null: nothing is
    std::vector<RuleVerdict>
        verdicts; // of each of the task's rules, the one that makes the score first; or none
    std::int64_t tokens = 0; // new ones
    std::string ending; // "end", "stop", "length"; empty: nothing was written
    double seconds = 0.0; // its share of the machine's time

    bool isCorrect() const { return !verdicts.empty() && verdicts.front().score.correct; }
};

// A line of transcripts.jsonl, without its line feed.
std::string toLine(const Transcript& transcript);

constexpr const char* kTranscriptsFile = "transcripts.jsonl";

// Those of an evaluation's folder, in the order in which they came; no file: none. A last line that a crash has torn does not
// count; `cutTorn` takes it out of the file, so that more can be appended.
// Throws: Error{Io}; Error{Format} naming file and line; Cancelled, also within the file.
std::vector<Transcript> readTranscripts(const std::filesystem::path& folder, bool cutTorn = false,
                                        const JobContext& job = {});

} // namespace pissarro::core::inline evaluate

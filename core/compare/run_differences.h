// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/compared_run.h"
#include "core/model/model_files.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// Something that is told of each run: a setting, a fingerprint, a figure.
struct DifferenceRow {
    std::string key; // of run.json: "learning_rate"; of a module its path
    std::string label; // for people: "Learning rate"
    std::vector<std::string> values; // a text a run; "" where it has none
};

// How many steps that two runs both told of saw the same tokens.
struct BatchAgreement {
    std::size_t run = 0; // place among our runs
    std::size_t beside = 0; // the first one that was to see the same
    std::int64_t common = 0; // steps with a hash in both
    std::int64_t equal = 0;
};

struct RunDifferences {
    std::vector<DifferenceRow> settings; // those that differ, in the order of the spec table
    // Base, tokenizer and data by content, those that differ; a run of an older version knows none.
    std::vector<DifferenceRow> inputs;
    std::vector<std::string> sameInputs; // labels of those that all runs have alike
    std::vector<DifferenceRow> stepZero; // what was measured before the first step; all of it
    std::vector<BatchAgreement> batches;
};

// Of our runs among them, whose values stand in their order; others' are left out. Reads metrics.jsonl for the hashes.
// Throws: Cancelled.
RunDifferences differencesOf(const std::vector<ComparedRun>& runs, const JobContext& job = {});

// Modules that have another rank in one run than in another, a row each with the ranks. `modules`: those that have adapters.
std::vector<DifferenceRow> rankDifferences(const std::vector<LinearModule>& modules,
                                           const std::vector<RunSpec>& specs);

} // namespace pissarro::core::inline compare

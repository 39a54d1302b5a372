// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/stats/proportion.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// What `eval -o DIR` left there, as far as a comparison needs it: summary.json (DESIGN §7), and of DIR/<name>.jsonl which
// questions were solved. Of answers scores are shares of 1, of a text its perplexity.
struct ScoredModel {
    std::string name;
    double score = 0.0;
    std::int64_t correct = 0; // answers; 0 of a text
    std::int64_t answers = 0; // as many as questions, or several to each
    std::int64_t questions = 0;
    std::optional<Interval> interval; // 95 %; as the summary says, else Wilson's
    // The first answers, in the order of the questions; empty: the transcript is not there, or is of fewer questions.
    std::vector<bool> solved = {};
};
struct Scoreboard {
    std::filesystem::path directory;
    std::string task;
    std::string rule; // "" where the summary does not say
    bool isPerplexity = false; // the lower the better
    std::vector<ScoredModel> models;

    const ScoredModel* find(const std::string& name) const; // null: none of that name
    // A run by the name it goes by here, else by its folder's; null: it was not asked.
    const ScoredModel* findRun(const std::string& name, const std::filesystem::path& run) const;
    const ScoredModel* best() const; // null: there is no model
    std::string text(const ScoredModel& model) const; // "42 %", or a perplexity
};

// Throws: Error{Io}; Error{Format} naming the file; Cancelled within a few megabytes of the stop.
Scoreboard readScoreboard(const std::filesystem::path& directory, const JobContext& job = {});
// Those of a folder that holds one evaluation, or one of each task below it (as the window writes several), by name.
std::vector<Scoreboard> readScoreboards(const std::filesystem::path& directory,
                                        const JobContext& job = {});

} // namespace pissarro::core::inline compare

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tasks {

// MT-Bench (Zheng et al., arXiv:2306.05685): questions of two turns, whose answers a judge rates. Files are those of
// lm-sys/FastChat, fastchat/llm_judge: an object a line.

struct MtBenchQuestion { // question.jsonl
    std::int64_t id = 0;
    std::string category;
    std::vector<std::string> turns;
    std::vector<std::string> reference = {}; // one a turn, for mathematics and the like; or none
};

struct MtBenchAnswer { // model_answer/MODEL.jsonl
    std::int64_t questionId = 0;
    std::string answerId; // anything that is the answer's alone
    std::string model;
    std::vector<std::vector<std::string>> choices; // of each try, what was said at each turn
    double time = 0.0; // seconds since the epoch
};

struct MtBenchJudgment { // model_judgment/JUDGE_single.jsonl
    std::int64_t questionId = 0;
    std::string model;
    std::string judge; // its model
    std::string
        judgePrompt; // the name of what it was asked: "single-v1", "single-math-v1-multi-turn"
    std::string userPrompt; // what it was asked
    std::string judgment; // what it said
    double score = -1.0; // ratingOf(judgment), else -1
    int turn = 1; // from 1
    double time = 0.0;
};

// Throws: Error{Io}; Error{Format} naming file and line, also where there is nothing; fields that FastChat may add do not
// count. Cancelled, also within the file.
std::vector<MtBenchQuestion> readMtBenchQuestions(const std::filesystem::path& file,
                                                  const JobContext& job = {});
std::vector<MtBenchAnswer> readMtBenchAnswers(const std::filesystem::path& file,
                                              const JobContext& job = {});
std::vector<MtBenchJudgment> readMtBenchJudgments(const std::filesystem::path& file,
                                                  const JobContext& job = {});

// A line with its line feed, keys in FastChat's order.
std::string mtBenchLine(const MtBenchAnswer& answer);
std::string mtBenchLine(const MtBenchJudgment& judgment);

// The rating of a judge's text: the first [[N]], else the first [N], as FastChat reads it; nullopt: it gave none.
std::optional<double> ratingOf(std::string_view judgment);

enum class PairWinner { First, Second, Tie };
// [[A]], [[B]] or [[C]], looked for in this order; nullopt: it named none.
std::optional<PairWinner> winnerOf(std::string_view judgment);

// The mean of the ratings of 0 and more, as FastChat's show_result; nullopt: there is none.
std::optional<double> mtBenchScore(const std::vector<MtBenchJudgment>& judgments);

} // namespace pissarro::core::inline tasks

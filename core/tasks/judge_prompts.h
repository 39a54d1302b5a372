// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tasks/mt_bench.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tasks {

// What a judge of MT-Bench is asked, in words of this program: grades and verdicts are of the form of Zheng et al.,
// arXiv:2306.05685, but not to be laid beside those that other prompts got.
struct JudgePrompt {
    std::string name; // "pissarro-single", "pissarro-pair-reference-turn-2"
    std::string system;
    std::string text; // with {question}, {answer_a_1} and the like
};

enum class JudgeMode {
    Single, // a rating of one answer
    Pair // which of two is better
};

// turn: 1, or 2 for the whole conversation.
const JudgePrompt& judgePrompt(JudgeMode mode, bool hasReference, int turn);
std::span<const JudgePrompt> allJudgePrompts();

// Whether FastChat judges answers of the category beside a reference: math, reasoning, coding.
bool needsReference(std::string_view category);

// The text of a prompt. answers: of one model, or of two; each has a text for each turn up to `turn`, and `reference`, where
// the prompt has one, too. What stands in braces within an answer stays as it is.
// Requires: answers.size() is that of the mode.
std::string judgeText(const JudgePrompt& prompt, const std::vector<std::string>& question,
                      const std::vector<std::vector<std::string>>& answers,
                      const std::vector<std::string>& reference);

// model_judgment/JUDGE_pair.jsonl: two models on one turn, judged twice with their places swapped.
struct MtBenchPair {
    std::int64_t questionId = 0;
    std::string first; // model_1, which is A in the first game and B in the second
    std::string second;
    std::string
        firstWinner; // of the games: "model_1", "model_2", "tie"; "error": the judge named none
    std::string secondWinner;
    std::string judge;
    std::string judgePrompt;
    std::string firstUserPrompt;
    std::string firstJudgment;
    std::string secondUserPrompt;
    std::string secondJudgment;
    int turn = 1;
    double time = 0.0;

    // Both games say the same winner, else a tie; nullopt: one has none.
    std::optional<PairWinner> winner() const;
};

// FastChat's word for what a judge said of a game; swapped: the second model stood first.
std::string gameWinner(std::string_view judgment, bool swapped);

std::string mtBenchLine(const MtBenchPair& pair);
// Throws: as readMtBenchJudgments().
std::vector<MtBenchPair> readMtBenchPairs(const std::filesystem::path& file,
                                          const JobContext& job = {});

} // namespace pissarro::core::inline tasks

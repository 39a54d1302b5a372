// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/judging.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

// One question that the judge is asked, of a pair two.
struct JudgeMatch {
    const MtBenchQuestion* question = nullptr; // of the input
    int turn = 1;
    std::string first; // model
    std::string second; // the other one of a pair; empty: it is a rating
    const JudgePrompt* prompt = nullptr;
    std::string user; // what is asked
    std::string swapped; // of a pair, the same with places swapped
};

struct JudgingInput {
    std::vector<MtBenchQuestion> questions;
    std::map<std::string, std::string>
        fingerprints; // "questions", "references", "answers of MODEL"
    std::vector<JudgeMatch> matches; // in FastChat's order
};

// warn is told of questions whose category wants a reference and that have none: they are judged without.
// Throws: as judgeAnswers().
JudgingInput readJudgingInput(const JudgingSpec& spec,
                              const std::function<void(std::string_view line)>& warn,
                              const JobContext& job);

Judging summaryOfRatings(const std::vector<MtBenchJudgment>& ratings);
Judging summaryOfPairs(const std::vector<MtBenchPair>& pairs);

} // namespace pissarro::core::inline evaluate

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/evaluate/judge.h"
#include "core/file/output.h"
#include "core/stats/sample.h"
#include "core/tasks/judge_prompts.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

// MT-Bench's answers put to a judge. A judging is a folder:
//   judging.json                          what was asked: mode, judge, fingerprints of the files
//   model_judgment/JUDGE_single.jsonl     FastChat's, a line a rating; of pairs JUDGE_pair.jsonl
// Killed, it goes on behind the last whole line.
constexpr const char* kJudgingFile = "judging.json";

struct JudgingSpec {
    // FastChat's model_answer/MODEL.jsonl, or evaluations of MT-Bench (evaluate.h).
    std::vector<std::filesystem::path> answers;
    std::filesystem::path
        questions; // question.jsonl; empty: those of an evaluation among `answers`
    std::filesystem::path references; // reference_answer/….jsonl; empty: the questions' own
    JudgeMode mode = JudgeMode::Single;
    std::string baseline; // of pairs, the model that stands beside each other; empty: each two
    std::int64_t rows = 0; // the first so many questions; 0: all
};

struct JudgingOptions {
    std::filesystem::path folder;
    Overwrite overwrite = Overwrite::Never; // of what is there and is no judging to go on with
    std::function<void(std::string_view line)> warn = {};
};

// Ratings of one model.
struct JudgedModel {
    std::string name;
    SampleSummary firstTurn;
    SampleSummary secondTurn;
    SampleSummary all; // its mean is the score
    std::int64_t unread = 0; // judgments that hold no rating
};

// Two models by their pairs: won, lost and tied by the first. Who wins by one order alone has tied.
struct JudgedPair {
    std::string first;
    std::string second;
    std::int64_t won = 0;
    std::int64_t lost = 0;
    std::int64_t tied = 0;
    std::int64_t unread = 0; // pairs of which a game has no winner
};

struct Judging {
    std::filesystem::path file; // of the judgments
    std::string judge;
    std::int64_t judgments = 0;
    std::vector<JudgedModel> models; // of ratings
    std::vector<JudgedPair> pairs;
    // Where the judge answered nonsense: "question 81, turn 1, pissa".
    std::vector<std::string> unread;
};
nlohmann::ordered_json toJson(const Judging& judging);

// Has all answers judged that are not yet.
// Throws: Error{InvalidArgument} for a folder that may not be taken, or holds another judging, naming the difference, and for
//   answers that lack a question; Error{Io}; Error{Format}; as Judge::ask(); Cancelled: what was judged is kept.
Judging judgeAnswers(const JudgingSpec& spec, Judge& judge, const JudgingOptions& options,
                     const JobContext& job);

} // namespace pissarro::core::inline evaluate

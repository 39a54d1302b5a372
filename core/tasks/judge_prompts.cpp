// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/judge_prompts.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tasks/json_lines_p.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace pissarro::core::inline tasks {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// This program's own words: a judge that is asked in other words is another judge, so each prompt has a name of ours.
constexpr std::string_view kGradeEnd =
    " Give your reasons in a few sentences. Then, on a line of its own, give a grade from 1 (of no "
    "use) to 10 (could "
    "not be better) in double square brackets, like this: Grade: [[7]]";
constexpr std::string_view kPairEnd =
    " Which of them stands first, how long they are and what they are called must not matter. Give "
    "your reasons in a "
    "few sentences. Then, on a line of its own, give your verdict in double square brackets: [[A]] "
    "where assistant A "
    "did better, [[B]] where assistant B did, [[C]] where neither did.";

std::string instructionOf(JudgeMode mode, bool hasReference, int turn)
{
    const bool single = mode == JudgeMode::Single;
    std::string text = single ? "You grade the work of an assistant."
                              : "You decide which of two assistants, A and B, did the better work.";
    text += turn > 1
        ? " Judge the answer to the second question; the first one only leads up to it."
        : "";
    text += hasReference ? " A correct answer is given. Hold the assistant's work against it "
                           "first, and name each mistake; being right "
                           "counts most."
                         : " Weigh whether the work does what was asked, is true, is of use, goes "
                           "deep enough and reads well.";
    return text + std::string(single ? kGradeEnd : kPairEnd);
}

// One heading and what stands under it, for each turn.
std::string partOf(std::string_view title, std::string_view answer, int turn)
{
    if (turn == 1) {
        return fmt::format("== {}\n{{{}}}\n\n", title, answer);
    }
    std::string text;
    for (int i = 1; i <= 2; ++i) {
        text += fmt::format("== Question {}\n{{question_{}}}\n\n== {} {}\n{{{}_{}}}\n\n", i, i,
                            title, i, answer, i);
    }
    return text;
}

JudgePrompt promptOf(JudgeMode mode, bool hasReference, int turn)
{
    const bool single = mode == JudgeMode::Single;
    JudgePrompt prompt;
    prompt.name = fmt::format("pissarro-{}{}{}", single ? "single" : "pair",
                              hasReference ? "-reference" : "", turn > 1 ? "-turn-2" : "");
    prompt.system = instructionOf(mode, hasReference, turn);
    prompt.text = turn > 1 ? "" : "== Question\n{question}\n\n";
    prompt.text += hasReference
        ? partOf("Correct answer", turn > 1 ? "ref_answer" : "ref_answer_1", turn)
        : "";
    if (single) {
        prompt.text += partOf("Answer", "answer", turn);
    } else {
        prompt.text += partOf("Answer of assistant A", "answer_a", turn);
        prompt.text += partOf("Answer of assistant B", "answer_b", turn);
    }
    return prompt;
}

// In the order of judgePrompt().
const std::vector<JudgePrompt>& prompts()
{
    static const std::vector<JudgePrompt> all = [] {
        std::vector<JudgePrompt> made;
        for (const JudgeMode mode : {JudgeMode::Single, JudgeMode::Pair}) {
            for (const bool hasReference : {false, true}) {
                for (const int turn : {1, 2}) {
                    made.push_back(promptOf(mode, hasReference, turn));
                }
            }
        }
        return made;
    }();
    return all;
}

// The value of a field of a prompt: "question", "question_2", "answer_b_1", "ref_answer_2"; null: it is none.
const std::string* fieldOf(std::string_view name, const std::vector<std::string>& question,
                           const std::vector<std::vector<std::string>>& answers,
                           const std::vector<std::string>& reference)
{
    std::size_t turn = 0;
    if (name.ends_with("_2")) {
        turn = 1;
    }
    if (name.ends_with("_1") || name.ends_with("_2")) {
        name.remove_suffix(2);
    }
    const std::vector<std::string>* from = nullptr;
    if (name == "question") {
        from = &question;
    } else if (name == "ref_answer") {
        from = &reference;
    } else if (name == "answer" || name == "answer_a") {
        from = &answers.at(0);
    } else if (name == "answer_b") {
        from = &answers.at(1);
    }
    return from == nullptr ? nullptr : &from->at(turn);
}

std::string neededText(const json& row, const char* key)
{
    auto value = row.is_object() ? jsonFieldAs<std::string>(row, key) : std::nullopt;
    if (!value) {
        throw Error(ErrorKind::Format,
                    "has no \"" + std::string(key)
                        + "\" (expected a text, as FastChat's pairs have)");
    }
    return *std::move(value);
}

MtBenchPair pairOf(const json& row)
{
    MtBenchPair pair;
    pair.first = neededText(row, "model_1");
    pair.second = neededText(row, "model_2");
    pair.firstWinner = neededText(row, "g1_winner");
    pair.secondWinner = neededText(row, "g2_winner");
    const auto id = jsonFieldAs<std::int64_t>(row, "question_id");
    const auto judge = jsonFieldAs<std::vector<std::string>>(row, "judge");
    if (!id || !judge || judge->size() != 2) {
        throw Error(
            ErrorKind::Format,
            "has no \"question_id\" or no \"judge\" (expected a number and [model, prompt])");
    }
    pair.questionId = *id;
    pair.judge = (*judge)[0];
    pair.judgePrompt = (*judge)[1];
    const auto textOf = [&](const char* key) {
        return jsonFieldAs<std::string>(row, key).value_or(std::string());
    };
    pair.firstUserPrompt = textOf("g1_user_prompt");
    pair.firstJudgment = textOf("g1_judgment");
    pair.secondUserPrompt = textOf("g2_user_prompt");
    pair.secondJudgment = textOf("g2_judgment");
    pair.turn = jsonFieldAs<int>(row, "turn").value_or(1);
    pair.time = jsonFieldAs<double>(row, "tstamp").value_or(0.0);
    return pair;
}

} // namespace

std::span<const JudgePrompt> allJudgePrompts()
{
    return prompts();
}

const JudgePrompt& judgePrompt(JudgeMode mode, bool hasReference, int turn)
{
    const std::size_t at =
        (mode == JudgeMode::Pair ? 4U : 0U) + (hasReference ? 2U : 0U) + (turn > 1 ? 1U : 0U);
    return prompts()[at];
}

bool needsReference(std::string_view category)
{
    return category == "math" || category == "reasoning" || category == "coding";
}

std::string judgeText(const JudgePrompt& prompt, const std::vector<std::string>& question,
                      const std::vector<std::vector<std::string>>& answers,
                      const std::vector<std::string>& reference)
{
    std::string text;
    std::string_view rest = prompt.text;
    for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
        const std::size_t close = rest.find('}', open);
        text += rest.substr(0, open);
        const std::string_view name = rest.substr(open + 1, close - open - 1);
        const std::string* const value = fieldOf(name, question, answers, reference);
        if (value == nullptr) {
            throw Error(ErrorKind::Internal, "a prompt of MT-Bench has a field that is unknown");
        }
        text += *value;
        rest.remove_prefix(close + 1);
    }
    text += rest;
    return text;
}

std::optional<PairWinner> MtBenchPair::winner() const
{
    if (firstWinner == "error" || secondWinner == "error") {
        return std::nullopt;
    }
    if (firstWinner != secondWinner || firstWinner == "tie") {
        return PairWinner::Tie;
    }
    return firstWinner == "model_1" ? PairWinner::First : PairWinner::Second;
}

std::string gameWinner(std::string_view judgment, bool swapped)
{
    const std::optional<PairWinner> found = winnerOf(judgment);
    if (!found) {
        return "error";
    }
    if (*found == PairWinner::Tie) {
        return "tie";
    }
    return (*found == PairWinner::First) != swapped ? "model_1" : "model_2";
}

std::string mtBenchLine(const MtBenchPair& pair)
{
    return ordered_json {{"question_id", pair.questionId},
                         {"model_1", pair.first},
                         {"model_2", pair.second},
                         {"g1_winner", pair.firstWinner},
                         {"g2_winner", pair.secondWinner},
                         {"judge", std::vector {pair.judge, pair.judgePrompt}},
                         {"g1_user_prompt", pair.firstUserPrompt},
                         {"g1_judgment", pair.firstJudgment},
                         {"g2_user_prompt", pair.secondUserPrompt},
                         {"g2_judgment", pair.secondJudgment},
                         {"turn", pair.turn},
                         {"tstamp", pair.time}}
               .dump()
        + "\n";
}

std::vector<MtBenchPair> readMtBenchPairs(const std::filesystem::path& file, const JobContext& job)
{
    std::vector<MtBenchPair> pairs;
    forEachJsonLine(
        file, [&](const json& row, double /*fraction*/) { pairs.push_back(pairOf(row)); }, job);
    if (pairs.empty()) {
        throw Error(ErrorKind::Format,
                    shownPath(file) + ": holds no pair (expected one of MT-Bench's a line)");
    }
    return pairs;
}

} // namespace pissarro::core::inline tasks

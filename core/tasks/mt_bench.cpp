// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/mt_bench.h"

#include "core/base/error.h"
#include "core/tasks/json_lines_p.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// A field of a line that has to be there.
template <class T>
T needed(const json& row, const char* key, const char* expected)
{
    auto value = row.is_object() ? jsonFieldAs<T>(row, key) : std::nullopt;
    if (!value) {
        throw Error(ErrorKind::Format,
                    "has no \"" + std::string(key) + "\" (expected " + expected + ")");
    }
    return *std::move(value);
}

constexpr const char* kText = "a text";
constexpr const char* kTexts = "a list of texts that is not empty";
constexpr const char* kNumber = "a number";

std::vector<std::string> turnsOf(const json& row)
{
    auto turns = needed<std::vector<std::string>>(row, "turns", kTexts);
    if (turns.empty()) {
        throw Error(ErrorKind::Format, "has \"turns\" [] (expected " + std::string(kTexts) + ")");
    }
    return turns;
}

template <class T>
std::vector<T> listOf(const std::filesystem::path& file, T (*read)(const json& row),
                      const char* what, const JobContext& job)
{
    std::vector<T> list;
    forEachJsonLine(
        file, [&](const json& row, double /*fraction*/) { list.push_back(read(row)); }, job);
    if (list.empty()) {
        throw Error(ErrorKind::Format,
                    shownPath(file) + ": holds no " + what
                        + " (expected one of MT-Bench's a line)");
    }
    return list;
}

MtBenchQuestion questionOf(const json& row)
{
    return {needed<std::int64_t>(row, "question_id", kNumber),
            needed<std::string>(row, "category", kText), turnsOf(row),
            jsonFieldAs<std::vector<std::string>>(row, "reference")
                .value_or(std::vector<std::string>())};
}

MtBenchAnswer answerOf(const json& row)
{
    MtBenchAnswer answer {needed<std::int64_t>(row, "question_id", kNumber),
                          needed<std::string>(row, "answer_id", kText),
                          needed<std::string>(row, "model_id", kText),
                          {},
                          jsonFieldAs<double>(row, "tstamp").value_or(0.0)};
    const json* const choices = jsonField(row, "choices");
    if (choices == nullptr || !choices->is_array() || choices->empty()) {
        throw Error(ErrorKind::Format,
                    "has no \"choices\" (expected a list of objects with \"turns\")");
    }
    for (const json& choice : *choices) {
        answer.choices.push_back(turnsOf(choice));
    }
    return answer;
}

MtBenchJudgment judgmentOf(const json& row)
{
    const auto judge = needed<std::vector<std::string>>(row, "judge", "[model, prompt]");
    if (judge.size() != 2) {
        throw Error(ErrorKind::Format, "has another \"judge\" (expected [model, prompt])");
    }
    return {needed<std::int64_t>(row, "question_id", kNumber),
            needed<std::string>(row, "model", kText),
            judge[0],
            judge[1],
            jsonFieldAs<std::string>(row, "user_prompt").value_or(std::string()),
            needed<std::string>(row, "judgment", kText),
            needed<double>(row, "score", kNumber),
            needed<int>(row, "turn", kNumber),
            jsonFieldAs<double>(row, "tstamp").value_or(0.0)};
}

// The first \d+\.?\d* between the two, ASCII's digits; nullopt: none stands there.
std::optional<double> numberBetween(std::string_view text, std::string_view open,
                                    std::string_view close)
{
    constexpr std::string_view kDigits = "0123456789";
    for (std::size_t at = text.find(open); at != std::string_view::npos;
         at = text.find(open, at + 1)) {
        const std::size_t begin = at + open.size();
        std::size_t end = std::min(text.find_first_not_of(kDigits, begin), text.size());
        if (end == begin) {
            continue;
        }
        if (end < text.size() && text[end] == '.') {
            end = std::min(text.find_first_not_of(kDigits, end + 1), text.size());
        }
        double value = 0.0;
        const auto read = std::from_chars(text.data() + begin, text.data() + end, value);
        if (text.substr(end).starts_with(close) && read.ec == std::errc()) {
            return value;
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<MtBenchQuestion> readMtBenchQuestions(const std::filesystem::path& file,
                                                  const JobContext& job)
{
    return listOf(file, questionOf, "question", job);
}

std::vector<MtBenchAnswer> readMtBenchAnswers(const std::filesystem::path& file,
                                              const JobContext& job)
{
    return listOf(file, answerOf, "answer", job);
}

std::vector<MtBenchJudgment> readMtBenchJudgments(const std::filesystem::path& file,
                                                  const JobContext& job)
{
    return listOf(file, judgmentOf, "judgment", job);
}

std::string mtBenchLine(const MtBenchAnswer& answer)
{
    ordered_json choices = ordered_json::array();
    for (const auto& turns : answer.choices) {
        choices.push_back({{"index", choices.size()}, {"turns", turns}});
    }
    return ordered_json {{"question_id", answer.questionId},
                         {"answer_id", answer.answerId},
                         {"model_id", answer.model},
                         {"choices", std::move(choices)},
                         {"tstamp", answer.time}}
               .dump()
        + "\n";
}

std::string mtBenchLine(const MtBenchJudgment& judgment)
{
    return ordered_json {{"question_id", judgment.questionId},
                         {"model", judgment.model},
                         {"judge", std::vector {judgment.judge, judgment.judgePrompt}},
                         {"user_prompt", judgment.userPrompt},
                         {"judgment", judgment.judgment},
                         {"score", judgment.score},
                         {"turn", judgment.turn},
                         {"tstamp", judgment.time}}
               .dump()
        + "\n";
}

std::optional<double> ratingOf(std::string_view judgment)
{
    const auto rating = numberBetween(judgment, "[[", "]]");
    return rating ? rating : numberBetween(judgment, "[", "]");
}

std::optional<PairWinner> winnerOf(std::string_view judgment)
{
    const auto names = [&](std::string_view mark) {
        return judgment.find(mark) != std::string_view::npos;
    };
    if (names("[[A]]")) {
        return PairWinner::First;
    }
    if (names("[[B]]")) {
        return PairWinner::Second;
    }
    return names("[[C]]") ? std::optional(PairWinner::Tie) : std::nullopt;
}

std::optional<double> mtBenchScore(const std::vector<MtBenchJudgment>& judgments)
{
    double sum = 0.0;
    std::size_t count = 0;
    for (const MtBenchJudgment& one : judgments) {
        if (one.score >= 0.0) { // -1: the judge gave none
            sum += one.score;
            ++count;
        }
    }
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

} // namespace pissarro::core::inline tasks

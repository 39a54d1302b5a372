// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/answers.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/text/json_fields.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>

namespace pissarro::core {

namespace {

constexpr std::uint64_t kLargestFile = 4ULL << 30U;

// The field "output" or "gold" of a row.
const nlohmann::json& fieldOf(const nlohmann::json& row, const char* key)
{
    const nlohmann::json* const value = row.is_object() ? JsonFields(row).find(key) : nullptr;
    if (value == nullptr) {
        throw Error(ErrorKind::Format,
                    std::string("has no \"") + key
                        + "\" (expected an object with \"output\" and \"gold\")");
    }
    return *value;
}

Score scoreRow(const Task& task, const ScoringRule& rule, std::string_view line)
{
    const nlohmann::json row = parseJson(line);
    const nlohmann::json& output = fieldOf(row, "output");
    const std::string* const words = jsonText(output);
    if (words == nullptr) {
        throw Error(ErrorKind::Format,
                    "its \"output\" is " + shownValue(output) + " (expected a text)");
    }
    const nlohmann::json& gold = fieldOf(row, "gold");
    std::string right;
    try {
        right = task.gold(gold);
    } catch (const Error& e) {
        throw Error(e.kind(), std::string("its \"gold\" ") + e.what());
    }
    return rule.score(*words, right);
}

} // namespace

double AnswerScores::score() const
{
    return static_cast<double>(correct) / static_cast<double>(rows.size());
}

AnswerScores scoreAnswers(const Task& task, const ScoringRule& rule,
                          const std::filesystem::path& file, const JobContext& job)
{
    const std::string text = readWholeFile(file, kLargestFile);
    AnswerScores scores;
    std::int64_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        ++number;
        begin = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        job.checkpoint(static_cast<double>(end) / static_cast<double>(text.size()), "Scoring");
        try {
            scores.rows.push_back(scoreRow(task, rule, line));
        } catch (const Error& e) {
            throw e.within(fmt::format("line {}", number)).within(shownPath(file));
        }
        scores.correct += scores.rows.back().correct ? 1 : 0;
    }
    if (scores.rows.empty()) {
        throw Error(ErrorKind::Format,
                    shownPath(file)
                        + ": holds no answer (expected an object with \"output\" and \"gold\" a "
                          "line)");
    }
    return scores;
}

} // namespace pissarro::core

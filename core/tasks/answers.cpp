// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/answers.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tasks/json_lines_p.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

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

std::string textOf(const nlohmann::json& output)
{
    if (const std::string* const words = jsonText(output)) {
        return *words;
    }
    throw Error(ErrorKind::Format, fmt::format("is {} (expected a text)", shownValue(output)));
}

// A field of a row as the task reads it.
std::string readField(const nlohmann::json& row, const char* key,
                      std::string (*read)(const nlohmann::json& value))
{
    const nlohmann::json& value = fieldOf(row, key);
    try {
        return read(value);
    } catch (const Error& e) {
        throw Error(e.kind(), fmt::format("its \"{}\" {}", key, e.what()));
    }
}

Score scoreCode(const CodeAnswer& answer, const CodeRuns& code, const JobContext& job)
{
    if (!answer.extracted) {
        return {};
    }
    if (code.sandbox == nullptr) {
        throw Error(ErrorKind::InvalidArgument,
                    "these answers are programs that a model wrote, which are judged by running "
                    "them, in a sandbox; agree to that first");
    }
    const SandboxRun run = code.sandbox->run(answer.program, code.consent, code.limits, job);
    if (const auto* const refused = std::get_if<Refused>(&run.verdict)) {
        throw Error(ErrorKind::InvalidArgument, refused->why);
    }
    return {answer.extracted, std::holds_alternative<Passed>(run.verdict),
            verdictText(run.verdict)};
}

} // namespace

Score scoreAnswer(const ScoringRule& rule, std::string_view output, const std::string& gold,
                  const CodeRuns& code, const JobContext& job)
{
    return rule.code == nullptr ? rule.score(output, gold)
                                : scoreCode(rule.code(output, gold), code, job);
}

double AnswerScores::score() const
{
    return static_cast<double>(correct) / static_cast<double>(rows.size());
}

AnswerScores scoreAnswers(const Task& task, const ScoringRule& rule,
                          const std::filesystem::path& file, const JobContext& job,
                          const CodeRuns& code)
{
    AnswerScores scores;
    forEachJsonLine(
        file,
        [&](const nlohmann::json& row, double fraction) {
            job.checkpoint(fraction, "Scoring");
            const std::string output =
                readField(row, "output", task.output == nullptr ? textOf : task.output);
            scores.rows.push_back(
                scoreAnswer(rule, output, readField(row, "gold", task.gold), code, job));
            scores.correct += scores.rows.back().correct ? 1 : 0;
        },
        job);
    if (scores.rows.empty()) {
        throw Error(ErrorKind::Format,
                    shownPath(file)
                        + ": holds no answer (expected an object with \"output\" and \"gold\" a "
                          "line)");
    }
    return scores;
}

} // namespace pissarro::core::inline tasks

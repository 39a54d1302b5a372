// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/sandbox/sandbox.h"
#include "core/tasks/answers.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string file;
    std::string task;
    std::string rule; // empty: the task's first
    std::string python = "python3";
    bool runCode = false;
    bool json = false;
};

std::vector<std::string> taskNames()
{
    std::vector<std::string> names;
    for (const core::Task* task : core::allTasks()) {
        names.emplace_back(task->name);
    }
    return names;
}

const core::ScoringRule& ruleOf(const core::Task& task, const std::string& name)
{
    try {
        return name.empty() ? task.rules.front() : core::ruleNamed(task, name);
    } catch (const core::Error& e) { // another task has it
        throw UsageError(e.what());
    }
}

ordered_json documentOf(const core::AnswerScores& scores, const core::ScoringRule& rule)
{
    ordered_json rows = ordered_json::array();
    for (const core::Score& row : scores.rows) {
        rows.push_back(
            {{"extracted", row.extracted ? ordered_json(*row.extracted) : ordered_json(nullptr)},
             {"correct", row.correct}});
        if (!row.verdict.empty()) {
            rows.back()["verdict"] = row.verdict;
        }
    }
    return {{"score", scores.score()},
            {"correct", scores.correct},
            {"questions", scores.rows.size()},
            {"rule", rule.name},
            {"rows", std::move(rows)}};
}

ExitCode score(const Options& options, Session& session)
{
    const core::Task& task = core::taskNamed(options.task);
    const core::ScoringRule& rule = ruleOf(task, options.rule);
    core::CodeRuns runs;
    std::optional<core::Sandbox> sandbox;
    if (rule.code != nullptr) {
        if (!options.runCode) {
            throw UsageError(std::string(task.title)
                             + " is scored by running what the model wrote, in a sandbox; agree to "
                               "that with --run-code");
        }
        sandbox.emplace(options.python);
        runs = {&*sandbox, core::CodeConsent::Given, {}};
    }
    const core::AnswerScores scores =
        core::scoreAnswers(task, rule, options.file, session.job(), runs);
    if (options.json) {
        session.console.json(documentOf(scores, rule));
        return ExitCode::Done;
    }
    const auto questions = static_cast<std::int64_t>(scores.rows.size());
    session.console.result(
        fmt::format("{}: {} of {} correct, {} % by the rule {} ({})\n", task.title,
                    core::groupedText(scores.correct), core::groupedText(questions),
                    core::fixedText(100.0 * scores.score(), 2), rule.name, rule.title));
    return ExitCode::Done;
}

} // namespace

void addScore(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add("score", "Scores answers that exist already, of any program",
                               "pissarro-cli score answers.jsonl --task gsm8k --json",
                               [options](Session& session) { return score(*options, session); });
    verb.add_option("FILE", options->file,
                    "answers: {\"output\": what was written, \"gold\": what is right}, a line each")
        ->required();
    verb.add_option("--task", options->task, "what they answer")
        ->required()
        ->check(CLI::IsMember(taskNames()));
    const auto rules = core::ruleNames();
    verb.add_option("--rule", options->rule,
                    "how they are judged: as the paper's scripts do (default), or as is usual")
        ->check(CLI::IsMember(std::vector<std::string>(rules.begin(), rules.end())));
    verb.add_flag("--run-code", options->runCode,
                  "agrees that programs which a model wrote are run, in a sandbox; where there is "
                  "none, nothing is run");
    verb.add_option("--python", options->python, "what runs them")->capture_default_str();
    addJson(verb, options->json);
}

} // namespace pissarro::cli

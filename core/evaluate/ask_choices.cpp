// SPDX-License-Identifier: GPL-3.0-or-later
// Multiple choice: each choice as what follows the question, as lm-evaluation-harness asks it.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/asking_p.h"
#include "core/infer/likelihood.h"
#include "core/tasks/questions.h"
#include "core/tokenizer/tokenizer.h"

#include <chrono>
#include <numeric>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

constexpr std::int64_t kTokensAtOnce = 4096;

double sumOf(const std::vector<double>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

// The continuations of a question to a voice: its choices, then the same without it, where the tokenizer has a token for
// nothing.
std::vector<Continuation> continuationsOf(const Asking& asking, std::size_t voice,
                                          const TaskQuestion& question, const std::string& context)
{
    const Tokenizer& tokenizer = *asking.choir.voices[voice].tokenizer;
    const bool addSpecial = !asking.spec.promptTemplate.isModels();
    std::vector<Continuation> all;
    for (const std::string& choice : question.choices) {
        auto [head, ids] = splitIds(tokenizer, context, " " + choice, addSpecial, asking.job);
        all.push_back({std::move(head), std::move(ids), voice});
    }
    if (tokenizer.bosId() >= 0 || tokenizer.eosId() >= 0) {
        for (const std::string& choice : question.choices) {
            auto [head, ids] = splitIds(tokenizer, {}, choice, addSpecial, asking.job);
            all.push_back({std::move(head), std::move(ids), voice});
        }
    }
    return all;
}

nlohmann::json outputOf(const std::vector<std::vector<double>>& found, std::size_t choices)
{
    nlohmann::json output {{"loglikelihoods", nlohmann::json::array()},
                           {"tokens", nlohmann::json::array()}};
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (i < choices) {
            output["loglikelihoods"].push_back(sumOf(found[i]));
            output["tokens"].push_back(found[i].size());
        } else {
            output["unconditional"].push_back(sumOf(found[i]));
        }
    }
    return output;
}

// Without a token for nothing a rule has nothing to subtract: it is left out, unless it is the one that was asked for.
std::vector<RuleVerdict> choiceVerdicts(const Asking& asking, const Task& task,
                                        const std::string& output, const std::string& gold)
{
    std::vector<RuleVerdict> verdicts;
    for (const ScoringRule* rule : rulesOf(asking.spec, task)) {
        try {
            verdicts.push_back({std::string(rule->name), rule->score(output, gold)});
        } catch (const Error& e) {
            if (e.kind() != ErrorKind::Format || verdicts.empty()) {
                throw;
            }
        }
    }
    return verdicts;
}

} // namespace

void askChoices(const Asking& asking)
{
    const EvaluationSpec& spec = asking.spec;
    const Task& task = taskNamed(spec.task);
    const std::vector<TaskQuestion> questions =
        readQuestions(task, spec.data, spec.rows, asking.job);
    const auto count = static_cast<std::int64_t>(questions.size());
    asking.expect(count * static_cast<std::int64_t>(asking.names.size()));
    for (std::int64_t index = 0; index < count; ++index) {
        const TaskQuestion& question = questions[static_cast<std::size_t>(index)];
        for (std::size_t voice = 0; voice < asking.names.size(); ++voice) {
            if (asking.isAnswered(asking.names[voice], index, 0)) {
                continue;
            }
            const auto start = std::chrono::steady_clock::now();
            const std::string context = promptFor(asking, voice, {{"user", question.prompt}},
                                                  fmt::format("question {}", index + 1))
                                            .text;
            const auto found = logLikelihoods(
                asking.choir, continuationsOf(asking, voice, question, context), kTokensAtOnce,
                [](std::size_t, const std::vector<double>&) {}, asking.job);
            Transcript one;
            one.model = asking.names[voice];
            one.index = index;
            one.prompt = context;
            one.output = outputOf(found, question.choices.size());
            one.gold = nlohmann::json::parse(question.gold);
            one.verdicts = choiceVerdicts(asking, task, one.output.dump(), question.gold);
            one.seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            asking.tell(one);
        }
    }
}

} // namespace pissarro::core::inline evaluate

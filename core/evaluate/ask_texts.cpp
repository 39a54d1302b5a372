// SPDX-License-Identifier: GPL-3.0-or-later
// Answers that a model writes, judged by every rule of the task as they come.
#include "core/base/fmt.h"
#include "core/evaluate/asking_p.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/infer/engine.h"
#include "core/tasks/questions.h"
#include "core/tokenizer/tokenizer.h"

#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

// Where an answer belongs.
struct Place {
    std::size_t voice = 0;
    std::int64_t index = 0;
    std::int64_t sample = 0;
    std::string prompt;
};

std::string endingText(Ending ending)
{
    switch (ending) {
    case Ending::None:
        return {};
    case Ending::EndToken:
        return "end";
    case Ending::StopText:
        return "stop";
    case Ending::Length:
        return "length";
    }
    return {};
}

} // namespace

std::uint64_t answerSeed(const EvaluationSpec& spec, std::int64_t index, std::int64_t sample)
{
    constexpr std::uint64_t kApart = 1ULL << 32U;
    return spec.sampling.seed + static_cast<std::uint64_t>(index)
        + static_cast<std::uint64_t>(sample) * kApart;
}

AskedPrompt promptFor(const Asking& asking, std::size_t voice,
                      const std::vector<ChatMessage>& turns, const std::string& name)
{
    const Tokenizer& tokenizer = *asking.choir.voices[voice].tokenizer;
    const PromptTemplate how = asking.spec.promptTemplate;
    AskedPrompt prompt {promptOf(turns, how, &tokenizer), {}};
    // A text that begins with the beginning-of-sequence token is not given a second one.
    const std::int32_t bos = tokenizer.bosId();
    const bool addSpecial =
        !how.isModels() && (bos < 0 || !prompt.text.starts_with(tokenizer.piece(bos)));
    prompt.ids = promptIds(asking.choir, voice, prompt.text, addSpecial, name, asking.job);
    return prompt;
}

void askTexts(const Asking& asking)
{
    const EvaluationSpec& spec = asking.spec;
    const Task& task = taskNamed(spec.task);
    const std::vector<TaskQuestion> questions =
        readQuestions(task, spec.data, spec.rows, asking.job);
    const auto count = static_cast<std::int64_t>(questions.size());
    asking.expect(count * spec.samples * static_cast<std::int64_t>(asking.names.size()));
    std::vector<Request> requests;
    std::vector<Place> places;
    for (std::int64_t index = 0; index < count; ++index) {
        asking.job.throwIfCancelled();
        const TaskQuestion& question = questions[static_cast<std::size_t>(index)];
        for (std::size_t voice = 0; voice < asking.names.size(); ++voice) {
            const AskedPrompt prompt = promptFor(asking, voice, {{"user", question.prompt}},
                                                 fmt::format("question {}", index + 1));
            for (std::int64_t sample = 0; sample < spec.samples; ++sample) {
                if (asking.isAnswered(asking.names[voice], index, sample)) {
                    continue;
                }
                Request request {prompt.ids,        voice, spec.sampling,
                                 spec.maxNewTokens, {},    spec.stops};
                request.sampling.seed = answerSeed(spec, index, sample);
                requests.push_back(std::move(request));
                places.push_back({voice, index, sample, prompt.text});
            }
        }
    }
    const auto keep = [&](std::size_t which, const Answer& answer) {
        const Place& place = places[which];
        const TaskQuestion& question = questions[static_cast<std::size_t>(place.index)];
        Transcript one;
        one.model = asking.names[place.voice];
        one.index = place.index;
        one.sample = place.sample;
        one.prompt = place.prompt;
        one.output = answer.text;
        one.gold = question.gold;
        one.verdicts = verdictsOf(asking, task, answer.text, question.gold);
        one.tokens = static_cast<std::int64_t>(answer.newIds.size());
        one.ending = endingText(answer.ending);
        one.seconds = answer.prefillSeconds + answer.decodeSeconds;
        asking.tell(one);
    };
    answerAll(asking.choir, requests, {.rows = spec.batchSize}, keep, asking.job);
}

std::vector<RuleVerdict> verdictsOf(const Asking& asking, const Task& task, std::string_view output,
                                    const std::string& gold)
{
    std::vector<RuleVerdict> verdicts;
    for (const ScoringRule* rule : rulesOf(asking.spec, task)) {
        verdicts.push_back(
            {std::string(rule->name), scoreAnswer(*rule, output, gold, asking.code, asking.job)});
    }
    return verdicts;
}

std::vector<const ScoringRule*> rulesOf(const EvaluationSpec& spec, const Task& task)
{
    std::vector<const ScoringRule*> rules;
    const ScoringRule& first = spec.rule.empty() ? task.rules.front() : ruleNamed(task, spec.rule);
    rules.push_back(&first);
    for (const ScoringRule& rule : task.rules) {
        if (&rule != &first && !task.oneRule) {
            rules.push_back(&rule);
        }
    }
    return rules;
}

} // namespace pissarro::core::inline evaluate

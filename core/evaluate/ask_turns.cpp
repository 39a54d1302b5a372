// SPDX-License-Identifier: GPL-3.0-or-later
// MT-Bench: each turn of a conversation with the answers before it.
#include "core/base/fmt.h"
#include "core/evaluate/asking_p.h"
#include "core/infer/engine.h"
#include "core/tasks/mt_bench.h"

#include <algorithm>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

// A conversation of one voice, as far as it went.
struct Talk {
    std::size_t voice = 0;
    std::int64_t index = 0;
    std::int64_t sample = 0;
    std::vector<ChatMessage> turns;
    std::vector<std::string> answers;
    Transcript transcript;
};

void note(const Asking& asking, const MtBenchQuestion& question, Talk& talk, const Answer& answer)
{
    talk.answers.push_back(answer.text);
    talk.turns.push_back({"assistant", answer.text});
    Transcript& one = talk.transcript;
    one.tokens += static_cast<std::int64_t>(answer.newIds.size());
    one.seconds += answer.prefillSeconds + answer.decodeSeconds;
    if (talk.answers.size() == question.turns.size()) {
        one.model = asking.names[talk.voice];
        one.index = talk.index;
        one.sample = talk.sample;
        one.prompt = question.turns;
        one.output = talk.answers;
        one.gold = {{"question_id", question.id}, {"category", question.category}};
        one.ending = "end";
        asking.tell(one);
    }
}

std::vector<Talk> talksOf(const Asking& asking, std::size_t questions)
{
    std::vector<Talk> talks;
    for (std::size_t index = 0; index < questions; ++index) {
        for (std::size_t voice = 0; voice < asking.names.size(); ++voice) {
            for (std::int64_t sample = 0; sample < asking.spec.samples; ++sample) {
                const auto row = static_cast<std::int64_t>(index);
                if (!asking.isAnswered(asking.names[voice], row, sample)) {
                    talks.push_back({voice, row, sample, {}, {}, {}});
                }
            }
        }
    }
    return talks;
}

} // namespace

void askTurns(const Asking& asking)
{
    const EvaluationSpec& spec = asking.spec;
    std::vector<MtBenchQuestion> questions = readMtBenchQuestions(spec.data, asking.job);
    if (spec.rows > 0 && spec.rows < static_cast<std::int64_t>(questions.size())) {
        questions.resize(static_cast<std::size_t>(spec.rows));
    }
    asking.expect(static_cast<std::int64_t>(questions.size() * asking.names.size()) * spec.samples);
    std::vector<Talk> talks = talksOf(asking, questions.size());
    std::size_t most = 0;
    for (const MtBenchQuestion& question : questions) {
        most = std::max(most, question.turns.size());
    }
    const auto questionOf = [&](const Talk& talk) -> const MtBenchQuestion& {
        return questions[static_cast<std::size_t>(talk.index)];
    };
    for (std::size_t turn = 0; turn < most; ++turn) {
        std::vector<Request> requests;
        std::vector<Talk*> asked;
        for (Talk& talk : talks) {
            if (turn >= questionOf(talk).turns.size()) {
                continue;
            }
            talk.turns.push_back({"user", questionOf(talk).turns[turn]});
            const AskedPrompt prompt = promptFor(asking, talk.voice, talk.turns,
                                                 fmt::format("question {}", talk.index + 1));
            Request request {prompt.ids,        talk.voice, spec.sampling,
                             spec.maxNewTokens, {},         spec.stops};
            request.sampling.seed = answerSeed(spec, talk.index, talk.sample) + (turn << 48U);
            requests.push_back(std::move(request));
            asked.push_back(&talk);
        }
        const auto keep = [&](std::size_t which, const Answer& answer) {
            note(asking, questionOf(*asked[which]), *asked[which], answer);
        };
        answerAll(asking.choir, requests, {.rows = spec.batchSize}, keep, asking.job);
    }
}

} // namespace pissarro::core::inline evaluate

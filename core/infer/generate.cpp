// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/generate.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/infer/engine.h"
#include "core/infer/finished_text.h"
#include "core/tensor/guarded.h"
#include "core/tensor/threads.h"
#include "core/tokenizer/tokenizer.h"

#include <utility>

namespace pissarro::core::inline infer {

namespace {

void checkOptions(const GenerateOptions& options)
{
    if (options.maxNewTokens < 1 || !(options.temperature > 0) || !(options.topP > 0)
        || options.topP > 1) {
        throw Error(ErrorKind::InvalidArgument,
                    "generation needs at least 1 new token, a temperature above 0 and a top-p "
                    "above 0 and at most 1");
    }
    checkSampling(options);
}

std::vector<std::int32_t> idsOf(const session::Choir& choir, std::string_view prompt,
                                const GenerateOptions& options, const std::string& name,
                                const JobContext& job)
{
    std::string text(prompt);
    if (options.chat) {
        text = choir.voices.front().tokenizer->applyChatTemplate({{"user", text}});
    }
    return promptIds(choir, 0, text, /*addSpecial=*/!options.chat && !options.rendered, name, job);
}

Request requestOf(std::vector<std::int32_t> prompt, const GenerateOptions& options)
{
    Request request;
    request.prompt = std::move(prompt);
    request.sampling = options;
    request.maxNewTokens = options.maxNewTokens;
    request.stops = options.stops;
    return request;
}

void take(const Answer& answer, GenerateResult& result)
{
    result.newIds = answer.newIds;
    result.prefillSeconds = answer.prefillSeconds;
    result.decodeSeconds = answer.decodeSeconds;
}

} // namespace

struct Reply::Private {
    Private(const session::Session& session, std::string_view prompt,
            const GenerateOptions& options, const JobContext& job)
        : choir(session::choirOf(session))
        , engine(choir, {.rows = 1}, job)
        , result {idsOf(choir, prompt, options, "the prompt", job), {}, {}}
        , finished(options.stops)
    {
        engine.add(requestOf(result.promptIds, options));
    }

    session::Choir choir;
    Engine engine; // of the one ticket 0
    GenerateResult result;
    FinishedText finished; // that step() has given out
};

Reply::Reply(const session::Session& session, std::string_view prompt,
             const GenerateOptions& options, const JobContext& job)
{
    checkOptions(options);
    guarded([&] { d = std::make_unique<Private>(session, prompt, options, job); });
}

Reply::~Reply() = default;
Reply::Reply(Reply&& other) noexcept = default;

bool Reply::isOver() const
{
    return d->engine.isIdle();
}

const GenerateResult& Reply::result() const
{
    return d->result;
}

std::string Reply::step()
{
    std::string finished;
    guarded([&] {
        d->engine.step();
        const Answer& answer = d->engine.answer(0);
        take(answer, d->result);
        std::string& text = d->result.text;
        text = isOver() ? answer.text
                        : d->choir.voices.front().tokenizer->decode(answer.newIds,
                                                                    /*skipSpecial=*/true);
        finished = d->finished.next(text, isOver());
    });
    return finished;
}

GenerateResult generate(const session::Session& session, std::string_view prompt,
                        const GenerateOptions& options,
                        const std::function<void(std::string_view)>& onText, const JobContext& job)
{
    Reply reply(session, prompt, options, job);
    const ThreadBudget threads(session.threads); // of one team from token to token
    while (!reply.isOver()) {
        const std::string text = reply.step();
        if (onText && !text.empty()) {
            onText(text);
        }
    }
    return reply.result();
}

GenerateResult generate(const InferenceModel& model, std::string_view prompt,
                        const GenerateOptions& options,
                        const std::function<void(std::string_view)>& onText, const JobContext& job)
{
    checkOptions(options); // before the model is read
    const ThreadBudget threads(model.threads);
    return generate(session::open(model, session::Tokens::Needed, job), prompt, options, onText,
                    job);
}

std::vector<GenerateResult> generateAll(const session::Session& session,
                                        const std::vector<std::string>& prompts,
                                        const GenerateOptions& options, std::int64_t batchSize,
                                        const std::function<void(std::size_t)>& onBatch,
                                        const JobContext& job)
{
    checkOptions(options);
    std::vector<GenerateResult> results(prompts.size());
    guarded(fmt::format("answers to {} prompts", prompts.size()), [&] {
        const session::Choir choir = session::choirOf(session);
        std::vector<Request> requests;
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            job.throwIfCancelled();
            results[i].promptIds =
                idsOf(choir, prompts[i], options, fmt::format("prompt {}", i + 1), job);
            requests.push_back(requestOf(results[i].promptIds, options));
            requests.back().sampling.seed = options.seed + i;
        }
        std::size_t done = 0;
        answerAll(
            choir, requests, {.rows = batchSize},
            [&](std::size_t index, const Answer& answer) {
                take(answer, results[index]);
                results[index].text = answer.text;
                onBatch(++done);
            },
            job);
    });
    return results;
}

std::vector<GenerateResult> generateAll(const InferenceModel& model,
                                        const std::vector<std::string>& prompts,
                                        const GenerateOptions& options, std::int64_t batchSize,
                                        const std::function<void(std::size_t)>& onBatch,
                                        const JobContext& job)
{
    checkOptions(options);
    const ThreadBudget threads(model.threads);
    return generateAll(session::open(model, session::Tokens::Needed, job), prompts, options,
                       batchSize, onBatch, job);
}

} // namespace pissarro::core::inline infer

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/generate.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/decoder_tensors.h"
#include "core/tensor/guarded.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/threads.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace pissarro::core::inline infer {

namespace {

// Where every number is NaN no comparison is true, and the first token would be taken for ever.
[[noreturn]] void refuseLogits()
{
    throw Error(ErrorKind::Numeric,
                "the model's logits are not finite; its weights or its adapter are damaged, or too "
                "large for the "
                "precision: try --dtype float32, or get the model again");
}

class Sampler {
public:
    Sampler(const GenerateOptions& options, std::uint64_t seed)
        : m_options(options)
        , m_generator(at::make_generator<at::CPUGeneratorImpl>(seed))
    {
    }

    std::int32_t pick(const at::Tensor& logits_V)
    {
        const at::Tensor logits = logits_V.to(at::kCPU, at::kFloat);
        if (!std::isfinite(logits.max().item<float>())) { // max() gives a NaN where there is one
            refuseLogits();
        }
        at::Tensor probabilities = at::softmax(logits / m_options.temperature, 0);
        if (m_options.topP < 1.0) {
            // The smallest set of most likely tokens whose sum reaches top-p; the first is always in it.
            const auto [sorted, order] = probabilities.sort(0, /*descending=*/true);
            const at::Tensor outside = (sorted.cumsum(0) - sorted) >= m_options.topP;
            probabilities.index_fill_(0, order.masked_select(outside), 0.0);
        }
        return static_cast<std::int32_t>(
            at::multinomial(probabilities, 1, false, m_generator).item<std::int64_t>());
    }

private:
    GenerateOptions m_options;
    at::Generator m_generator;
};

void checkOptions(const GenerateOptions& options)
{
    if (options.maxNewTokens < 1 || !(options.temperature > 0) || !(options.topP > 0)
        || options.topP > 1) {
        throw Error(ErrorKind::InvalidArgument,
                    "generation needs at least 1 new token, a temperature above 0 and a top-p "
                    "above 0 and at most 1");
    }
}

// The first of the largest numbers of each row. LibTorch's argmax takes a tenth of a step in bfloat16.
std::vector<std::int32_t> likeliest(const at::Tensor& logits_BV)
{
    constexpr std::int64_t kLanes = 16;
    const at::Tensor wide_BV = logits_BV.to(at::kCPU, at::kFloat).contiguous();
    const std::int64_t words = wide_BV.size(1);
    std::vector<std::int32_t> ids(static_cast<std::size_t>(wide_BV.size(0)));
    eachTask(wide_BV.size(0), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float* logits = in<float>(wide_BV) + row * words;
            std::array<float, kLanes> best;
            std::array<std::int32_t, kLanes> unordered {};
            best.fill(-std::numeric_limits<float>::infinity());
            std::int64_t i = 0;
            for (; i + kLanes <= words; i += kLanes) {
                for (std::int64_t lane = 0; lane < kLanes; ++lane) {
                    const float value = logits[i + lane];
                    float& most = best[static_cast<std::size_t>(lane)];
                    most = value > most ? value : most;
                    unordered[static_cast<std::size_t>(lane)] |= value != value ? 1 : 0;
                }
            }
            float largest = *std::max_element(best.begin(), best.end());
            std::int32_t isNan = *std::max_element(unordered.begin(), unordered.end());
            for (; i < words; ++i) {
                largest = std::max(largest, logits[i]);
                isNan |= logits[i] != logits[i] ? 1 : 0;
            }
            if (isNan != 0 || !std::isfinite(largest)) {
                refuseLogits();
            }
            ids[static_cast<std::size_t>(row)] =
                static_cast<std::int32_t>(std::find(logits, logits + words, largest) - logits);
        }
    });
    return ids;
}

// A model that speaks, its tokenizer, and when to stop.
class Speaker {
public:
    Speaker(const session::Session& session, const GenerateOptions& options, const JobContext& job)
        : m_options(options)
        , m_job(job)
        , m_tokenizer(*session.tokenizer)
        , m_decoder(*session.decoder)
        , m_ends(m_decoder.config().eosIds)
    {
        if (m_tokenizer.eosId() >= 0) {
            m_ends.push_back(m_tokenizer.eosId());
        }
    }

    std::vector<std::int32_t> idsOf(std::string_view prompt, const std::string& name) const
    {
        std::string text(prompt);
        if (m_options.chat) {
            text = m_tokenizer.applyChatTemplate({{"user", text}});
        }
        auto ids = m_tokenizer.encode(text, /*addSpecial=*/!m_options.chat && !m_options.rendered);
        if (ids.empty()) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("{} is empty (expected at least one token)", name));
        }
        const auto beyond = std::find_if(ids.begin(), ids.end(), [&](std::int32_t id) {
            return id >= m_decoder.config().vocabulary;
        });
        if (beyond != ids.end()) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("{} holds the token {}, for which the model's embedding has no "
                                    "row (expected ids below {}); leave it out",
                                    name, shownText(m_tokenizer.piece(*beyond), 40),
                                    m_decoder.config().vocabulary));
        }
        return ids;
    }

    const Tokenizer& tokenizer() const { return m_tokenizer; }

    bool ends(const GenerateResult& result) const
    {
        return std::find(m_ends.begin(), m_ends.end(), result.newIds.back()) != m_ends.end()
            || static_cast<std::int64_t>(result.newIds.size()) >= m_options.maxNewTokens;
    }

    at::Tensor feed(const std::vector<std::vector<std::int32_t>>& ids, KvCache& cache) const
    {
        return m_decoder.feed(ids, cache, m_job);
    }

    const GenerateOptions& options() const { return m_options; }
    const JobContext& job() const { return m_job; }

private:
    GenerateOptions m_options;
    const JobContext& m_job;
    const Tokenizer& m_tokenizer;
    const Decoder& m_decoder;
    std::vector<std::int64_t> m_ends;
};

// Several prompts going on together, a token for each that has not ended a step.
class Speech {
public:
    // Fills newIds and the times of results whose promptIds are there. `seeds` are those of the samplers.
    // Requires: speaker and results outlive it.
    Speech(const Speaker& speaker, std::vector<GenerateResult*> results,
           const std::vector<std::uint64_t>& seeds)
        : m_speaker(speaker)
        , m_results(std::move(results))
        , m_active(m_results.size())
    {
        for (std::size_t i = 0; i < m_results.size(); ++i) {
            m_samplers.emplace_back(speaker.options(), seeds[i]);
            m_next.push_back(m_results[i]->promptIds);
            m_results[i]->shareOfBatch = 1.0 / static_cast<double>(m_results.size());
        }
        std::iota(m_active.begin(), m_active.end(), 0);
    }

    bool isOver() const { return m_active.empty(); }

    // Throws: Cancelled within a token; it is of no more use then.
    void step()
    {
        auto start = Clock::now();
        const bool first = m_cache.lengths.empty();
        m_speaker.job().throwIfCancelled();
        const at::Tensor logits_BV = m_speaker.feed(m_next, m_cache);
        if (first) {
            m_prefill = secondsSince(start);
            start = Clock::now();
        }
        take(pick(logits_BV));
        m_decode += secondsSince(start);
        for (GenerateResult* result : m_results) {
            result->prefillSeconds = m_prefill;
            result->decodeSeconds = m_decode;
        }
    }

private:
    // A token of each that is active; those that it ends leave the cache.
    void take(const std::vector<std::int32_t>& picked)
    {
        std::vector<std::int64_t> rows; // that go on
        std::vector<std::size_t> goOn;
        m_next.clear();
        for (std::size_t row = 0; row < m_active.size(); ++row) {
            GenerateResult& result = *m_results[m_active[row]];
            result.newIds.push_back(picked[row]);
            if (!m_speaker.ends(result)) {
                rows.push_back(static_cast<std::int64_t>(row));
                goOn.push_back(m_active[row]);
                m_next.push_back({picked[row]});
            }
        }
        if (rows.size() < m_active.size() && !rows.empty()) {
            m_cache.keep(rows);
        }
        m_active = std::move(goOn);
    }

    std::vector<std::int32_t> pick(const at::Tensor& logits_BV)
    {
        if (m_speaker.options().greedy) {
            return likeliest(logits_BV);
        }
        std::vector<std::int32_t> picked;
        for (std::size_t row = 0; row < m_active.size(); ++row) {
            picked.push_back(
                m_samplers[m_active[row]].pick(logits_BV[static_cast<std::int64_t>(row)]));
        }
        return picked;
    }

    const Speaker& m_speaker;
    std::vector<GenerateResult*> m_results;
    std::vector<std::size_t> m_active; // which result each row of the cache is
    std::vector<Sampler> m_samplers;
    std::vector<std::vector<std::int32_t>> m_next; // tokens to be fed, of the active
    KvCache m_cache;
    double m_prefill = 0.0;
    double m_decode = 0.0;
};

} // namespace

struct Reply::Private {
    Private(const session::Session& session, std::string_view prompt,
            const GenerateOptions& options, const JobContext& job)
        : threads(session.threads)
        , speaker(session, options, job)
        , result {speaker.idsOf(prompt, "the prompt"), {}, {}}
        , speech(speaker, {&result}, {options.seed})
    {
    }

    int threads;
    Speaker speaker;
    GenerateResult result;
    Speech speech;
    std::size_t told = 0; // bytes of the text that step() has given out
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
    return d->speech.isOver();
}

const GenerateResult& Reply::result() const
{
    return d->result;
}

std::string Reply::step()
{
    std::string finished;
    guarded([&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads(d->threads);
        d->speech.step();
        std::string& text = d->result.text;
        text = d->speaker.tokenizer().decode(d->result.newIds, /*skipSpecial=*/true);
        const std::size_t whole = isOver() ? text.size() : wholeCharacters(text);
        // A cut character decodes to U+FFFD until its other bytes come: that tail waits too.
        const bool waits =
            !isOver() && whole >= 3 && text.compare(whole - 3, 3, "\xEF\xBF\xBD") == 0;
        if (!waits && whole > d->told) {
            finished = text.substr(d->told, whole - d->told);
            d->told = whole;
        }
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
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads(session.threads);
        const Speaker speaker(session, options, job);
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            job.throwIfCancelled();
            results[i].promptIds = speaker.idsOf(prompts[i], fmt::format("prompt {}", i + 1));
        }
        std::vector<std::size_t> order(prompts.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return results[a].promptIds.size() > results[b].promptIds.size();
        });
        for (std::size_t first = 0; first < order.size();
             first += static_cast<std::size_t>(batchSize)) {
            std::vector<GenerateResult*> batch;
            std::vector<std::uint64_t> seeds;
            for (std::size_t i = first;
                 i < std::min(order.size(), first + static_cast<std::size_t>(batchSize)); ++i) {
                batch.push_back(&results[order[i]]);
                seeds.push_back(options.seed + order[i]);
            }
            Speech speech(speaker, batch, seeds);
            while (!speech.isOver()) {
                speech.step();
            }
            for (GenerateResult* result : batch) {
                result->text = speaker.tokenizer().decode(result->newIds, /*skipSpecial=*/true);
            }
            onBatch(first + batch.size());
        }
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

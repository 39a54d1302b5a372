// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/generate.h"

#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/tensor/guarded.h"
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
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

namespace pissarro::core {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

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
            const float* logits = wide_BV.const_data_ptr<float>() + row * words;
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
                        name + " is empty (expected at least one token)");
        }
        const auto beyond = std::find_if(ids.begin(), ids.end(), [&](std::int32_t id) {
            return id >= m_decoder.config().vocabulary;
        });
        if (beyond != ids.end()) {
            throw Error(ErrorKind::InvalidArgument,
                        name + " holds the token " + shownText(m_tokenizer.piece(*beyond), 40)
                            + ", for which the model's embedding has no row (expected ids below "
                            + std::to_string(m_decoder.config().vocabulary) + "); leave it out");
        }
        return ids;
    }

    const Tokenizer& tokenizer() const { return m_tokenizer; }

    // Fills newIds and the times of results whose promptIds are there. onToken(i) follows each token of result i.
    // `seeds` are those of the samplers.
    void speak(const std::vector<GenerateResult*>& results, const std::vector<std::uint64_t>& seeds,
               const std::function<void(std::size_t)>& onToken) const
    {
        std::vector<Sampler> samplers;
        std::vector<std::vector<std::int32_t>> next;
        for (std::size_t i = 0; i < results.size(); ++i) {
            samplers.emplace_back(m_options, seeds[i]);
            next.push_back(results[i]->promptIds);
        }
        std::vector<std::size_t> active(results.size()); // which result each row of the cache is
        std::iota(active.begin(), active.end(), 0);
        KvCache cache;
        auto start = Clock::now();
        at::Tensor logits_BV = m_decoder.feed(next, cache, m_job);
        const double prefill = secondsSince(start);
        start = Clock::now();
        while (!active.empty()) {
            m_job.throwIfCancelled();
            const std::vector<std::int32_t> picked = pick(samplers, active, logits_BV);
            std::vector<std::int64_t> rows; // that go on
            std::vector<std::size_t> goOn;
            next.clear();
            for (std::size_t row = 0; row < active.size(); ++row) {
                GenerateResult& result = *results[active[row]];
                result.newIds.push_back(picked[row]);
                onToken(active[row]);
                const bool ended =
                    std::find(m_ends.begin(), m_ends.end(), picked[row]) != m_ends.end()
                    || static_cast<std::int64_t>(result.newIds.size()) >= m_options.maxNewTokens;
                if (!ended) {
                    rows.push_back(static_cast<std::int64_t>(row));
                    goOn.push_back(active[row]);
                    next.push_back({picked[row]});
                }
            }
            if (rows.size() < active.size() && !rows.empty()) {
                cache.keep(rows);
            }
            active = std::move(goOn);
            if (!active.empty()) {
                logits_BV = m_decoder.feed(next, cache, m_job);
            }
        }
        const double decode = secondsSince(start);
        for (GenerateResult* result : results) {
            result->prefillSeconds = prefill;
            result->decodeSeconds = decode;
            result->shareOfBatch = 1.0 / static_cast<double>(results.size());
        }
    }

private:
    std::vector<std::int32_t> pick(std::vector<Sampler>& samplers,
                                   const std::vector<std::size_t>& active,
                                   const at::Tensor& logits_BV) const
    {
        if (m_options.greedy) {
            return likeliest(logits_BV);
        }
        std::vector<std::int32_t> picked;
        for (std::size_t row = 0; row < active.size(); ++row) {
            picked.push_back(samplers[active[row]].pick(logits_BV[static_cast<std::int64_t>(row)]));
        }
        return picked;
    }

    const GenerateOptions& m_options;
    const JobContext& m_job;
    const Tokenizer& m_tokenizer;
    const Decoder& m_decoder;
    std::vector<std::int64_t> m_ends;
};

} // namespace

GenerateResult generate(const session::Session& session, std::string_view prompt,
                        const GenerateOptions& options,
                        const std::function<void(std::string_view)>& onText, const JobContext& job)
{
    checkOptions(options);
    GenerateResult result;
    guarded([&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads(session.threads);
        const Speaker speaker(session, options, job);
        result.promptIds = speaker.idsOf(prompt, "the prompt");
        std::size_t told = 0;
        const auto tell = [&](bool last) {
            result.text = speaker.tokenizer().decode(result.newIds, /*skipSpecial=*/true);
            const std::size_t whole = last ? result.text.size() : wholeCharacters(result.text);
            // A cut character decodes to U+FFFD until its other bytes come: that tail waits too.
            const bool waits =
                !last && whole >= 3 && result.text.compare(whole - 3, 3, "\xEF\xBF\xBD") == 0;
            if (onText && !waits && whole > told) {
                onText(std::string_view(result.text).substr(told, whole - told));
                told = whole;
            }
        };
        speaker.speak({&result}, {options.seed}, [&](std::size_t) { tell(false); });
        tell(true);
    });
    return result;
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
    guarded("answers to " + std::to_string(prompts.size()) + " prompts", [&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads(session.threads);
        const Speaker speaker(session, options, job);
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            job.throwIfCancelled();
            results[i].promptIds = speaker.idsOf(prompts[i], "prompt " + std::to_string(i + 1));
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
            speaker.speak(batch, seeds, [](std::size_t) {});
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

} // namespace pissarro::core

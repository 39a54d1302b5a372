// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/engine.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/kept_keys.h"
#include "core/infer/prompt_ids_p.h"
#include "core/tensor/guarded.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/threads.h"
#include "core/tokenizer/tokenizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>
#include <utility>

namespace pissarro::core::inline infer {

namespace {

using Tickets = std::vector<std::size_t>;

// A beginning of fewer tokens is read as fast again with each prompt: reading on behind it goes sequence by sequence.
constexpr std::size_t kSharedTokens = 32;

bool isIn(const std::vector<std::int32_t>& ids, std::int32_t id)
{
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

} // namespace

struct Engine::Private {
    struct Row {
        Request request;
        Sampler sampler;
        Answer answer;
    };
    // What prompts of a voice begin with, read.
    struct Beginning {
        std::vector<std::int32_t> ids;
        KvCache cache; // of one sequence
    };
    // Prompts on their way into the batch.
    struct Entering {
        Tickets tickets;
        std::vector<std::vector<std::int32_t>> ids; // that are left to be read
        KvCache cache; // of what stands before them
    };

    Private(const session::Choir& given, const EngineOptions& how, const JobContext& work)
        : choir(given)
        , options(how)
        , job(work)
        , beginnings(given.voices.size())
    {
        const auto& eos = choir.decoder->config().eosIds;
        for (const session::Choir::Voice& voice : choir.voices) {
            ends.emplace_back(eos.begin(), eos.end());
            if (voice.tokenizer->eosId() >= 0) {
                ends.back().push_back(voice.tokenizer->eosId());
            }
        }
    }

    Row& row(std::size_t ticket) { return rows.at(ticket); }
    const std::vector<std::int32_t>& promptOf(std::size_t ticket)
    {
        return row(ticket).request.prompt;
    }

    void goOn(Tickets& ended)
    {
        const auto start = Clock::now();
        std::vector<std::vector<std::int32_t>> next;
        for (const std::size_t ticket : active) {
            next.push_back({row(ticket).answer.newIds.back()});
        }
        const at::Tensor logits_BV = feed(next, cache);
        const auto picked = pick(logits_BV, active);
        const double share = secondsSince(start) / static_cast<double>(active.size());
        for (const std::size_t ticket : active) {
            row(ticket).answer.decodeSeconds += share;
        }
        settle(active, picked, cache, ended);
    }

    void letIn(Tickets& ended)
    {
        // Several at a time: one prompt is read nearly as slowly as eight.
        const std::int64_t few = std::min(std::max<std::int64_t>(1, options.rows / 4),
                                          static_cast<std::int64_t>(waiting.size()));
        if (!active.empty() && room() < few) {
            return;
        }
        while (!waiting.empty() && room() > 0) {
            Tickets group;
            std::size_t tokens = 0;
            while (!waiting.empty() && static_cast<std::int64_t>(group.size()) < room()) {
                tokens += promptOf(waiting.front()).size();
                if (!group.empty() && static_cast<std::int64_t>(tokens) > options.promptTokens) {
                    break;
                }
                group.push_back(waiting.front());
                waiting.pop_front();
            }
            read(group, ended);
        }
    }

    std::int64_t room() const { return options.rows - static_cast<std::int64_t>(active.size()); }

    // Their prompts, and a token of each. Those of a voice that begin alike go on behind what they share.
    void read(const Tickets& group, Tickets& ended)
    {
        std::map<std::size_t, Tickets> byVoice;
        for (const std::size_t ticket : group) {
            byVoice[row(ticket).request.voice].push_back(ticket);
        }
        const auto start = Clock::now();
        Entering fresh;
        Entering behind; // something that was read before
        for (const auto& [voice, tickets] : byVoice) {
            const Tickets others = goBehindKept(voice, tickets, behind);
            const Beginning* const beginning =
                others.empty() ? nullptr : beginningOf(voice, others);
            for (const std::size_t ticket : others) {
                if (beginning != nullptr) {
                    add(ticket, beginning->ids.size(), behind);
                    continue;
                }
                add(ticket, 0, fresh);
                if (ends.size() > 1) {
                    fresh.cache.voices.push_back(static_cast<std::int64_t>(voice));
                }
            }
            if (beginning != nullptr) {
                const auto count = static_cast<std::int64_t>(others.size());
                behind.cache.append(beginning->cache.repeated(count));
            }
        }
        enter(std::move(behind), ended);
        enter(std::move(fresh), ended);
        const double share = secondsSince(start) / static_cast<double>(group.size());
        for (const std::size_t ticket : group) {
            row(ticket).answer.prefillSeconds += share;
        }
    }

    // Behind `known` of its ids, which the caller puts into the cache.
    void add(std::size_t ticket, std::size_t known, Entering& to)
    {
        const auto& prompt = promptOf(ticket);
        to.tickets.push_back(ticket);
        to.ids.emplace_back(prompt.begin() + static_cast<std::ptrdiff_t>(known), prompt.end());
    }

    void enter(Entering in, Tickets& ended)
    {
        if (in.tickets.empty()) {
            return;
        }
        const at::Tensor logits_BV = feed(in.ids, in.cache);
        settle(in.tickets, pick(logits_BV, in.tickets), in.cache, ended);
        cache.append(in.cache);
        active.insert(active.end(), in.tickets.begin(), in.tickets.end());
    }

    // Whether memory ran out, and what was kept goes.
    bool makesRoom(const Error& e)
    {
        if (e.kind() != ErrorKind::OutOfMemory || options.kept == nullptr
            || options.kept->bytes() == 0) {
            return false;
        }
        options.kept->clear();
        return true;
    }

    // Once more where memory ran out and room was made.
    at::Tensor feed(const std::vector<std::vector<std::int32_t>>& ids, KvCache& to)
    {
        const std::vector<std::int64_t> before = to.lengths;
        at::Tensor logits_BV;
        const auto once = [&] { guarded([&] { logits_BV = choir.decoder->feed(ids, to, job); }); };
        try {
            once();
        } catch (const Error& e) {
            if (!makesRoom(e)) {
                throw;
            }
            to.lengths = before; // what was written behind them is written again
            once();
        }
        return logits_BV;
    }

    // Those that begin as what is kept go on behind it; returns the others, among them those that have more in common with
    // each other.
    Tickets goBehindKept(std::size_t voice, const Tickets& tickets, Entering& behind)
    {
        if (options.kept == nullptr) {
            return tickets;
        }
        const std::size_t alike = tickets.size() < 2 ? 0 : commonOf(tickets);
        Tickets others;
        for (const std::size_t ticket : tickets) {
            const auto& prompt = promptOf(ticket);
            const std::size_t known =
                std::min(options.kept->common(voice, prompt), prompt.size() - 1);
            if (known < std::max(kSharedTokens, alike)) {
                others.push_back(ticket);
                continue;
            }
            behind.cache.append(options.kept->beginning(voice, prompt, known));
            add(ticket, known, behind);
            row(ticket).answer.keptTokens = known;
        }
        return others;
    }

    // How many ids they begin with alike. A prompt keeps a token to be read behind them: the logits come from there.
    std::size_t commonOf(const Tickets& tickets)
    {
        const std::vector<std::int32_t>& first = promptOf(tickets.front());
        std::size_t common = first.size() - 1;
        for (const std::size_t ticket : tickets) {
            const auto& prompt = promptOf(ticket);
            common = std::min({common, commonIds(first, prompt), prompt.size() - 1});
        }
        return common;
    }

    // Null: they begin with too little, or one is read alone.
    const Beginning* beginningOf(std::size_t voice, const Tickets& tickets)
    {
        Beginning& known = beginnings[voice];
        const auto beginsWith = [&](const std::vector<std::int32_t>& ids) {
            return std::all_of(tickets.begin(), tickets.end(), [&](std::size_t ticket) {
                const auto& prompt = promptOf(ticket);
                return prompt.size() > ids.size() && commonIds(prompt, ids) == ids.size();
            });
        };
        if (!known.ids.empty() && beginsWith(known.ids)) {
            return &known;
        }
        const std::size_t common = commonOf(tickets);
        if (tickets.size() < 2 || common < kSharedTokens) {
            return nullptr;
        }
        const std::vector<std::int32_t>& first = promptOf(tickets.front());
        known.ids.assign(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(common));
        readBeginning(voice, tickets, known);
        return &known;
    }

    void readBeginning(std::size_t voice, const Tickets& tickets, Beginning& beginning)
    {
        const std::vector<std::int32_t>& ids = beginning.ids;
        const std::size_t found = options.kept == nullptr ? 0 : options.kept->common(voice, ids);
        const std::size_t known = found < kSharedTokens ? 0 : found;
        beginning.cache = {};
        if (known > 0) {
            beginning.cache = options.kept->beginning(voice, ids, known);
        } else if (ends.size() > 1) {
            beginning.cache.voices = {static_cast<std::int64_t>(voice)};
        }
        if (known < ids.size()) {
            const std::vector<std::int32_t> rest(ids.begin() + static_cast<std::ptrdiff_t>(known),
                                                 ids.end());
            feed({rest}, beginning.cache);
        }
        for (const std::size_t ticket : tickets) {
            row(ticket).answer.keptTokens = known;
        }
    }

    // What was read of a prompt and its answer, a sequence of `own`, stays for those that begin so.
    void keep(std::size_t ticket, const KvCache& own, std::size_t sequence)
    {
        if (options.kept == nullptr) {
            return;
        }
        const Row& one = row(ticket);
        std::vector<std::int32_t> ids = one.request.prompt;
        // All but the last token of the answer, which nothing was asked behind.
        ids.insert(ids.end(), one.answer.newIds.begin(), one.answer.newIds.end() - 1);
        options.kept->keep(one.request.voice, std::move(ids), own, sequence);
    }

    // Of a step that was cancelled: the tokens before it are whole.
    void keepActive()
    {
        for (std::size_t i = 0; i < active.size(); ++i) {
            keep(active[i], cache, i);
        }
    }

    // A token of each. Those that it ends leave `tickets` and `own`.
    void settle(Tickets& tickets, const std::vector<std::int32_t>& picked, KvCache& own,
                Tickets& ended)
    {
        std::vector<std::int64_t> stay;
        Tickets left;
        for (std::size_t i = 0; i < tickets.size(); ++i) {
            if (accept(row(tickets[i]), picked[i])) {
                keep(tickets[i], own, i);
                ended.push_back(tickets[i]);
            } else {
                stay.push_back(static_cast<std::int64_t>(i));
                left.push_back(tickets[i]);
            }
        }
        if (left.empty()) {
            own = {};
        } else if (left.size() < tickets.size()) {
            own.keep(stay);
        }
        tickets = std::move(left);
    }

    // Whether it ends it.
    bool accept(Row& one, std::int32_t id) const
    {
        Answer& answer = one.answer;
        answer.newIds.push_back(id);
        if (isIn(ends[one.request.voice], id) || isIn(one.request.stopIds, id)) {
            answer.ending = Ending::EndToken;
        } else if (static_cast<std::int64_t>(answer.newIds.size()) >= one.request.maxNewTokens) {
            answer.ending = Ending::Length;
        }
        if (answer.ending == Ending::None && one.request.stops.empty()) {
            return false;
        }
        answer.text = choir.voices[one.request.voice].tokenizer->decode(answer.newIds,
                                                                        /*skipSpecial=*/true);
        std::size_t end = std::string::npos;
        for (const std::string& stop : one.request.stops) {
            end = std::min(end, answer.text.find(stop));
        }
        if (end != std::string::npos) {
            answer.text.resize(end);
            answer.ending = Ending::StopText;
        }
        return answer.ending != Ending::None;
    }

    std::vector<std::int32_t> pick(const at::Tensor& logits_BV, const Tickets& tickets)
    {
        const at::Tensor wide_BV = logits_BV.to(at::kCPU, at::kFloat).contiguous();
        const auto words = static_cast<std::size_t>(wide_BV.size(1));
        std::vector<std::int32_t> picked(tickets.size());
        eachTask(wide_BV.size(0), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const auto at = static_cast<std::size_t>(i);
                const std::span<const float> logits(in<float>(wide_BV) + at * words, words);
                Row& one = rows.at(tickets[at]);
                if (one.sampler.isArgmax()) {
                    picked[at] = likeliestOf(logits);
                    one.sampler.took(picked[at]);
                } else {
                    picked[at] = one.sampler.next(logits);
                }
                if (one.request.alternatives >= 0) {
                    one.answer.readings.push_back(
                        readingOf(logits, picked[at], one.request.alternatives));
                }
            }
        });
        return picked;
    }

    session::Choir choir;
    EngineOptions options;
    const JobContext& job;
    std::vector<std::vector<std::int32_t>> ends; // of each voice, the model's own end tokens
    std::vector<Beginning> beginnings; // of each voice
    std::map<std::size_t, Row> rows; // by ticket; those that were not taken
    std::deque<std::size_t> waiting;
    Tickets active; // which prompt each sequence of the cache is
    KvCache cache;
    std::size_t issued = 0; // tickets given out
};

Engine::Engine(const session::Choir& choir, const EngineOptions& options, const JobContext& job)
    : d(std::make_unique<Private>(choir, options, job))
{
    if (options.rows < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("a batch needs at least 1 prompt, found {}", options.rows));
    }
}

Engine::~Engine() = default;
Engine::Engine(Engine&& other) noexcept = default;

std::size_t Engine::add(Request request)
{
    const std::size_t ticket = d->issued;
    if (request.voice >= d->choir.voices.size() || request.maxNewTokens < 1) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("prompt {} asks for {} new tokens of model {} (expected at least 1, "
                        "of {} models)",
                        ticket + 1, request.maxNewTokens, request.voice + 1,
                        d->choir.voices.size()));
    }
    requireRows(d->choir, request.voice, request.prompt, fmt::format("prompt {}", ticket + 1));
    Sampler sampler(request.sampling, request.prompt);
    d->rows.emplace(ticket, Private::Row {std::move(request), std::move(sampler), {}});
    d->waiting.push_back(ticket);
    ++d->issued;
    return ticket;
}

bool Engine::isIdle() const
{
    return d->waiting.empty() && d->active.empty();
}

std::vector<std::size_t> Engine::step()
{
    Tickets ended;
    try {
        guarded([&] {
            const c10::NoGradGuard noGrad;
            const ThreadBudget threads(d->choir.threads);
            d->job.throwIfCancelled();
            if (!d->active.empty()) {
                d->goOn(ended);
            }
            d->letIn(ended);
        });
    } catch (const Cancelled&) {
        guarded([&] { d->keepActive(); });
        throw;
    } catch (const Error& e) {
        d->makesRoom(e); // for what is asked next
        throw;
    }
    return ended;
}

const Answer& Engine::answer(std::size_t ticket) const
{
    return d->rows.at(ticket).answer;
}

Answer Engine::take(std::size_t ticket)
{
    Answer answer = std::move(d->rows.at(ticket).answer);
    d->rows.erase(ticket);
    return answer;
}

void Engine::drop(std::size_t ticket)
{
    std::erase(d->waiting, ticket);
    const auto place = std::find(d->active.begin(), d->active.end(), ticket);
    if (place != d->active.end()) {
        const auto sequence = static_cast<std::size_t>(place - d->active.begin());
        guarded([&] { d->keep(ticket, d->cache, sequence); });
        std::vector<std::int64_t> others(d->active.size());
        std::iota(others.begin(), others.end(), 0);
        others.erase(others.begin() + (place - d->active.begin()));
        d->active.erase(place);
        if (others.empty()) {
            d->cache = {};
        } else {
            guarded([&] { d->cache.keep(others); });
        }
    }
    d->rows.erase(ticket);
}

} // namespace pissarro::core::inline infer

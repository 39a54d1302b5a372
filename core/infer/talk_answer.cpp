// SPDX-License-Identifier: GPL-3.0-or-later
// A question put to several models: a step of each base gives a token of each answer on it.
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/infer/talk.h"
#include "core/infer/talk_p.h"
#include "core/tensor/threads.h"
#include "core/text/number_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::core::inline infer {

namespace {

using Ids = std::vector<std::int32_t>;
using Tell = std::function<void(TalkEvent event)>;

// What a cut character decodes to until its other bytes come.
constexpr std::string_view kCut = "\xEF\xBF\xBD";

// One answer on its way.
struct Asked {
    std::size_t speaker = 0;
    std::size_t group = 0;
    std::size_t ticket = 0;
    const Tokenizer* tokenizer = nullptr;
    TalkText text;
    std::size_t told = 0; // tokens
    Clock::time_point first = {}; // when the first one came
    double firstSeconds = 0.0;
    bool isShort = false; // the context has no room for all that was asked for
    bool isOver = false;
};

TalkToken::Choice choiceOf(const Asked& asked, const TokenReading::Chance& chance, std::string text)
{
    return {chance.id, std::move(text), chance.logProbability,
            asked.tokenizer->isSpecial(chance.id)};
}

TalkToken tokenOf(Asked& asked, const TokenReading& reading, double seconds)
{
    TalkToken token;
    token.rank = reading.rank;
    token.seconds = seconds;
    token.choice = choiceOf(asked, reading.token, asked.text.add(reading.token.id));
    for (const TokenReading::Chance& one : reading.likeliest) {
        token.likeliest.push_back(choiceOf(asked, one, asked.text.alternative(one.id)));
    }
    return token;
}

// How many tokens may come: as asked, or as many as the context has room for.
std::int64_t roomFor(const TalkRequest& request, std::int64_t context, std::size_t read)
{
    const std::int64_t room = context - static_cast<std::int64_t>(read);
    if (context == 0 || room >= request.maxNewTokens) {
        return request.maxNewTokens;
    }
    if (room < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the conversation has {} tokens, and the model reads no more than "
                                "{}; begin a new one, or take back a turn",
                                groupedText(static_cast<std::int64_t>(read)),
                                groupedText(context)));
    }
    return room;
}

void tellOf(Asked& asked, const Answer& answer, Clock::time_point start, const Tell& tell)
{
    if (asked.isOver || (asked.told == answer.newIds.size() && answer.ending == Ending::None)) {
        return;
    }
    TalkEvent event;
    event.speaker = asked.speaker;
    const double now = secondsSince(start);
    if (asked.told == 0) {
        asked.first = Clock::now();
        asked.firstSeconds = now;
    }
    for (; asked.told < answer.newIds.size(); ++asked.told) {
        event.tokens.push_back(tokenOf(asked, answer.readings[asked.told], now));
    }
    event.keptTokens = answer.keptTokens;
    event.firstSeconds = asked.firstSeconds;
    if (const double since = secondsSince(asked.first); asked.told > 1 && since > 0.0) {
        event.tokensPerSecond = static_cast<double>(asked.told - 1) / since;
    }
    event.ending = answer.ending;
    if (answer.ending != Ending::None) {
        asked.isOver = true;
        event.contextIsFull = asked.isShort && answer.ending == Ending::Length;
        if (!event.tokens.empty()) {
            event.tokens.back().choice.text += asked.text.rest();
        }
    }
    tell(std::move(event));
}

void tellFailure(std::size_t speaker, const Error& error, const Tell& tell)
{
    TalkEvent event;
    event.speaker = speaker;
    event.failure = error.what();
    tell(std::move(event));
}

} // namespace

TalkText::TalkText(const Tokenizer& tokenizer, Ids begun)
    : m_tokenizer(&tokenizer)
    , m_ids(std::move(begun))
{
    if (!m_ids.empty()) {
        tell();
    }
}

std::string TalkText::add(std::int32_t id)
{
    m_ids.push_back(id);
    return tell();
}

std::string TalkText::tell()
{
    m_text = m_tokenizer->decode(m_ids, /*skipSpecial=*/true);
    const std::size_t whole = wholeCharacters(m_text);
    const bool waits = std::string_view(m_text).substr(0, whole).ends_with(kCut);
    if (waits || whole <= m_told) {
        return {};
    }
    const std::size_t from = std::exchange(m_told, whole);
    return m_text.substr(from, whole - from);
}

std::string TalkText::rest() const
{
    return m_text.size() > m_told ? m_text.substr(m_told) : std::string();
}

std::string TalkText::alternative(std::int32_t id) const
{
    if (m_tokenizer->isSpecial(id)) {
        return m_tokenizer->piece(id);
    }
    if (m_ids.size() < 2) {
        return m_tokenizer->decode({id});
    }
    // Behind the token before it: a decoder may drop the space before the first one that it is given.
    const std::int32_t last = m_ids[m_ids.size() - 2];
    const std::string before = m_tokenizer->decode({last});
    const std::string both = m_tokenizer->decode({last, id});
    return both.starts_with(before) ? both.substr(before.size()) : m_tokenizer->decode({id});
}

std::vector<std::int32_t> talkIds(const session::Choir& choir, std::size_t voice,
                                  const TalkRequest& request, PromptTemplate form,
                                  const JobContext& job)
{
    const std::string text = promptOf(request.messages, form, choir.voices[voice].tokenizer.get());
    Ids ids = promptIds(choir, voice, text, /*addSpecial=*/form != PromptTemplate::Chat,
                        "the conversation", job);
    ids.insert(ids.end(), request.begun.begin(), request.begun.end());
    return ids;
}

// All answers on their way. Its functions are told as Talkers::answer() says.
struct Talkers::Round {
    Round(const Private& of, const Tell& onEvent, const JobContext& work)
        : d(of)
        , tell(onEvent)
        , job(work)
        , engines(of.groups.size())
    {
    }

    void ask(const TalkRequest& request)
    {
        const Private::Group& group = d.groupOf(request.speaker);
        const Private::Place place = d.places[request.speaker];
        const Speaker& speaker = d.speakers[request.speaker];
        Request one;
        one.prompt =
            talkIds(group.choir, place.voice, request, request.form.value_or(speaker.form), job);
        one.maxNewTokens = roomFor(request, speaker.context, one.prompt.size());
        one.voice = place.voice;
        one.sampling = request.sampling;
        one.alternatives = request.alternatives;
        TalkEvent begun;
        begun.speaker = request.speaker;
        begun.promptIds = one.prompt;
        const Tokenizer& tokenizer = *group.choir.voices[place.voice].tokenizer;
        if (!request.begun.empty() && tokenizer.isSpecial(request.begun.back())) {
            tell(begun);
            begun.promptIds.clear();
            begun.ending = Ending::EndToken; // nothing comes behind it
            tell(std::move(begun));
            return;
        }
        std::optional<Engine>& engine = engines[place.group];
        if (!engine) {
            engine.emplace(
                group.choir,
                EngineOptions {.rows = static_cast<std::int64_t>(group.choir.voices.size()),
                               .kept = group.kept.get()},
                job);
        }
        const bool isShort = one.maxNewTokens < request.maxNewTokens;
        const std::size_t ticket = engine->add(std::move(one));
        all.push_back({request.speaker,
                       place.group,
                       ticket,
                       &tokenizer,
                       TalkText(tokenizer, request.begun),
                       0,
                       {},
                       0.0,
                       isShort,
                       false});
        tell(std::move(begun));
    }

    bool goesOn(std::size_t group) const { return engines[group] && !engines[group]->isIdle(); }

    // A token of each answer on that base.
    void step(std::size_t group)
    {
        try {
            engines[group]->step();
            for (Asked& one : all) {
                if (one.group == group) {
                    tellOf(one, engines[group]->answer(one.ticket), start, tell);
                }
            }
        } catch (const Error& error) { // the engine is of no more use
            engines[group].reset();
            for (Asked& one : all) {
                if (one.group == group && !std::exchange(one.isOver, true)) {
                    tellFailure(one.speaker, error, tell);
                }
            }
        }
    }

    const Private& d;
    const Tell& tell;
    const JobContext& job;
    Clock::time_point start = Clock::now();
    std::vector<std::optional<Engine>> engines; // of the groups
    std::vector<Asked> all;
};

void Talkers::answer(const std::vector<TalkRequest>& requests, const Tell& onEvent,
                     const JobContext& job) const
{
    const ThreadBudget threads(d->named.empty() ? 0 : d->named.front().model.threads);
    Round round(*d, onEvent, job);
    for (const TalkRequest& request : requests) {
        job.throwIfCancelled();
        try {
            round.ask(request);
        } catch (const Error& error) {
            tellFailure(request.speaker, error, onEvent);
        }
    }
    for (bool any = true; any;) {
        any = false;
        for (std::size_t group = 0; group < d->groups.size(); ++group) {
            if (round.goesOn(group)) {
                round.step(group);
                any = true;
            }
        }
    }
}

std::optional<double> perplexityOf(const std::vector<TalkToken>& tokens)
{
    if (tokens.empty()) {
        return std::nullopt;
    }
    double sum = 0.0;
    for (const TalkToken& token : tokens) {
        sum += token.choice.logProbability;
    }
    return std::exp(-sum / static_cast<double>(tokens.size()));
}

} // namespace pissarro::core::inline infer

// SPDX-License-Identifier: GPL-3.0-or-later
// How soon the chat answers once a model is open, and how long it takes to put other adapters on its base, in seconds:
//   bench_chat MODEL ADAPTER ADAPTER [ROUNDS]
// Prints one JSON object: "open_s" of the base; "first_s", the median from a question to its first token, "first_three_s" with
// both adapters beside it; "third_kept_s" and "third_again_s", to the first token of a third turn behind "history_tokens",
// once where those are kept from the turns before, once where they are read again; "switch_s" and "switch_max_s", the median and the longest change of what stands on the base;
// "tokens_per_s" of one model and "three_tokens_per_s" of each of three.
#include "core/base/clock.h"
#include "core/infer/talk.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace pissarro::core;

namespace {

double medianOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0.0 : values[values.size() / 2];
}

// What the answers took that came last to their first token, and how fast the slowest went on.
struct Told {
    double first = 0.0;
    double pace = 0.0;
};

struct Reply {
    std::string text;
    double first = 0.0;
    std::size_t promptTokens = 0;
    std::size_t keptTokens = 0;
};

// Of the first model alone.
Reply replyTo(const Talkers& talkers, const std::vector<ChatMessage>& messages,
              std::int64_t maxNewTokens)
{
    TalkRequest request;
    request.messages = messages;
    request.sampling.greedy = true;
    request.maxNewTokens = maxNewTokens;
    Reply reply;
    talkers.answer(
        {request},
        [&](const TalkEvent& event) {
            if (!event.failure.empty()) {
                std::fprintf(stderr, "error: %s\n", event.failure.c_str());
                std::exit(1);
            }
            for (const TalkToken& token : event.tokens) {
                reply.text += token.choice.text;
            }
            reply.promptTokens += event.promptIds.size();
            reply.first = event.firstSeconds;
            reply.keptTokens = event.keptTokens;
        },
        JobContext());
    return reply;
}

std::string sentences(std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "The mill by the river grinds corn for the village. ";
    }
    return text;
}

// The third turn of a conversation of about a thousand tokens, in seconds to its first token.
struct ThirdTurn {
    std::size_t history = 0; // tokens, the question included
    std::vector<double> kept;
    std::vector<double> again;
};

ThirdTurn thirdTurn(Talkers& talkers, int rounds)
{
    const auto tokensOf = [&](std::size_t count) {
        return replyTo(talkers, {{"user", sentences(count)}}, 1).promptTokens;
    };
    const double each = static_cast<double>(tokensOf(11) - tokensOf(1)) / 10.0;
    const std::string told = sentences(static_cast<std::size_t>(470.0 / each));
    ThirdTurn found;
    for (int round = 0; round < rounds; ++round) {
        talkers.forget();
        std::vector<ChatMessage> talk;
        for (int turn = 0; turn < 2; ++turn) {
            talk.push_back({"user", told});
            talk.push_back({"assistant", replyTo(talkers, talk, 24).text});
        }
        talk.push_back({"user", "What does the mill grind?"});
        const Reply kept = replyTo(talkers, talk, 1);
        talkers.forget();
        const Reply again = replyTo(talkers, talk, 1);
        if (2 * kept.keptTokens < kept.promptTokens || again.keptTokens > 0) {
            std::fprintf(stderr, "error: %zu of %zu tokens were kept, then %zu\n", kept.keptTokens,
                         kept.promptTokens, again.keptTokens);
            std::exit(1);
        }
        found.history = kept.promptTokens;
        found.kept.push_back(kept.first);
        found.again.push_back(again.first);
    }
    return found;
}

Told ask(Talkers& talkers)
{
    std::vector<TalkRequest> requests(talkers.speakers().size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        requests[i].speaker = i;
        requests[i].messages = {{"user", "What is 15 % of 80?"}};
        requests[i].sampling.greedy = true;
        requests[i].maxNewTokens = 24;
    }
    std::vector<Told> told(requests.size());
    talkers.forget(); // each question is a conversation of its own
    talkers.answer(
        requests,
        [&](const TalkEvent& event) {
            if (!event.failure.empty()) {
                std::fprintf(stderr, "error: %s\n", event.failure.c_str());
                std::exit(1);
            }
            told[event.speaker] = {event.firstSeconds, event.tokensPerSecond};
        },
        JobContext());
    Told all = told.front();
    for (const Told& one : told) {
        all.first = std::max(all.first, one.first);
        all.pace = std::min(all.pace, one.pace);
    }
    return all;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 4) {
        std::fprintf(stderr, "usage: bench_chat MODEL ADAPTER ADAPTER [ROUNDS]\n");
        return 2;
    }
    const InferenceModel base {argv[1]};
    const InferenceModel one {argv[1], argv[2]};
    const InferenceModel two {argv[1], argv[3]};
    const int rounds = argc > 4 ? std::atoi(argv[4]) : 5;
    Talkers talkers;
    const auto start = Clock::now();
    talkers.open({base}, JobContext());
    const double opening = secondsSince(start);
    ask(talkers); // warm-up
    std::vector<double> first;
    std::vector<double> firstOfThree;
    std::vector<double> switches;
    std::vector<double> pace;
    std::vector<double> paceOfThree;
    const auto change = [&](const std::vector<InferenceModel>& models) {
        const auto now = Clock::now();
        for (const Speaker& speaker : talkers.open(models, JobContext())) {
            if (!speaker.problem.empty()) {
                std::fprintf(stderr, "error: %s\n", speaker.problem.c_str());
                std::exit(1);
            }
        }
        switches.push_back(secondsSince(now));
    };
    for (int round = 0; round < rounds; ++round) {
        change({base});
        const Told alone = ask(talkers);
        first.push_back(alone.first);
        pace.push_back(alone.pace);
        change({base, one});
        change({base, two});
        change({base, one, two});
        const Told three = ask(talkers);
        firstOfThree.push_back(three.first);
        paceOfThree.push_back(three.pace);
    }
    change({base});
    switches.pop_back(); // of no round
    const ThirdTurn third = thirdTurn(talkers, rounds);
    std::printf(
        "{\"open_s\": %.3f, \"first_s\": %.3f, \"first_three_s\": %.3f, \"history_tokens\": %zu, "
        "\"third_kept_s\": %.3f, \"third_again_s\": %.3f, \"switch_s\": %.3f, "
        "\"switch_max_s\": %.3f, \"tokens_per_s\": %.1f, \"three_tokens_per_s\": %.1f}\n",
        opening, medianOf(first), medianOf(firstOfThree), third.history, medianOf(third.kept),
        medianOf(third.again), medianOf(switches),
        *std::max_element(switches.begin(), switches.end()), medianOf(pace), medianOf(paceOfThree));
    return 0;
}

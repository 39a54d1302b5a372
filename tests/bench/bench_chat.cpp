// SPDX-License-Identifier: GPL-3.0-or-later
// How soon the chat answers once a model is open, and how long it takes to put other adapters on its base, in seconds:
//   bench_chat MODEL ADAPTER ADAPTER [ROUNDS]
// Prints one JSON object: "open_s" of the base; "first_s", the median from a question to its first token, "first_three_s" with
// both adapters beside it; "switch_s" and "switch_max_s", the median and the longest change of what stands on the base;
// "tokens_per_s" of one model and "three_tokens_per_s" of each of three.
#include "core/base/clock.h"
#include "core/infer/talk.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
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

Told ask(const Talkers& talkers)
{
    std::vector<TalkRequest> requests(talkers.speakers().size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        requests[i].speaker = i;
        requests[i].messages = {{"user", "What is 15 % of 80?"}};
        requests[i].sampling.greedy = true;
        requests[i].maxNewTokens = 24;
    }
    std::vector<Told> told(requests.size());
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
    std::printf(
        "{\"open_s\": %.3f, \"first_s\": %.3f, \"first_three_s\": %.3f, \"switch_s\": %.3f, "
        "\"switch_max_s\": %.3f, \"tokens_per_s\": %.1f, \"three_tokens_per_s\": %.1f}\n",
        opening, medianOf(first), medianOf(firstOfThree), medianOf(switches),
        *std::max_element(switches.begin(), switches.end()), medianOf(pace), medianOf(paceOfThree));
    return 0;
}

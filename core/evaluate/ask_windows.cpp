// SPDX-License-Identifier: GPL-3.0-or-later
// Perplexity of texts, window by window. A base and what was made of it by the same windows: what was forgotten.
#include "core/evaluate/asking_p.h"
#include "core/infer/likelihood.h"
#include "core/session/session.h"
#include "core/tasks/questions.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

// A window of a text, as what follows what.
struct Asked {
    Continuation continuation;
    TextLoss counted; // bytes and words of the text, on the first of its windows
};

void addWindows(const Asking& asking, std::size_t voice, const std::string& text,
                std::vector<Asked>& all)
{
    const Tokenizer& tokenizer = *asking.choir.voices[voice].tokenizer;
    const ModelConfig& config = asking.choir.files->config();
    WindowPlan plan = asking.spec.windows;
    if (config.bidirectional) { // it has no positions beyond those that it learned
        plan.length = std::min(plan.length, longestText(config));
        plan.stride = std::min(plan.stride, plan.length);
    }
    bool isFirst = true;
    for (Continuation& window : windowsOfText(tokenizer, text, plan, voice, asking.job)) {
        Asked one {std::move(window), {}};
        if (isFirst) {
            one.counted.bytes = static_cast<std::int64_t>(text.size());
            one.counted.words = wordsOf(text);
        }
        isFirst = false;
        all.push_back(std::move(one));
    }
}

} // namespace

void askWindows(const Asking& asking)
{
    const std::vector<std::string> texts =
        readTexts(asking.spec.data, asking.spec.rows, asking.job);
    std::vector<std::vector<Asked>> ofVoices(asking.names.size());
    std::int64_t expected = 0;
    for (std::size_t voice = 0; voice < ofVoices.size(); ++voice) {
        for (const std::string& text : texts) {
            asking.job.throwIfCancelled();
            addWindows(asking, voice, text, ofVoices[voice]);
        }
        expected += static_cast<std::int64_t>(ofVoices[voice].size());
    }
    asking.expect(expected);
    for (std::size_t voice = 0; voice < ofVoices.size(); ++voice) {
        std::vector<Continuation> left;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < ofVoices[voice].size(); ++i) {
            if (!asking.isAnswered(asking.names[voice], static_cast<std::int64_t>(i), 0)) {
                left.push_back(ofVoices[voice][i].continuation);
                places.push_back(i);
            }
        }
        const Tokenizer& tokenizer = *asking.choir.voices[voice].tokenizer;
        auto start = std::chrono::steady_clock::now();
        const auto keep = [&](std::size_t which, const std::vector<double>& found) {
            const Asked& asked = ofVoices[voice][places[which]];
            const auto now = std::chrono::steady_clock::now();
            Transcript one;
            one.model = asking.names[voice];
            one.index = static_cast<std::int64_t>(places[which]);
            one.prompt = tokenizer.decode(asked.continuation.ids);
            one.output = {{"nll", -std::accumulate(found.begin(), found.end(), 0.0)},
                          {"scored", found.size()},
                          {"bytes", asked.counted.bytes},
                          {"words", asked.counted.words}};
            if (asking.choir.files->config().bidirectional) { // each token seen from both sides
                one.output["pseudo"] = true;
            }
            one.seconds = std::chrono::duration<double>(now - start).count();
            start = now;
            asking.tell(one);
        };
        logLikelihoods(asking.choir, left, std::max<std::int64_t>(4096, asking.spec.windows.length),
                       keep, asking.job);
    }
}

} // namespace pissarro::core::inline evaluate

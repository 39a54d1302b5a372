// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/dataset/dataset.h"
#include "core/infer/engine.h"
#include "core/infer/generate.h"
#include "core/infer/kept_keys.h"
#include "core/session/open_model.h"
#include "core/tasks/perplexity.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline infer {

// A token of an answer, as the model itself found it before any setting of the sampling.
struct TalkToken {
    struct Choice {
        std::int32_t id = 0;
        std::string text; // as it would stand there
        double logProbability = 0.0; // nats
        bool special =
            false; // it ends the answer or marks something: an answer's text has none of it
    };
    Choice choice; // its text is what it adds to the answer, whole characters; may be empty
    std::int64_t rank = 1; // among all tokens, the likeliest is 1
    double seconds = 0.0; // since it was asked; 0: not known
    std::vector<Choice> likeliest = {}; // the most likely first
};

// What one model is asked.
struct TalkRequest {
    std::size_t speaker = 0; // of Talkers::open()
    // Who said what, the last message a person's; a system's may stand first.
    std::vector<ChatMessage> messages;
    std::optional<PromptTemplate> form; // nullopt: as the speaker was trained (Speaker::form)
    Sampling sampling = {};
    std::int64_t maxNewTokens = 256;
    std::vector<std::int32_t> begun =
        {}; // what the answer begins with: it goes on behind them, but for a special one
    std::int64_t alternatives = 5; // told of each token
};

// What is told of one answer as it grows. `failure` or `ending` other than None is the last.
struct TalkEvent {
    std::size_t speaker = 0;
    std::vector<TalkToken> tokens; // that have come
    std::vector<std::int32_t> promptIds = {}; // with the first event alone
    std::size_t keptTokens = 0; // of the prompt: read for an earlier question, and not again
    double firstSeconds = 0.0; // from the question to the first token
    double tokensPerSecond = 0.0; // since then, by the clock; 0: not known yet
    Ending ending = Ending::None;
    bool contextIsFull = false; // it ended since the model reads no more
    std::string failure = {}; // why it has no answer, or no more of it
};

// One of the models that are open.
struct Speaker {
    std::string problem; // why it cannot speak; empty: it can
    std::string
        notes; // what a person should know of its adapter, which state of a run speaks; lines
    PromptTemplate form =
        PromptTemplate::Plain; // a run's own; else the model's chat template, where it has one
    std::int64_t context = 0; // tokens that it reads at most; 0: not known
};

// Models that are talked to, side by side. Those that are one base with an adapter of each, or none, compute in one pass over
// one copy of its weights (session::Choir); others in turn, a token each. A base is read once, however often the adapters on
// it change. Of each the keys and values of what it was asked last and answered are kept (KeptKeys): a question reads what
// follows the tokens that it has in common with them. They go with the models that stand on a base when one comes or goes, with
// forget(), and where memory runs out.
// Memory: of each base once, and what is kept. Threads: one user at a time.
class Talkers {
public:
    // `keptBytes`: of all together, the same for each that speaks; 0: every question reads all of it.
    explicit Talkers(std::int64_t keptBytes = kKeptBytes);
    ~Talkers();

    // Opens what is not open yet or has changed on disk since, and lets go of what is not named. What is wrong with one is
    // its own problem. Throws: Cancelled.
    const std::vector<Speaker>& open(const std::vector<InferenceModel>& models,
                                     const JobContext& job);
    const std::vector<Speaker>& speakers() const;
    void forget(); // what is kept: another conversation begins
    std::int64_t keptBytes() const; // that are held now

    // Asks them all at once, none twice. What each says alone with the same seed (generate()), but for the roundings of
    // Engine, those of attention to what is kept among them. What fails of one base ends the answers on that base; others go on. Throws: Cancelled within a token.
    void answer(const std::vector<TalkRequest>& requests,
                const std::function<void(TalkEvent event)>& onEvent, const JobContext& job) const;

    // The loss of a text under one of them, each token by what stands before it. Formula: windowsOf(), stride half the length.
    // Throws: Error; Cancelled.
    TextLoss lossOf(std::size_t speaker, const std::string& text, const JobContext& job) const;
    // log p of one token behind these. Throws: Error{InvalidArgument} where its vocabulary has no such id; Cancelled.
    double logProbabilityOf(std::size_t speaker, const std::vector<std::int32_t>& before,
                            std::int32_t token, const JobContext& job) const;

private:
    struct Private;
    struct Round;
    std::unique_ptr<Private> d;
};

// What a speaker is asked, in tokens: the messages in a form, then `begun`.
// Throws: Error{Format} where the template refuses the conversation; Error{InvalidArgument} for an empty one;
// Cancelled within a long text.
std::vector<std::int32_t> talkIds(const session::Choir& choir, std::size_t voice,
                                  const TalkRequest& request, PromptTemplate form,
                                  const JobContext& job = {});

// exp of the mean loss of the tokens; nullopt: there is none.
std::optional<double> perplexityOf(const std::vector<TalkToken>& tokens);

} // namespace pissarro::core::inline infer

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/infer/sampler.h"
#include "core/session/session.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline infer {

class KeptKeys; // kept_keys.h

// A prompt to be continued.
struct Request {
    std::vector<std::int32_t> prompt; // ids, at least one
    std::size_t voice = 0; // of the choir: which model answers
    Sampling sampling = {}; // with a seed of its own
    std::int64_t maxNewTokens = 256;
    std::vector<std::int32_t> stopIds = {}; // end it beside the model's own end tokens
    std::vector<std::string> stops =
        {}; // texts that end it; the answer's text is cut before the first
    // Log-probabilities of each token: -1 none, 0 its own, n with those of the n likeliest.
    std::int64_t alternatives = -1;
};

enum class Ending {
    None, // it goes on
    EndToken,
    StopText,
    Length
};

struct Answer {
    std::vector<std::int32_t> newIds; // with the token that ended it
    std::string text; // of newIds, special tokens left out; once it has ended
    Ending ending = Ending::None;
    std::vector<TokenReading> readings; // one for each of newIds, where asked for
    std::size_t keptTokens = 0; // of the prompt: they were not read again (EngineOptions::kept)
    double prefillSeconds = 0.0; // its share of the passes that it took part in
    double decodeSeconds = 0.0;
};

struct EngineOptions {
    std::int64_t rows = 32; // prompts that go on together
    std::int64_t promptTokens =
        4096; // of prompts that are read in one pass; one alone may have more
    // What was read before, by this engine or others of the choir, and what it reads is added to it as an answer ends, is
    // dropped or cancelled. Where memory runs out it is cleared. Null: nothing is kept. Outlives the engine.
    KeptKeys* kept = nullptr;
};

// Continues many prompts of a choir together: prompts are read, then each goes on by a token a step with its keys and values
// kept. One that ends leaves the batch, one that waits takes its place; what the prompts of a voice begin with alike is
// read once, and what is kept from prompts before them not again.
//
// A prompt's draws depend on its own seed alone. Its logits are those that it has alone but for the rounding of products of
// another height, and of attention to a beginning that was read apart: greedy answers are the same unless two logits are as
// close as that, which in float32 no question of the parity tests showed; they are the same bit for bit with rows = 1.
// Requires: voices with their tokenizers; job outlives it. Threads: one user at a time.
class Engine {
public:
    Engine(const session::Choir& choir, const EngineOptions& options, const JobContext& job);
    ~Engine();
    Engine(Engine&& other) noexcept;

    // Returns its ticket: tickets count from 0. It is read when there is room, first come, first served.
    // Throws: Error{InvalidArgument} for an empty prompt, an id beyond the model's, settings that checkSampling() refuses.
    std::size_t add(Request request);
    bool isIdle() const; // all have ended
    // A token for each prompt that goes on, and for those that are let in. Returns the tickets that ended.
    // Throws: Error{Numeric} for logits that are not finite; Cancelled within a token. It is of no more use then.
    std::vector<std::size_t> step();
    const Answer& answer(std::size_t ticket) const; // so far. Requires: it was not taken
    Answer take(std::size_t ticket); // forgets it. Requires: it has ended
    void drop(std::size_t ticket); // ends it where it is, and forgets it

private:
    struct Private;
    std::unique_ptr<Private> d;
};

// Continues all of them, the longest first, so that none of the long is left for the end; answers in the order of `requests`.
// onAnswer is told each as it ends. Throws: as Engine.
std::vector<Answer>
answerAll(const session::Choir& choir, const std::vector<Request>& requests,
          const EngineOptions& options,
          const std::function<void(std::size_t index, const Answer& answer)>& onAnswer,
          const JobContext& job);

// The ids of a text that a voice is to go on with. `name` begins a message: "prompt 3".
// Throws: Error{InvalidArgument} where there is none, or one that the model's embedding has no row for;
// Cancelled within a long text.
std::vector<std::int32_t> promptIds(const session::Choir& choir, std::size_t voice,
                                    std::string_view text, bool addSpecial, const std::string& name,
                                    const JobContext& job = {});

} // namespace pissarro::core::inline infer

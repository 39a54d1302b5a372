// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

namespace pissarro::core::inline infer {

// How the next token is taken. The defaults take out nothing: every token with its own probability.
struct Sampling {
    bool greedy = false; // always the likeliest; of the others the penalty alone counts
    double temperature = 1.0; // above 0
    std::int64_t topK = 0; // the likeliest so many, with all that are as likely as the last; 0: all
    double topP = 1.0; // the likeliest of this total probability, at least one; 1 and more: all
    double minP = 0.0; // those at least this share as likely as the likeliest; 0 to 1
    double repetitionPenalty = 1.0; // on what occurred, prompt included; above 0
    std::uint64_t seed = 0;

    friend bool operator==(const Sampling&, const Sampling&) = default;
};
void checkSampling(const Sampling& how); // Throws: Error{InvalidArgument} with the numbers

struct TokenChance {
    std::int32_t id = 0;
    double probability = 0.0;
};

// The first of the largest. Throws: Error{Numeric} where one is a NaN, or the largest is not finite.
std::int32_t likeliestOf(std::span<const float> logits);

// What may be drawn and how likely each is then, in the order of ids; they sum to 1.
// Formula: the processors of transformers in its order: repetition penalty, temperature, top-k, top-p, min-p. Where equal
//   logits lie on both sides of top-p's cut, those of the larger ids stay.
// Throws: Error{Numeric} where nothing can be drawn: a NaN, an infinity, or no finite logit.
std::vector<TokenChance> chancesOf(std::span<const float> logits, const Sampling& how,
                                   const std::unordered_set<std::int32_t>& occurred);

// Draws the tokens of one prompt, one after the other. What it draws depends on the seed, on how many it drew before, and on
// the logits: never on what else is in the batch.
// Threads: one user at a time.
class Sampler {
public:
    // `prompt`: what occurred so far. Throws: as checkSampling().
    Sampler(const Sampling& how, const std::vector<std::int32_t>& prompt);

    // Whether next() is the plain argmax, which a batch takes faster for all its rows.
    bool isArgmax() const { return m_how.greedy && m_how.repetitionPenalty == 1.0; }
    void took(std::int32_t id); // a token that was taken without next()
    std::int32_t next(std::span<const float> logits); // Throws: as chancesOf()

private:
    Sampling m_how;
    std::unordered_set<std::int32_t> m_occurred; // empty without a penalty
    std::uint64_t m_draws = 0;
};

// A token as the model itself finds it, before any of the settings above.
struct TokenReading {
    struct Chance {
        std::int32_t id = 0;
        double logProbability = 0.0; // nats
    };
    Chance token;
    std::vector<Chance> likeliest; // the most likely first; of equals the smaller id
    std::int64_t rank = 0; // of the token in that order, from 1
};
// Requires: finite logits, `token` one of them, alternatives >= 0.
TokenReading readingOf(std::span<const float> logits, std::int32_t token,
                       std::int64_t alternatives);

} // namespace pissarro::core::inline infer

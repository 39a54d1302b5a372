// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/label_score.h"
#include "core/evaluate/transcript.h"
#include "core/stats/proportion.h"
#include "core/tasks/perplexity.h"

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline evaluate {

// What a rule makes of a model's answers.
struct RuleScore {
    std::string rule;
    std::int64_t correct = 0; // answers
    std::int64_t answers = 0;
    std::int64_t questions = 0;
    double score =
        0.0; // the share that is right; of several answers each, the mean over questions: pass@1
    // At 95 %: Wilson's; of several answers to each question, questions drawn anew (bootstrap).
    Interval interval;
    std::map<std::int64_t, double>
        passAt; // pass@k, of several answers, for k = 1, 2, 5, 10, … that all have
    std::map<std::int64_t, Interval> passAtInterval; // of each, problems drawn anew (bootstrap)
};

struct ModelScore {
    std::string name;
    std::vector<RuleScore> rules; // the one that makes the score first; of perplexity none
    std::optional<TextLoss> loss; // of perplexity
    std::optional<Interval> perplexityInterval; // windows drawn anew
    bool isPseudo =
        false; // an encoder's, which saw what follows each token too: not that of a text
    std::optional<LabelScore> labels; // of texts that are sorted
    double seconds = 0.0; // of all its answers
    std::int64_t tokens = 0; // new ones
};

// Fewer questions that only one of two solved are too few to tell anything: no p is shown of them.
constexpr std::int64_t kFewestDiffering = 10;

// Two models on the same questions, by the first answer to each and the rule that makes the score.
struct ModelPair {
    std::string a;
    std::string b;
    PairedAnswers answers;
    double p = 1.0; // McNemar's exact test
    Interval difference; // of the shares, a less b
    // Of perplexity, over the same windows: mean nats of a token, a less b, with Student's interval over windows; nothing
    // where the two cut the text otherwise.
    std::optional<double> nllDifference;
    std::optional<Interval> nllInterval;

    bool tooFewToTell() const // of answers; of perplexities there is always a p
    {
        return !nllDifference && answers.onlyA + answers.onlyB < kFewestDiffering;
    }
};

struct EvaluationSummary {
    std::string task;
    std::string rule; // that makes the score; empty: none does
    std::vector<ModelScore> models;
    std::vector<ModelPair> pairs; // each two, in the order of the models
};

// Of all answers, or of those that there are so far: pairs count the questions that both have answered.
EvaluationSummary summaryOf(const std::string& task, const std::vector<std::string>& models,
                            const std::vector<Transcript>& transcripts);

// The answers of two evaluations, of one model each, to the questions that both asked. Requires: `a` and `b` answered the
// same data (the fingerprint tells).
ModelPair pairOf(const std::vector<Transcript>& a, const std::vector<Transcript>& b);

// A model's first answer to each question, by the question's index. They lie in `all`.
std::map<std::int64_t, const Transcript*> firstAnswersOf(const std::string& model,
                                                         const std::vector<Transcript>& all);

TextLoss lossOf(const Transcript& window); // of perplexity's; NaN where it tells none

// summary.json, as scripts read it.
nlohmann::ordered_json toJson(const EvaluationSummary& summary);

} // namespace pissarro::core::inline evaluate

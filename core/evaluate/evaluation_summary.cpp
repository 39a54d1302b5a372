// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluation_summary.h"

#include "core/base/fmt.h"
#include "core/stats/sample.h"
#include "core/stats/significance.h"
#include "core/text/json_value.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

using nlohmann::ordered_json;
using Answers = std::vector<const Transcript*>;

// A count out of a file: none is negative, and all of them can be added.
std::int64_t boundedCount(std::int64_t count)
{
    constexpr std::int64_t kMost = std::int64_t {1} << 36U;
    return std::clamp<std::int64_t>(count, 0, kMost);
}

Answers answersOf(const std::string& model, const std::vector<Transcript>& all)
{
    Answers own;
    for (const Transcript& one : all) {
        if (one.model == model) {
            own.push_back(&one);
        }
    }
    return own;
}

// Whether a rule found the answer right; nullopt: it did not judge.
std::optional<bool> isRight(const Transcript& one, const std::string& rule)
{
    for (const RuleVerdict& verdict : one.verdicts) {
        if (verdict.rule == rule) {
            return verdict.score.correct;
        }
    }
    return std::nullopt;
}

double meanOf(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void addPassAt(RuleScore& score, const std::vector<std::pair<std::int64_t, std::int64_t>>& problems)
{
    for (const std::int64_t k : {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}) {
        const auto share = meanPassAtK(problems, k);
        if (!share) {
            continue;
        }
        score.passAt.emplace(k, *share);
        std::vector<double> each;
        for (const auto& [samples, passed] : problems) {
            each.push_back(passAtK(samples, passed, k).value_or(0.0));
        }
        score.passAtInterval.emplace(k,
                                     bootstrapInterval(each, meanOf).value_or(Interval {0.0, 1.0}));
    }
}

RuleScore scoreOf(const Answers& answers, const std::string& rule)
{
    RuleScore score;
    score.rule = rule;
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> tries; // samples, passed
    for (const Transcript* one : answers) {
        if (const auto right = isRight(*one, rule)) {
            auto& [samples, passed] = tries[one->index];
            ++samples;
            passed += *right ? 1 : 0;
            ++score.answers;
            score.correct += *right ? 1 : 0;
        }
    }
    score.questions = static_cast<std::int64_t>(tries.size());
    if (tries.empty()) {
        score.interval = {0.0, 1.0};
        return score;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> problems;
    std::vector<double> shares;
    for (const auto& [index, counts] : tries) {
        problems.push_back(counts);
        shares.push_back(static_cast<double>(counts.second) / static_cast<double>(counts.first));
    }
    if (score.answers == score.questions) {
        score.score = static_cast<double>(score.correct) / static_cast<double>(score.questions);
        score.interval = wilsonInterval(score.correct, score.questions);
        return score;
    }
    score.score = meanOf(shares);
    score.interval = bootstrapInterval(shares, meanOf).value_or(Interval {0.0, 1.0});
    addPassAt(score, problems);
    return score;
}

// The windows are drawn anew by their place; the figure is that of their sums.
std::optional<Interval> perplexityInterval(const std::vector<TextLoss>& windows)
{
    std::vector<double> places(windows.size());
    std::iota(places.begin(), places.end(), 0.0);
    return bootstrapInterval(places,
                             [&](std::span<const double> drawn) {
                                 TextLoss sum;
                                 for (const double place : drawn) {
                                     sum += windows[static_cast<std::size_t>(place)];
                                 }
                                 return perplexityOf(sum).perplexity.value_or(std::nan(""));
                             },
                             {.resamples = 999});
}

bool isLoss(const Transcript& one)
{
    return one.output.is_object() && one.output.contains("nll");
}

ModelScore modelScore(const std::string& name, const Answers& answers)
{
    ModelScore model;
    model.name = name;
    std::vector<std::string> rules;
    std::vector<TextLoss> windows;
    for (const Transcript* one : answers) {
        model.seconds += one->seconds;
        model.tokens += boundedCount(one->tokens);
        for (const RuleVerdict& verdict : one->verdicts) {
            if (std::find(rules.begin(), rules.end(), verdict.rule) == rules.end()) {
                rules.push_back(verdict.rule);
            }
        }
        if (isLoss(*one)) {
            windows.push_back(lossOf(*one));
            model.isPseudo =
                model.isPseudo || jsonFieldAs<bool>(one->output, "pseudo").value_or(false);
        }
    }
    for (const std::string& rule : rules) {
        model.rules.push_back(scoreOf(answers, rule));
    }
    model.labels = labelScoreOf(answers);
    if (!windows.empty()) {
        model.loss = std::accumulate(windows.begin(), windows.end(), TextLoss(),
                                     [](TextLoss so, const TextLoss& one) { return so += one; });
        model.perplexityInterval = perplexityInterval(windows);
    }
    return model;
}

// The first answer to each question.
std::map<std::int64_t, const Transcript*> firstsOf(const Answers& answers)
{
    std::map<std::int64_t, const Transcript*> firsts;
    for (const Transcript* one : answers) {
        if (one->sample == 0) {
            firsts.emplace(one->index, one);
        }
    }
    return firsts;
}

void compareLosses(ModelPair& pair, const std::vector<TextLoss>& a, const std::vector<TextLoss>& b)
{
    std::vector<double> means[2];
    TextLoss sums[2];
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].scored != b[i].scored || a[i].scored == 0) {
            return; // other windows
        }
        for (const auto& [side, one] : {std::pair(0, a[i]), std::pair(1, b[i])}) {
            sums[side] += one;
            means[side].push_back(one.nll / static_cast<double>(one.scored));
        }
    }
    if (a.empty()) {
        return;
    }
    pair.nllDifference = *perplexityOf(sums[0]).meanNll - *perplexityOf(sums[1]).meanNll;
    if (const auto test = pairedTest(means[0], means[1])) {
        pair.nllInterval = test->interval;
        pair.p = test->p;
    }
}

ModelPair pairOf(const Answers& a, const Answers& b)
{
    ModelPair pair;
    pair.a = a.empty() ? std::string() : a.front()->model;
    pair.b = b.empty() ? std::string() : b.front()->model;
    const auto others = firstsOf(b);
    std::vector<bool> solvedByA;
    std::vector<bool> solvedByB;
    std::vector<TextLoss> lossesOfA;
    std::vector<TextLoss> lossesOfB;
    for (const auto& [index, mine] : firstsOf(a)) {
        const auto found = others.find(index);
        if (found == others.end()) {
            continue;
        }
        const Transcript& other = *found->second;
        if (isLoss(*mine) && isLoss(other)) {
            lossesOfA.push_back(lossOf(*mine));
            lossesOfB.push_back(lossOf(other));
        } else if (!mine->verdicts.empty() && !other.verdicts.empty()) {
            solvedByA.push_back(mine->isCorrect());
            solvedByB.push_back(
                isRight(other, mine->verdicts.front().rule).value_or(other.isCorrect()));
        }
    }
    pair.answers = countPairs(solvedByA, solvedByB);
    pair.p = mcnemarP(pair.answers.onlyA, pair.answers.onlyB);
    pair.difference = differenceInterval(pair.answers);
    compareLosses(pair, lossesOfA, lossesOfB);
    return pair;
}

ordered_json listOf(const Interval& interval)
{
    return ordered_json::array({interval.low, interval.high});
}

// A number that there may not be, or is none.
ordered_json numberOf(const std::optional<double>& value)
{
    return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

void addScore(ordered_json& object, const RuleScore& score)
{
    object["score"] = score.score;
    object["correct"] = score.correct;
    object["questions"] = score.questions;
    object["interval"] = listOf(score.interval);
    if (!score.passAt.empty()) {
        object["answers"] = score.answers;
        for (const auto& [k, share] : score.passAt) {
            object["pass_at"][fmt::format("{}", k)] = share;
        }
        for (const auto& [k, interval] : score.passAtInterval) {
            object["pass_at_interval"][fmt::format("{}", k)] = listOf(interval);
        }
    }
}

ordered_json toJson(const ModelScore& model)
{
    ordered_json object {{"name", model.name}};
    if (!model.rules.empty()) {
        addScore(object, model.rules.front());
        for (const RuleScore& rule : model.rules) {
            addScore(object["rules"][rule.rule], rule);
        }
    }
    if (model.loss) {
        const Perplexity found = perplexityOf(*model.loss);
        object["perplexity"] = numberOf(found.perplexity);
        object["mean_nll"] = numberOf(found.meanNll);
        if (model.isPseudo) {
            object["pseudo"] = true;
        }
        object["scored"] = model.loss->scored;
        object["bits_per_byte"] = numberOf(found.bitsPerByte);
        object["byte_perplexity"] = numberOf(found.bytePerplexity);
        object["word_perplexity"] = numberOf(found.wordPerplexity);
        object["interval"] =
            model.perplexityInterval ? listOf(*model.perplexityInterval) : ordered_json(nullptr);
    }
    if (model.labels) {
        object["labels"] = toJson(*model.labels);
    }
    object["tokens"] = model.tokens;
    object["seconds"] = model.seconds;
    return object;
}

ordered_json toJson(const ModelPair& pair)
{
    ordered_json object {{"a", pair.a}, {"b", pair.b}};
    if (pair.nllDifference) {
        object["mean_nll_difference"] = *pair.nllDifference;
        object["perplexity_ratio"] = std::exp(*pair.nllDifference);
        object["interval"] = pair.nllInterval ? listOf(*pair.nllInterval) : ordered_json(nullptr);
        object["p"] = numberOf(pair.p);
        return object;
    }
    object["both"] = pair.answers.both;
    object["only_a"] = pair.answers.onlyA;
    object["only_b"] = pair.answers.onlyB;
    object["neither"] = pair.answers.none;
    object["p"] = pair.p;
    object["difference"] = pair.answers.difference();
    object["interval"] = listOf(pair.difference);
    return object;
}

} // namespace

std::map<std::int64_t, const Transcript*> firstAnswersOf(const std::string& model,
                                                         const std::vector<Transcript>& all)
{
    return firstsOf(answersOf(model, all));
}

TextLoss lossOf(const Transcript& window)
{
    const auto whole = [&](const char* key) {
        return boundedCount(jsonFieldAs<std::int64_t>(window.output, key).value_or(0));
    };
    return {jsonFieldAs<double>(window.output, "nll").value_or(std::nan("")), whole("scored"),
            whole("bytes"), whole("words")};
}

EvaluationSummary summaryOf(const std::string& task, const std::vector<std::string>& models,
                            const std::vector<Transcript>& transcripts)
{
    EvaluationSummary summary {task, {}, {}, {}};
    std::vector<Answers> answers;
    for (const std::string& model : models) {
        answers.push_back(answersOf(model, transcripts));
        summary.models.push_back(modelScore(model, answers.back()));
        const auto& rules = summary.models.back().rules;
        if (summary.rule.empty() && !rules.empty()) {
            summary.rule = rules.front().rule;
        }
    }
    for (std::size_t a = 0; a < models.size(); ++a) {
        for (std::size_t b = a + 1; b < models.size(); ++b) {
            summary.pairs.push_back(pairOf(answers[a], answers[b]));
            summary.pairs.back().a = models[a];
            summary.pairs.back().b = models[b];
        }
    }
    return summary;
}

ModelPair pairOf(const std::vector<Transcript>& a, const std::vector<Transcript>& b)
{
    const auto all = [](const std::vector<Transcript>& transcripts) {
        Answers answers;
        for (const Transcript& one : transcripts) {
            answers.push_back(&one);
        }
        return answers;
    };
    return pairOf(all(a), all(b));
}

ordered_json toJson(const EvaluationSummary& summary)
{
    std::int64_t questions = 0;
    ordered_json models = ordered_json::array();
    for (const ModelScore& model : summary.models) {
        models.push_back(toJson(model));
        questions = std::max(questions, model.rules.empty() ? 0 : model.rules.front().questions);
    }
    ordered_json pairs = ordered_json::array();
    for (const ModelPair& pair : summary.pairs) {
        pairs.push_back(toJson(pair));
    }
    return {{"task", summary.task},
            {"questions", questions},
            {"rule", summary.rule},
            {"models", std::move(models)},
            {"pairs", std::move(pairs)}};
}

} // namespace pissarro::core::inline evaluate

// SPDX-License-Identifier: GPL-3.0-or-later
// What is made of transcripts: scores with intervals and rules, two models side by side, perplexities.
#include "core/evaluate/evaluation_summary.h"
#include "core/stats/proportion.h"
#include "core/stats/significance.h"

#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;

namespace {

Transcript answer(const std::string& model, std::int64_t index, bool paper, bool usual,
                  std::int64_t sample = 0)
{
    Transcript one;
    one.model = model;
    one.index = index;
    one.sample = sample;
    one.output = "text";
    one.verdicts = {{"paper", {"1", paper}}, {"usual", {"1", usual}}};
    one.tokens = 3;
    one.seconds = 0.5;
    return one;
}

Transcript window(const std::string& model, std::int64_t index, double nll, std::int64_t scored)
{
    Transcript one;
    one.model = model;
    one.index = index;
    one.output = {{"nll", nll}, {"scored", scored}, {"bytes", index == 0 ? 40 : 0}, {"words", 2}};
    return one;
}

} // namespace

class TestEvaluationSummary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scores_haveRuleAndInterval()
    {
        std::vector<Transcript> all;
        for (std::int64_t i = 0; i < 10; ++i) {
            all.push_back(answer("a", i, i < 3, i < 6));
        }
        const EvaluationSummary summary = summaryOf("gsm8k", {"a"}, all);
        QCOMPARE(summary.rule, std::string("paper"));
        const ModelScore& model = summary.models.at(0);
        QCOMPARE(model.rules.size(), 2U);
        QCOMPARE(model.rules[0].correct, 3);
        QCOMPARE(model.rules[0].score, 0.3);
        QVERIFY(model.rules[0].interval == wilsonInterval(3, 10));
        QCOMPARE(model.rules[1].correct, 6);
        QVERIFY(model.rules[0].passAt.empty());
        QCOMPARE(model.tokens, 30);
        const auto json = toJson(summary);
        QCOMPARE(json["questions"].get<int>(), 10);
        QCOMPARE(json["models"][0]["score"].get<double>(), 0.3);
        QCOMPARE(json["models"][0]["rules"]["usual"]["correct"].get<int>(), 6);
        QCOMPARE(json["models"][0]["interval"][1].get<double>(), wilsonInterval(3, 10).high);
    }

    // 2 of 4, 0 of 4 and 4 of 4 answers passed: pass@2 is 1 - C(n-c, 2)/C(n, 2) of each, in the mean.
    void samples_havePassAtK()
    {
        std::vector<Transcript> all;
        const std::int64_t passed[] {2, 0, 4};
        for (std::int64_t i = 0; i < 3; ++i) {
            for (std::int64_t sample = 0; sample < 4; ++sample) {
                all.push_back(answer("a", i, sample < passed[i], false, sample));
            }
        }
        const EvaluationSummary summary = summaryOf("humaneval", {"a"}, all);
        const RuleScore& score = summary.models.at(0).rules.at(0);
        QCOMPARE(score.questions, 3);
        QCOMPARE(score.answers, 12);
        QCOMPARE(score.correct, 6);
        QCOMPARE(score.score, 0.5);
        QVERIFY(std::abs(score.passAt.at(2) - (5.0 / 6.0 + 0.0 + 1.0) / 3.0) < 1e-12);
        QVERIFY(!score.passAt.contains(5)); // nothing is known of five
        const Interval two = score.passAtInterval.at(2); // of (5/6, 0, 1) drawn anew
        QVERIFY(two.low >= 0.0 && two.low < score.passAt.at(2));
        QVERIFY(two.high <= 1.0 && two.high > score.passAt.at(2));
        QCOMPARE(score.passAtInterval.size(), score.passAt.size());
        QVERIFY(score.interval.low <= 0.5 && 0.5 <= score.interval.high);
    }

    void pairs_countWhatBothAnswered()
    {
        std::vector<Transcript> all;
        for (std::int64_t i = 0; i < 20; ++i) {
            all.push_back(answer("a", i, i < 12, false));
            if (i < 19) { // it was stopped before the last
                all.push_back(answer("b", i, i % 2 == 0, false));
            }
        }
        const EvaluationSummary summary = summaryOf("gsm8k", {"a", "b"}, all);
        const ModelPair& pair = summary.pairs.at(0);
        QCOMPARE(pair.answers.both, 6);
        QCOMPARE(pair.answers.onlyA, 6);
        QCOMPARE(pair.answers.onlyB, 4);
        QCOMPARE(pair.answers.none, 3);
        QCOMPARE(pair.p, mcnemarP(6, 4));
        QVERIFY(!pair.tooFewToTell()); // ten differ
        ModelPair fewer = pair;
        --fewer.answers.onlyB;
        QVERIFY(fewer.tooFewToTell());
        fewer.nllDifference = 0.1; // of perplexities there is always a p
        QVERIFY(!fewer.tooFewToTell());
        const auto json = toJson(summary)["pairs"][0];
        QCOMPARE(json["only_a"].get<int>(), 6);
        QCOMPARE(json["neither"].get<int>(), 3);
        QCOMPARE(json["p"].get<double>(), mcnemarP(6, 4));
    }

    // Sums over all tokens, not means of windows; before and after on the same windows.
    void perplexities_areThoseOfTheSums()
    {
        std::vector<Transcript> all;
        for (std::int64_t i = 0; i < 6; ++i) {
            const std::int64_t scored = 10 + i;
            all.push_back(window("base", i, 2.0 * static_cast<double>(scored), scored));
            all.push_back(window(
                "tuned", i, (2.1 + 0.01 * static_cast<double>(i)) * static_cast<double>(scored),
                scored));
        }
        const EvaluationSummary summary = summaryOf("perplexity", {"base", "tuned"}, all);
        const Perplexity base = perplexityOf(*summary.models.at(0).loss);
        QVERIFY(std::abs(*base.perplexity - std::exp(2.0)) < 1e-12);
        QVERIFY(summary.models.at(0).rules.empty());
        const auto& range = summary.models.at(1).perplexityInterval;
        QVERIFY(range && range->low >= std::exp(2.1) - 1e-9
                && range->high <= std::exp(2.15) + 1e-9);
        const ModelPair& pair = summary.pairs.at(0);
        QVERIFY(pair.nllDifference && *pair.nllDifference < -0.1 && *pair.nllDifference > -0.15);
        QVERIFY(pair.nllInterval && pair.nllInterval->high < 0.0);
        QVERIFY(pair.p < 1e-3);
        const auto json = toJson(summary)["pairs"][0];
        QVERIFY(json.contains("perplexity_ratio") && !json.contains("both"));
        // Another cut is no pair.
        all.back().output["scored"] = 3;
        QVERIFY(!summaryOf("perplexity", {"base", "tuned"}, all).pairs.at(0).nllDifference);
    }

    void nothingAnswered_isNoScore()
    {
        const EvaluationSummary summary = summaryOf("gsm8k", {"a", "b"}, {});
        QVERIFY(summary.models.at(0).rules.empty() && summary.rule.empty());
        QCOMPARE(summary.pairs.at(0).answers.questions(), 0);
        QCOMPARE(summary.pairs.at(0).p, 1.0);
        QVERIFY(!toJson(summary).dump().empty());
    }
};

QTEST_GUILESS_MAIN(TestEvaluationSummary)
#include "tst_evaluation_summary.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of labels that a head gave texts. The figures themselves are those of core.agreement.
#include "core/evaluate/label_score.h"

#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>

using namespace pissarro;
using core::LabelScore;
using core::Transcript;
using nlohmann::json;

namespace {

Transcript answer(const json& output, const json& gold)
{
    Transcript one;
    one.output = output;
    one.gold = gold;
    return one;
}

std::optional<LabelScore> scoreOf(const std::vector<Transcript>& answers)
{
    std::vector<const Transcript*> all;
    for (const Transcript& one : answers) {
        all.push_back(&one);
    }
    return core::labelScoreOf(all);
}

} // namespace

class LabelScoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void classes_areCounted()
    {
        const auto score = scoreOf({answer({{"logits", {0.5, 1.0}}, {"label", 1}}, 1),
                                    answer({{"logits", {2.0, 1.0}}, {"label", 0}}, 1),
                                    answer({{"logits", {2.0, 1.0}}, {"label", 0}}, 0)});
        QVERIFY(score && score->classes && !score->numbers);
        QCOMPARE(score->classes->accuracy, 2.0 / 3.0);
        QCOMPARE(*score->classes->f1, 2.0 / 3.0);
        QCOMPARE(score->classes->matthews, 0.5);
        const auto told = core::toJson(*score);
        QCOMPARE(told.at("matthews").get<double>(), 0.5);
        QVERIFY(!told.contains("pearson"));
        QCOMPARE(core::labelScoreText(*score),
                 std::string("Matthews 0.5000, F1 0.6667, macro F1 0.6667"));
    }

    void numbers_areCorrelated()
    {
        const auto score =
            scoreOf({answer({{"logits", {1.0}}}, 2.0), answer({{"logits", {2.0}}}, 4),
                     answer({{"logits", {4.0}}}, 8.0)});
        QVERIFY(score && score->numbers && !score->classes);
        QVERIFY(std::abs(score->numbers->pearson - 1.0) < 1e-12);
        QVERIFY(core::toJson(*score).at("spearman").is_number());
    }

    void whatHasNoValue_isSaidSo()
    {
        const auto score =
            scoreOf({answer({{"logits", {1.0}}}, 2.0), answer({{"logits", {1.0}}}, 4.0)});
        QVERIFY(score);
        QVERIFY(core::toJson(*score).at("pearson").is_null());
        QCOMPARE(core::labelScoreText(*score),
                 std::string("Pearson undefined, Spearman undefined"));
    }

    // Lines of a file may say anything.
    void otherAnswers_areNone()
    {
        QVERIFY(!scoreOf({}));
        QVERIFY(!scoreOf({answer("a text", "a text"), answer({{"nll", 1.0}}, nullptr),
                          answer({{"logits", "no"}, {"label", 1}}, 1),
                          answer({{"logits", json::array()}}, 1.5),
                          answer({{"logits", {1.0, 2.0}}}, 1.5)}));
    }
};

QTEST_GUILESS_MAIN(LabelScoreTest)
#include "tst_label_score.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// MATH's normalisers, boxes and rules against the peers' own code: golden/eval (scripts/make_eval_math.py of shared/golden,
// which compared itself with hendrycks/math 985bdc1, GraphPKU/PiSSA and lm-evaluation-harness; seed 0, copied whole).
#include "core/tasks/math_answer.h"
#include "core/tasks/task.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;

namespace {

std::optional<std::string> textOf(const json& value)
{
    return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

std::string shown(const std::optional<std::string>& text)
{
    return text.value_or("(none)");
}

} // namespace

class TestMathAnswer : public QObject {
    Q_OBJECT

    const json m_golden = json::parse(test::readBytes(tests::golden() / "eval" / "math.json"));

private Q_SLOTS:
    void answers_areEqualAsThePeersHaveIt_data()
    {
        QTest::addColumn<QString>("peer");
        QTest::addColumn<MathRule>("rule");
        QTest::newRow("hendrycks") << "hendrycks" << MathRule::Hendrycks;
        QTest::newRow("pissa") << "pissa" << MathRule::Pissa;
    }
    void answers_areEqualAsThePeersHaveIt()
    {
        QFETCH(QString, peer);
        QFETCH(MathRule, rule);
        int equal = 0;
        for (const json& one : m_golden.at("equiv")) {
            const json& wanted = one.at(peer.toStdString());
            const auto answer = one.at("prediction").get<std::string>();
            const auto gold = one.at("gold").get<std::string>();
            const auto left = normalMath(answer, rule);
            const auto right = normalMath(gold, rule);
            if (left && right) { // the reference tells no form where one of the two gives up
                QCOMPARE(shown(left), shown(textOf(wanted.at("normal")[0])));
                QCOMPARE(shown(right), shown(textOf(wanted.at("normal")[1])));
            } else {
                QVERIFY2(wanted.at("normal")[0].is_null(), one.dump().c_str());
            }
            const bool isEqual = equalMath(answer, gold, rule);
            QVERIFY2(isEqual == wanted.at("equal").get<bool>(), one.dump().c_str());
            equal += isEqual ? 1 : 0;
        }
        QVERIFY(equal > 50 && equal < 150); // or the cases are not those
    }

    void boxes_areFoundAsHendrycksDoes()
    {
        for (const json& one : m_golden.at("boxed")) {
            const json& wanted = one.at("hendrycks");
            const auto text = one.at("text").get<std::string>();
            QCOMPARE(shown(lastBoxed(text)), shown(textOf(wanted.at("boxed"))));
            QCOMPARE(shown(boxedContent(text)), shown(textOf(wanted.at("content"))));
        }
    }

    void outputs_areScoredAsThePeersDo_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("peer");
        QTest::newRow("paper") << "paper"
                               << "pissa";
        QTest::newRow("usual") << "usual"
                               << "boxed";
    }
    void outputs_areScoredAsThePeersDo()
    {
        QFETCH(QString, rule);
        QFETCH(QString, peer);
        const Task& task = taskNamed("math");
        const ScoringRule& judge = ruleNamed(task, rule.toStdString());
        int correct = 0;
        for (const json& one : m_golden.at("outputs")) {
            const json& wanted = one.at(peer.toStdString());
            const Score found =
                judge.score(one.at("output").get<std::string>(), task.gold(one.at("gold")));
            QVERIFY2(found.extracted == textOf(wanted.at("extracted")), one.dump().c_str());
            QVERIFY2(found.correct == wanted.at("correct").get<bool>(), one.dump().c_str());
            correct += found.correct ? 1 : 0;
        }
        QVERIFY(correct > 0);
    }
};

QTEST_GUILESS_MAIN(TestMathAnswer)
#include "tst_math_answer.moc"

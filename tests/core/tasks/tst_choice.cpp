// SPDX-License-Identifier: GPL-3.0-or-later
// Multiple choice as lm-evaluation-harness scores it: golden/eval (scripts/make_eval_choice.py of shared/golden; seed 0,
// copied whole).
#include "core/tasks/answers.h"
#include "core/tasks/choice.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;
using test::errorOf;

namespace {

json countsOf(const json& lists)
{
    json counts = json::array();
    for (const json& list : lists) {
        counts.push_back(list.size());
    }
    return counts;
}

// A question of the golden file as the row of an answer.
json rowOf(const json& question)
{
    json output {{"loglikelihoods", question.at("loglikelihoods")},
                 {"tokens", countsOf(question.at("token_logprobs"))}};
    if (question.contains("unconditional_loglikelihoods")) {
        output["unconditional"] = question.at("unconditional_loglikelihoods");
    }
    return {{"output", output},
            {"gold", {{"choices", question.at("choices")}, {"gold", question.at("gold")}}}};
}

} // namespace

class TestChoice : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void questions_areScoredAsTheHarnessDoes()
    {
        const json file = json::parse(test::readBytes(tests::golden() / "eval" / "choice.json"));
        const Task& task = taskNamed("choice");
        for (const ScoringRule& rule : task.rules) {
            int correct = 0;
            int seen = 0;
            for (const json& one : file.at("questions")) {
                const std::string name(rule.name);
                if (!one.at("predicted").contains(name)) {
                    continue;
                }
                ++seen;
                const json row = rowOf(one);
                const Score found =
                    rule.score(task.output(row.at("output")), task.gold(row.at("gold")));
                const auto best = one.at("predicted").at(name).get<std::size_t>();
                QVERIFY2(found.extracted == one.at("choices").at(best).get<std::string>(),
                         (name + ": " + one.dump()).c_str());
                QVERIFY2(found.correct == one.at("correct").at(name).get<bool>(),
                         (name + ": " + one.dump()).c_str());
                correct += found.correct ? 1 : 0;
            }
            QVERIFY(seen >= 20);
            const auto total = file.at("total").find(std::string(rule.name));
            if (total != file.at("total").end()) {
                QCOMPARE(correct, total->at("correct").get<int>());
                QCOMPARE(seen, total->at("n").get<int>());
            }
        }
    }

    void best_isTheFirstOfEquals()
    {
        QCOMPARE(bestChoice({{"a", "b", "c"}, {-2.0, -1.0, -1.0}}, ChoiceRule::Sum), 1U);
        QCOMPARE(bestChoice({{"a", "bbbb"}, {-2.0, -3.0}}, ChoiceRule::PerCharacter), 1U);
        QCOMPARE(
            bestChoice({{"a", "b"}, {-1.0, -1.0}, {-1.0, -9.0}}, ChoiceRule::MutualInformation),
            1U);
    }

    void refuses_whatIsNoQuestion_data()
    {
        QTest::addColumn<QString>("row");
        QTest::addColumn<QString>("says");
        QTest::newRow("text") << R"({"output": "A", "gold": {"choices": ["a"], "gold": 0}})"
                              << "its \"output\" is";
        QTest::newRow("gold outside")
            << R"({"output": {"loglikelihoods": [-1]}, "gold": {"choices": ["a"], "gold": 1}})"
            << "its \"gold\" is";
        QTest::newRow("too few")
            << R"({"output": {"loglikelihoods": [-1]}, "gold": {"choices": ["a", "b"], "gold": 1}})"
            << "no \"loglikelihoods\" for each of 2";
        QTest::newRow("no number")
            << R"({"output": {"loglikelihoods": ["x"]}, "gold": {"choices": ["a"], "gold": 0}})"
            << "expected numbers";
    }
    void refuses_whatIsNoQuestion()
    {
        QFETCH(QString, row);
        QFETCH(QString, says);
        const test::Scratch scratch;
        const auto path = scratch / "answers.jsonl";
        test::writeBytes(path, row.toStdString());
        const Task& task = taskNamed("choice");
        const auto error =
            errorOf([&] { scoreAnswers(task, task.rules.front(), path, JobContext()); });
        QCOMPARE(test::complaint(error, path, says.toStdString()), QString());
    }
};

QTEST_GUILESS_MAIN(TestChoice)
#include "tst_choice.moc"

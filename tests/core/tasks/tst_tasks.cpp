// SPDX-License-Identifier: GPL-3.0-or-later
// Rules of tasks against the peers' own code: golden/eval (scripts/make_eval_gsm8k.py of shared/golden, which compared itself
// with GraphPKU/PiSSA 87f4db6 and lm-evaluation-harness 4e7e0d4; seed 0, copied whole).
#include "core/tasks/answers.h"
#include "core/tasks/task.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <set>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;
using test::errorOf;

namespace {

QString shown(const std::optional<std::string>& extracted)
{
    return extracted ? QString::fromStdString(*extracted) : QStringLiteral("(none)");
}

std::string line(const json& output, const json& gold)
{
    return json {{"output", output}, {"gold", gold}}.dump() + "\n";
}

} // namespace

class TestTasks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Names are handles: each once, and found again; a rule says whose it is.
    void tasks_areFoundByName()
    {
        std::set<std::string_view> names;
        for (const Task* task : allTasks()) {
            QVERIFY(names.insert(task->name).second);
            QVERIFY(&taskNamed(task->name) == task);
            QVERIFY(!task->rules.empty() && task->gold != nullptr);
            for (const ScoringRule& rule : task->rules) {
                QVERIFY(&ruleNamed(*task, rule.name) == &rule);
                QVERIFY(!rule.title.empty());
                QVERIFY((rule.score != nullptr) != (rule.code != nullptr));
            }
        }
        const auto task = errorOf([] { taskNamed("gsm9k"); });
        QVERIFY(task && task->kind() == ErrorKind::InvalidArgument);
        QVERIFY(std::string(task->what()).find("gsm8k") != std::string::npos);
        const auto rule = errorOf([] { ruleNamed(taskNamed("gsm8k"), "strict"); });
        QVERIFY(rule && std::string(rule->what()).find("paper or usual") != std::string::npos);
        const auto rules = ruleNames();
        QVERIFY(rules.size() > 2 && rules[0] == "paper" && rules[1] == "usual");
        QCOMPARE(std::set<std::string_view>(rules.begin(), rules.end()).size(), rules.size());
    }

    void gsm8k_isScoredAsThePeersDo_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("peer");
        QTest::newRow("paper") << "paper"
                               << "pissa";
        QTest::newRow("usual") << "usual"
                               << "flexible";
    }
    void gsm8k_isScoredAsThePeersDo()
    {
        QFETCH(QString, rule);
        QFETCH(QString, peer);
        const auto path = tests::golden() / "eval" / "gsm8k.json";
        const json file = json::parse(test::readBytes(path));
        const Task& task = taskNamed("gsm8k");
        const ScoringRule& judge = ruleNamed(task, rule.toStdString());
        int correct = 0;
        for (const json& one : file.at("cases")) {
            const json& wanted = one.at(peer.toStdString());
            const auto output = one.at("output").get<std::string>();
            const Score found = judge.score(output, task.gold(one.at("gold_answer")));
            const std::optional<std::string> extracted = wanted.at("extracted").is_null()
                ? std::nullopt
                : std::optional(wanted.at("extracted").get<std::string>());
            const QString about = QString::fromStdString(one.at("trap").get<std::string>()) + ": "
                + shown(found.extracted) + " instead of " + shown(extracted);
            QVERIFY2(found.extracted == extracted, qPrintable(about));
            QVERIFY2(found.correct == wanted.at("correct").get<bool>(), qPrintable(about));
            correct += found.correct ? 1 : 0;
            if (rule == "paper") { // it knows the number alone
                QCOMPARE(judge.score(output, task.gold(one.at("gold"))).correct, found.correct);
            }
        }
        QCOMPARE(correct, file.at("correct").at(peer.toStdString()).get<int>());
        QVERIFY(correct > 50); // or the cases are not those
    }

    void gold_isANumberOrEndsWithOne()
    {
        const Task& task = taskNamed("gsm8k");
        for (const json& gold : {json(18), json("18"), json("1,234"), json("-3.5"), json(18.0),
                                 json("6 + 12 = 18\n#### 18")}) {
            QVERIFY(!task.gold(gold).empty());
        }
        for (const json& gold :
             {json("eighteen"), json(""), json("#### "), json(nullptr), json(true), json({18})}) {
            const auto error = errorOf([&] { task.gold(gold); });
            QVERIFY2(error && error->kind() == ErrorKind::Format, gold.dump().c_str());
        }
    }

    void answers_areScoredLineByLine()
    {
        const test::Scratch scratch;
        const auto path = scratch / "answers.jsonl";
        test::writeBytes(path,
                         line("So it is 18.\nThe answer is: 18", 18) + "\n  \r\n"
                             + line("The answer is: 17", "18") + line("no idea", "x\n#### 18")
                             + line("It is 18", 18));
        const Task& task = taskNamed("gsm8k");
        const auto scored = [&](const char* rule) {
            return scoreAnswers(task, ruleNamed(task, rule), path, JobContext());
        };
        const AnswerScores paper = scored("paper");
        QCOMPARE(paper.rows.size(), 4U);
        QCOMPARE(paper.correct, std::int64_t {1});
        QCOMPARE(paper.score(), 0.25);
        QVERIFY(paper.rows[0].correct && paper.rows[0].extracted == "18");
        QVERIFY(!paper.rows[1].correct && paper.rows[1].extracted == "17");
        QVERIFY(!paper.rows[2].extracted && !paper.rows[3].extracted);
        QCOMPARE(scored("usual").correct, std::int64_t {2}); // the last one too
    }

    void refuses_whatIsNoAnswer_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        const QString good = QString::fromStdString(line("x", 1));
        QTest::newRow("no JSON") << good + "{"
                                 << "line 2: is not JSON";
        QTest::newRow("no object") << "[1]\n"
                                   << "line 1: has no \"output\"";
        QTest::newRow("no gold") << good + good + "{\"output\": \"x\"}"
                                 << "line 3: has no \"gold\"";
        QTest::newRow("no text") << QString::fromStdString(line(3, 1))
                                 << "line 1: its \"output\" is 3";
        QTest::newRow("no number")
            << QString::fromStdString(line("x", "many")) << "line 1: its \"gold\" is";
        QTest::newRow("nothing") << "\n\n"
                                 << "holds no answer";
    }
    void refuses_whatIsNoAnswer()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const test::Scratch scratch;
        const auto path = scratch / "answers.jsonl";
        test::writeBytes(path, text.toStdString());
        const Task& task = taskNamed("gsm8k");
        const auto error =
            errorOf([&] { scoreAnswers(task, task.rules.front(), path, JobContext()); });
        QCOMPARE(test::complaint(error, path, says.toStdString()), QString());
    }

    void stops_withinARow()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "answers.jsonl", line("x", 1) + line("y", 2));
        std::stop_source stop;
        int rows = 0;
        const JobContext job(stop.get_token(), [&](double, std::string_view) {
            ++rows;
            stop.request_stop();
        });
        const Task& task = taskNamed("gsm8k");
        QVERIFY_THROWS_EXCEPTION(
            Cancelled, scoreAnswers(task, task.rules.front(), scratch / "answers.jsonl", job));
        QCOMPARE(rows, 1);
    }
};

QTEST_GUILESS_MAIN(TestTasks)
#include "tst_tasks.moc"

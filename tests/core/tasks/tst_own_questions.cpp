// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/own_questions.h"
#include "core/tasks/task.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

namespace {

struct Judged {
    const char* name;
    const char* rule;
    const char* output;
    const char* expected;
    const char* extracted; // null: none
    bool correct;
};

// clang-format off
const Judged kJudged[] {
    {"exact", "exact", " Paris\n", "Paris", "Paris", true},
    {"exact, more", "exact", "Paris.", "Paris", "Paris.", false},
    {"contains", "contains", "It is Paris.", "Paris", "Paris", true},
    {"contains, case", "contains", "It is paris.", "Paris", nullptr, false},
    {"number", "number", "5 + 1,230 = 1,235.", "1235", "1235", true},
    {"number, value", "number", "so 2.50", "2.5", "2.50", true},
    {"number, negative", "number", "x = -3", "-3", "-3", true},
    {"number, range", "number", "3-5", "5", "5", true},
    {"number, point", "number", "-.5", "-0.5", "-.5", true},
    {"number, other", "number", "4 or 5", "4", "5", false},
    {"number, none", "number", "five", "5", nullptr, false},
    {"number, version", "number", "1.2.3", "1.2", "1.2.3", false},
    {"regex", "regex", "It is PARIS", "(?i)paris|lutetia", "PARIS", true},
    {"regex, none", "regex", "Rome", "(?i)paris", nullptr, false},
    {"choice", "choice", "The answer is (B).", "B", "B", true},
    {"choice, last", "choice", "Not A, but C", "(C)", "C", true},
    {"choice, word", "choice", "Because BAD", "B", nullptr, false},
    {"choice, umlaut", "choice", "\u00c4B", "B", nullptr, false},
};
// clang-format on

} // namespace

class TestOwnQuestions : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answers_areJudgedByEachRule_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("output");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<QString>("extracted"); // null: none
        QTest::addColumn<bool>("correct");
        for (const Judged& row : kJudged) {
            QTest::newRow(row.name)
                << QString(row.rule) << QString::fromUtf8(row.output) << QString(row.expected)
                << QString(row.extracted) << row.correct;
        }
    }
    void answers_areJudgedByEachRule()
    {
        QFETCH(QString, rule);
        QFETCH(QString, output);
        QFETCH(QString, expected);
        QFETCH(QString, extracted);
        QFETCH(bool, correct);
        const Task& task = taskNamed("own");
        const Score found = ruleNamed(task, rule.toStdString())
                                .score(output.toStdString(), task.gold(expected.toStdString()));
        QCOMPARE(found.extracted ? QString::fromStdString(*found.extracted) : QString(), extracted);
        QCOMPARE(found.correct, correct);
    }

    void rules_refuseWhatTheyCannotUse()
    {
        const Task& task = taskNamed("own");
        for (const auto& [rule, gold] :
             {std::pair("number", "five"), std::pair("choice", "paris"), std::pair("regex", "(")}) {
            const auto error = errorOf([&] { ruleNamed(task, rule).score("x", gold); });
            QVERIFY2(error && error->kind() == ErrorKind::Format, rule);
        }
    }

    void questions_areRead()
    {
        const test::Scratch scratch;
        const auto path = scratch / "own.jsonl";
        test::writeBytes(path,
                         "{\"prompt\": \"2 + 2?\", \"expected\": 4, \"level\": 1}\n\n"
                         "{\"prompt\": \"Capital?\", \"expected\": \"Paris\"}\n");
        const auto questions = readOwnQuestions(path);
        QCOMPARE(questions.size(), 2U);
        QCOMPARE(questions[0].prompt, std::string("2 + 2?"));
        QVERIFY(questions[0].expected == 4 && questions[1].expected == "Paris");
    }

    void refuses_whatIsNoQuestion_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("no prompt") << "{\"expected\": 4}"
                                   << "line 1: is";
        QTest::newRow("other field") << "{\"prompt\": \"x\", \"answer\": 4}"
                                     << "line 1: is";
        QTest::newRow("list") << "{\"prompt\": \"x\", \"expected\": [4]}"
                              << "line 1: its \"expected\" is";
        QTest::newRow("no JSON") << "{\"prompt\": \"x\", \"expected\": 4}\nx"
                                 << "line 2: is not";
        QTest::newRow("nothing") << "\n"
                                 << "holds no question";
    }
    void refuses_whatIsNoQuestion()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const test::Scratch scratch;
        const auto path = scratch / "own.jsonl";
        test::writeBytes(path, text.toStdString());
        const auto error = errorOf([&] { readOwnQuestions(path); });
        QCOMPARE(test::complaint(error, path, says.toStdString()), QString());
    }
};

QTEST_GUILESS_MAIN(TestOwnQuestions)
#include "tst_own_questions.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of data sets as questions: those of the peers' own files, and what is said of a row that is none.
#include "core/base/error.h"
#include "core/tasks/questions.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;

class TestQuestions : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rows_areRead_data()
    {
        QTest::addColumn<QString>("task");
        QTest::addColumn<QString>("row");
        QTest::addColumn<QString>("prompt");
        QTest::addColumn<QString>("gold"); // what it ends with
        QTest::newRow("gsm8k") << "gsm8k"
                               << R"({"question": "1 + 1?", "answer": "2\n#### 2"})"
                               << "1 + 1?"
                               << "#### 2";
        QTest::newRow("math, in a box")
            << "math"
            << R"({"problem": "x?", "solution": "So \\boxed{\\frac{1}{2}}."})"
            << "x?"
            << R"(\frac{1}{2})";
        QTest::newRow("math, told") << "math"
                                    << R"({"question": "x?", "answer": 3})"
                                    << "x?"
                                    << "3";
        QTest::newRow("humaneval")
            << "humaneval"
            << R"({"prompt": "def f():\n", "test": "def check(f): pass", "entry_point": "f"})"
            << "def f():\n"
            << "}";
        QTest::newRow("mbpp")
            << "mbpp"
            << R"({"text": "Write f.", "test_list": ["assert f() == 1", "assert f() != 2"]})"
            << "You are an expert Python programmer, and here is your task: Write f. Your code "
               "should pass these tests:\n\nassert f() == 1\nassert f() != 2"
            << "\nassert f() == 1\nassert f() != 2";
        QTest::newRow("choice") << "choice"
                                << R"({"question": "Which?", "choices": ["a", "b"], "answer": 1})"
                                << "Which?"
                                << R"({"choices":["a","b"],"gold":[1]})";
        QTest::newRow("own") << "own"
                             << R"({"prompt": "Say a.", "expected": "a"})"
                             << "Say a."
                             << "a";
    }
    void rows_areRead()
    {
        QFETCH(QString, task);
        QFETCH(QString, row);
        QFETCH(QString, prompt);
        QFETCH(QString, gold);
        const test::Scratch scratch;
        const auto file = scratch / "rows.jsonl";
        test::writeBytes(file, row.toStdString() + "\n\n" + row.toStdString() + "\n");
        const Task& asked = taskNamed(task.toStdString());
        const auto questions = readQuestions(asked, file);
        QCOMPARE(questions.size(), 2U);
        QCOMPARE(QString::fromStdString(questions[0].prompt), prompt);
        QVERIFY2(QString::fromStdString(questions[0].gold).endsWith(gold),
                 questions[0].gold.c_str());
        QCOMPARE(questions[0].choices.empty(), !asked.chooses);
        QCOMPARE(readQuestions(asked, file, 1).size(), 1U);
    }

    // Every task has questions, and names the line that is none.
    void aRowThatIsNone_isNamed()
    {
        const test::Scratch scratch;
        const auto file = scratch / "rows.jsonl";
        for (const Task* task : allTasks()) {
            for (const char* bad : {"[1]", "{\"nothing\": 1}", "7"}) {
                test::writeBytes(file, std::string("\n") + bad + "\n");
                const auto error = test::errorOf([&] { readQuestions(*task, file); });
                QCOMPARE(test::complaint(error, file, "line 2"), QString());
            }
            test::writeBytes(file, "\n");
            QCOMPARE(test::complaint(test::errorOf([&] { readQuestions(*task, file); }), file,
                                     "holds no question"),
                     QString());
        }
        test::writeBytes(file, R"({"problem": "x?", "solution": "no box"})");
        QCOMPARE(test::complaint(test::errorOf([&] { readQuestions(taskNamed("math"), file); }),
                                 file, "boxed"),
                 QString());
    }

    void texts_areRead()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "a.txt", "one\ntwo \xC3\xA9\n");
        const auto whole = readTexts(scratch / "a.txt");
        QCOMPARE(whole.size(), 1U);
        QCOMPARE(whole[0], std::string("one\ntwo \xC3\xA9\n"));
        test::writeBytes(scratch / "b.jsonl",
                         "{\"text\": \"one\", \"id\": \"x\"}\n"
                         "{\"question\": \"q\", \"answer\": \"a\"}\n");
        const auto rows = readTexts(scratch / "b.jsonl");
        QCOMPARE(rows.size(), 2U);
        QCOMPARE(rows[0], std::string("one"));
        QCOMPARE(rows[1], std::string("q\na"));
        QCOMPARE(readTexts(scratch / "b.jsonl", 1).size(), 1U);
        test::writeBytes(scratch / "c.jsonl", "{\"text\": 7}\n");
        QCOMPARE(test::complaint(test::errorOf([&] { readTexts(scratch / "c.jsonl"); }),
                                 scratch / "c.jsonl", "line 1"),
                 QString());
        test::writeBytes(scratch / "d.txt", "");
        QVERIFY(test::errorOf([&] { readTexts(scratch / "d.txt"); }).has_value());
        test::writeBytes(scratch / "latin.txt",
                         "na\xC3\xAFve, caf\xE9"); // U+FFFD would be another text
        const auto latin = test::errorOf([&] { readTexts(scratch / "latin.txt"); });
        QVERIFY(latin
                && std::string(latin->what()).find("is not valid UTF-8 at byte 12")
                    != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestQuestions)
#include "tst_questions.moc"

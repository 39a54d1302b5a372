// SPDX-License-Identifier: GPL-3.0-or-later
// score: answers that exist already, judged by the rule that is named.
#include "tests/cli/cli_process.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace pissarro::tests;

class TestScore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        write("{\"output\": \"The answer is: 18\", \"gold\": \"9 + 9 = 18\\n#### 18\"}\n"
              "{\"output\": \"It is 18\", \"gold\": 18}\n"
              "{\"output\": \"The answer is: 17.\", \"gold\": \"18\"}\n");
    }

    void prints_whatScriptsRead()
    {
        const CliResult result = runCli({"score", m_file, "--task", "gsm8k", "--json"});
        QCOMPARE(result.exitCode, 0);
        const QJsonObject json = result.json();
        QCOMPARE(json["score"].toDouble(), 1.0 / 3.0); // to the last bit
        QCOMPARE(json["correct"].toInt(), 1);
        QCOMPARE(json["questions"].toInt(), 3);
        QCOMPARE(json["rule"].toString(), QStringLiteral("paper")); // no score without its rule
        const QJsonArray rows = json["rows"].toArray();
        QCOMPARE(rows.size(), 3);
        QCOMPARE(rows[0].toObject()["extracted"].toString(), QStringLiteral("18"));
        QVERIFY(rows[0].toObject()["correct"].toBool());
        QVERIFY(rows[1].toObject()["extracted"].isNull());
        QVERIFY(!rows[1].toObject()["correct"].toBool());
    }

    void theRule_changesTheScore()
    {
        const CliResult result =
            runCli({"score", m_file, "--task", "gsm8k", "--rule", "usual", "--json"});
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.json()["correct"].toInt(), 2);
        QCOMPARE(result.json()["rule"].toString(), QStringLiteral("usual"));
    }

    void people_readTheRuleToo()
    {
        const CliResult result = runCli({"score", m_file, "--task", "gsm8k"});
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(QString::fromUtf8(result.out),
                 QStringLiteral("GSM8K: 1 of 3 correct, 33.33 % by the rule paper (PiSSA's "
                                "utils/test_acc.py)\n"));
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::newRow("no task") << QStringList {m_file} << 2;
        QTest::newRow("another task") << QStringList {m_file, "--task", "chess"} << 2;
        QTest::newRow("another rule")
            << QStringList {m_file, "--task", "gsm8k", "--rule", "strict"} << 2;
        QTest::newRow("code without consent") << QStringList {m_file, "--task", "mbpp"} << 2;
        QTest::newRow("no file") << QStringList {"nowhere.jsonl", "--task", "gsm8k"} << 3;
    }
    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, exitCode);
        const CliResult result = runCli(QStringList {"score"} + arguments);
        QVERIFY2(result.hasOneError(), result.err.constData());
        QCOMPARE(result.exitCode, exitCode);
        QVERIFY(result.out.isEmpty());
    }

    // A yes on the command line is one for this call.
    void code_isRunInASandbox()
    {
        write("{\"output\": \"def f():\\n    return 1\\n\", \"gold\": {\"test_list\": [\"assert "
              "f() == 1\"]}}\n"
              "{\"output\": \"def f():\\n    return 2\\n\", \"gold\": {\"test_list\": [\"assert "
              "f() == 1\"]}}\n");
        const CliResult result =
            runCli({"score", m_file, "--task", "mbpp", "--run-code", "--json"});
        if (result.exitCode != 0) { // refused as a whole, and said why
            QVERIFY2(result.hasOneError({"cannot be run safely"}), result.err.constData());
            QSKIP(result.err.constData());
        }
        const QJsonArray rows = result.json()["rows"].toArray();
        QCOMPARE(rows.size(), 2);
        QCOMPARE(rows[0].toObject()["verdict"].toString(), QStringLiteral("passed"));
        QCOMPARE(rows[1].toObject()["verdict"].toString(),
                 QStringLiteral("failed: AssertionError"));
        QCOMPARE(result.json()["correct"].toInt(), 1);
    }

    void aBrokenLine_isNamed()
    {
        write("{\"output\": \"x\", \"gold\": 1}\n{\"output\": 7, \"gold\": 1}\n");
        const CliResult result = runCli({"score", m_file, "--task", "gsm8k", "--json"});
        QCOMPARE(result.exitCode, 3);
        QVERIFY(result.hasOneError({"answers.jsonl", "line 2", "output"}));
        QVERIFY(result.out.isEmpty());
    }

private:
    void write(const QByteArray& text) const
    {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }

    QTemporaryDir m_folder;
    const QString m_file = m_folder.filePath("answers.jsonl");
};

QTEST_GUILESS_MAIN(TestScore)
#include "tst_score.moc"

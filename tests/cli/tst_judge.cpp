// SPDX-License-Identifier: GPL-3.0-or-later
// judge: from an evaluation of MT-Bench to ratings and pairs, by a model here or a server.
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QJsonArray>
#include <QtTest/QtTest>

using namespace pissarro::tests;

class TestJudge : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(path("tiny").toStdString());
        writeTinyTokenizer(path("tiny").toStdString());
        writeContent(
            path("question.jsonl"),
            R"({"question_id":81,"category":"writing","turns":["Write","Again"]})"
            "\n"
            R"({"question_id":111,"category":"math","turns":["Add","More"],"reference":["2","4"]})"
            "\n");
        const CliResult asked =
            runCli({"eval", path("tiny"), path("tiny"), "--name", "a", "--name", "b", "--task",
                    "mt-bench", "--data", path("question.jsonl"), "--template", "chat",
                    "--max-new-tokens", "4", "-o", path("eval")});
        QVERIFY2(asked.exitCode == 0, asked.err.constData());
    }

    // A judge that is 60 thousand numbers drawn at random has no opinion: that is counted, and is no failure.
    void nonsense_isCountedAndNamed()
    {
        const QStringList command {"judge",      path("eval"),       "--judge",
                                   path("tiny"), "--max-new-tokens", "4",
                                   "-o",         path("judged"),     "--json"};
        const CliResult result = runCli(command);
        QVERIFY2(result.exitCode == 0, result.err.constData());
        const QJsonObject json = result.json();
        QCOMPARE(json["judgments"].toInt(), 8); // two models, two questions, two turns
        QCOMPARE(json["unread"].toArray().size(), 8);
        QCOMPARE(json["models"].toArray().size(), 2);
        QVERIFY(result.err.contains("8 of 8 judgments of tiny hold no verdict"));
        QVERIFY(result.err.contains("question 81, turn 1, a"));
        const QByteArray lines = contentOf(path("judged/model_judgment/tiny_single.jsonl"));
        QCOMPARE(lines.count('\n'), 8);
        QVERIFY(lines.contains("\"judge\":[\"tiny\",\"pissarro-single-reference-turn-2\"]"));
        QVERIFY(lines.contains("== Question\\nWrite\\n"));
        // Once more: nothing is asked again.
        QCOMPARE(runCli(command).exitCode, 0);
        QCOMPARE(contentOf(path("judged/model_judgment/tiny_single.jsonl")), lines);
    }

    void pairs_areComparedTwice()
    {
        const CliResult result =
            runCli({"judge", path("eval/model_answer/a.jsonl"), path("eval/model_answer/b.jsonl"),
                    "--questions", path("question.jsonl"), "--judge", path("tiny"), "--judge-name",
                    "random", "--pairs", "--baseline", "a", "--rows", "1", "--max-new-tokens", "4",
                    "-o", path("pairs")});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QCOMPARE(result.out, QByteArray("b against a: 0 won, 0 lost, 0 tied\n"));
        const QByteArray lines = contentOf(path("pairs/model_judgment/random_pair.jsonl"));
        QCOMPARE(lines.count('\n'), 2);
        QVERIFY(lines.contains("\"g1_winner\":\"error\""));
    }

    void whatCannotBe_isSaid_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* name, const QStringList& arguments, int code,
                            const char* part) { QTest::newRow(name) << arguments << code << part; };
        const QString eval = path("eval");
        const QString tiny = path("tiny");
        row("nothing", {}, 2, "ANSWERS");
        row("no judge", {eval}, 2, "--judge");
        row("two judges", {eval, "--judge", tiny, "--judge-url", "http://127.0.0.1:9/v1"}, 2,
            "one of them");
        row("baseline", {eval, "--judge", tiny, "--baseline", "a"}, 2, "--pairs");
        row("unknown baseline", {eval, "--judge", tiny, "--pairs", "--baseline", "z"}, 3, "'z'");
        row("no evaluation", {tiny, "--judge", tiny}, 3, "model_answer");
        row("no questions", {eval + "/model_answer/a.jsonl", "--judge", tiny}, 3, "--questions");
        row("no model", {eval, "--judge", path("nowhere")}, 3, "nowhere");
        row("elsewhere", {eval, "--judge-url", "http://192.0.2.1/v1"}, 3, "--allow-remote");
        row("https", {eval, "--judge-url", "https://127.0.0.1/v1"}, 3, "https");
        row("no address", {eval, "--judge-url", "127.0.0.1:8000"}, 3, "http://HOST");
        row("nobody", {eval, "--judge-url", "http://127.0.0.1:9/v1"}, 3, "nobody answers");
    }
    void whatCannotBe_isSaid()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, part);
        const CliResult result =
            runCli(QStringList {"judge"} + arguments + QStringList {"-o", path("never")});
        QVERIFY2(result.exitCode == code, result.err.constData());
        QVERIFY2(result.hasOneError({part}), result.err.constData());
        QVERIFY(result.out.isEmpty());
        QVERIFY(!QFile::exists(path("never")));
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestJudge)
#include "tst_judge.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// eval: what scripts rely on of its folder and its JSON, killed and gone on with, refused where it makes no sense.
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <cmath>

using namespace pissarro::tests;

class TestEval : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(path("model").toStdString());
        writeTinyTokenizer(path("model").toStdString());
        QByteArray rows;
        for (int i = 0; i < 40; ++i) {
            rows += "{\"prompt\": \"q" + QByteArray::number(i) + "\", \"expected\": \"a\"}\n";
        }
        write("rows.jsonl", rows);
    }

    void prints_whatScriptsRead()
    {
        const CliResult result =
            runCli(command({"--rows", "5", "--name", "first", "--json", "-o", path("out")}));
        QVERIFY2(result.exitCode == 0, result.err.constData());
        const QJsonObject json = result.json();
        QCOMPARE(json["task"].toString(), QStringLiteral("own"));
        QCOMPARE(json["questions"].toInt(), 5);
        const QJsonArray models = json["models"].toArray();
        QCOMPARE(models.size(), 2);
        QCOMPARE(models[0].toObject()["name"].toString(), QStringLiteral("first"));
        QCOMPARE(models[1].toObject()["name"].toString(), QStringLiteral("model"));
        QCOMPARE(models[0].toObject()["score"], models[1].toObject()["score"]); // the same model
        QCOMPARE(models[0].toObject()["interval"].toArray().size(), 2);
        const QJsonObject pair = json["pairs"].toArray()[0].toObject();
        QCOMPARE(pair["only_a"].toInt() + pair["only_b"].toInt(), 0);
        QCOMPARE(pair["both"].toInt() + pair["neither"].toInt(), 5);
        QCOMPARE(pair["p"].toDouble(), 1.0);
        const QJsonObject summary = jsonObjectOf(path("out/summary.json"));
        QCOMPARE(summary["generator"].toString(), QStringLiteral("pissarro"));
        QCOMPARE(summary["models"], json["models"]);
        const QList<QByteArray> lines = contentOf(path("out/first.jsonl")).trimmed().split('\n');
        QCOMPARE(lines.size(), 5);
        for (int i = 0; i < lines.size(); ++i) {
            const QJsonObject line = QJsonDocument::fromJson(lines[i]).object();
            QCOMPARE(line["index"].toInt(), i);
            for (const char* key : {"prompt", "output", "extracted", "gold", "correct", "tokens"}) {
                QVERIFY2(line.contains(QLatin1String(key)), key);
            }
        }
    }

    // By its other name, in words, and with what was answered already.
    void people_readIt_andItGoesOn()
    {
        QStringList arguments = command({"--rows", "4", "-o", path("words")});
        arguments[0] = "evaluate";
        const CliResult result = runCli(arguments);
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QVERIFY2(result.out.contains("of 4 correct") && result.out.contains("by the rule contains"),
                 result.out.constData());
        QVERIFY(result.out.contains("McNemar"));
        const QByteArray before = contentOf(path("words/transcripts.jsonl"));
        QCOMPARE(runCli(arguments + QStringList {"--resume"}).out, result.out);
        QCOMPARE(contentOf(path("words/transcripts.jsonl")), before);
    }

    // Killed at an answer, started again: the same as one that was let be, and nothing asked twice.
    void killed_itGoesOn()
    {
        const QStringList how {"--max-new-tokens", "40", "--batch-size", "1", "--json"};
        const CliResult whole = runCli(command(how + QStringList {"-o", path("whole")}));
        QVERIFY2(whole.exitCode == 0, whole.err.constData());
        // The file is cut in the middle of a line, as a kill leaves it.
        const CliResult first = runCli(command(how + QStringList {"-o", path("cut")}));
        QCOMPARE(first.exitCode, 0);
        const QByteArray all = contentOf(path("cut/transcripts.jsonl"));
        write("cut/transcripts.jsonl", all.left(all.size() / 3));
        QVERIFY(QFile::remove(path("cut/summary.json")));
        const CliResult again = runCli(command(how + QStringList {"--resume", "-o", path("cut")}));
        QVERIFY2(again.exitCode == 0, again.err.constData());
        QCOMPARE(contentOf(path("cut/transcripts.jsonl")).count('\n'), 80);
        const auto scores = [](const CliResult& result) {
            QJsonArray models = result.json()["models"].toArray();
            QList<double> list;
            for (const auto& model : models) {
                list.push_back(model.toObject()["score"].toDouble());
            }
            return list;
        };
        QCOMPARE(scores(again), scores(whole));
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("says");
        QTest::newRow("no folder") << QStringList() << 2 << "";
        QTest::newRow("another task") << QStringList {"--task", "chess", "-o", "x"} << 2 << "";
        QTest::newRow("more names than models")
            << QStringList {"--name", "a", "--name", "b", "--name", "c", "-o", "x"} << 2
            << "more --name";
        QTest::newRow("samples of the likeliest")
            << QStringList {"--samples", "3", "-o", path("s")} << 3 << "temperature";
        QTest::newRow("a state of a model")
            << QStringList {"--checkpoint", "best", "-o", path("s")} << 2 << "--checkpoint";
        QTest::newRow("nothing to go on with")
            << QStringList {"--resume", "-o", path("none")} << 3 << "--resume";
        QTest::newRow("no stride") << QStringList {"--stride", "0", "-o", path("s")} << 2 << "";
    }
    void refuses()
    {
        QFETCH(QStringList, more);
        QFETCH(int, exitCode);
        QFETCH(QString, says);
        const CliResult result = runCli(command(more));
        QVERIFY2(result.hasOneError(says.isEmpty() ? QStringList() : QStringList {says}),
                 result.err.constData());
        QCOMPARE(result.exitCode, exitCode);
        QVERIFY(!QDir(path("s")).exists() && !QDir(path("none")).exists());
    }

    void code_wantsConsent()
    {
        const CliResult result = runCli({"eval", path("model"), "--task", "mbpp", "--data",
                                         path("rows.jsonl"), "-o", path("code")});
        QCOMPARE(result.exitCode, 2);
        QVERIFY(result.hasOneError({"--run-code"}));
    }

    void anotherEvaluation_isLeftAlone()
    {
        QCOMPARE(runCli(command({"--rows", "3", "-o", path("mine")})).exitCode, 0);
        const QByteArray before = contentOf(path("mine/transcripts.jsonl"));
        const CliResult other = runCli(command({"--rows", "4", "-o", path("mine")}));
        QCOMPARE(other.exitCode, 3);
        QVERIFY(other.hasOneError({"rows is 3"}));
        QCOMPARE(contentOf(path("mine/transcripts.jsonl")), before);
        QCOMPARE(runCli(command({"--rows", "4", "--force", "-o", path("mine")})).exitCode, 0);
        QVERIFY(contentOf(path("mine/transcripts.jsonl")) != before);
    }

    void perplexity_isTold()
    {
        write("text.txt", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
        const CliResult result =
            runCli({"eval", path("model"), "--task", "perplexity", "--data", path("text.txt"),
                    "--window", "16", "-o", path("ppl"), "--json"});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        const QJsonObject model = result.json()["models"].toArray()[0].toObject();
        QCOMPARE(model["scored"].toInt(), 51);
        QVERIFY(model["perplexity"].toDouble() > 1.0);
        QVERIFY(qAbs(model["perplexity"].toDouble() - std::exp(model["mean_nll"].toDouble()))
                < 1e-9);
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    // The tiny model twice, of which the second is named after its folder.
    QStringList command(const QStringList& more) const
    {
        QStringList all {"eval",   path("model"), path("model"), "--data", path("rows.jsonl"),
                         "--rule", "contains",    "--template",  "plain"};
        if (!more.contains("--task")) {
            all += {"--task", "own"};
        }
        if (!more.contains("--max-new-tokens")) {
            all += {"--max-new-tokens", "6"};
        }
        return all + more;
    }

    void write(const QString& name, const QByteArray& text) const
    {
        writeContent(path(name), text);
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestEval)
#include "tst_eval.moc"

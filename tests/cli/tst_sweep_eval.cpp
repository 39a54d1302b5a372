// SPDX-License-Identifier: GPL-3.0-or-later
// A sweep that asks its finished runs: once, gone on with where it was cut off, and with scores in its results.
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace pissarro::tests;

class TestSweepEval : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", path("cache").toUtf8());
        writeTinyModel(path("tiny").toStdString());
        writeTinyTokenizer(path("tiny").toStdString());
        writeTinyBatches(path("batches.safetensors").toStdString(), 4);
        QByteArray rows;
        for (int i = 0; i < 12; ++i) {
            rows += "{\"prompt\": \"q" + QByteArray::number(i) + "\", \"expected\": \"a\"}\n";
        }
        write("rows.jsonl", rows);
        write("text.txt", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    }

    void theRuns_areAsked_once()
    {
        writeSweep("own", {{"task", "own"}, {"data", path("rows.jsonl")}, {"max_new_tokens", 6}});
        const CliResult result = sweep("own");
        QVERIFY2(result.exitCode == 0, result.err.right(800).constData());
        const QJsonObject json = result.json();
        QCOMPARE(json["score"].toString(), QStringLiteral("own"));
        QCOMPARE(json["runs"].toArray().size(), 2);
        const QJsonObject summary = jsonObjectOf(path("own/eval/1/summary.json"));
        QCOMPARE(summary["models"].toArray().size(), 2);
        QCOMPARE(summary["questions"].toInt(), 12);
        const QByteArray asked = contentOf(path("own/eval/1/transcripts.jsonl"));
        QCOMPARE(asked.count('\n'), 24);
        const CliResult again = sweep("own");
        QCOMPARE(again.exitCode, 0);
        QCOMPARE(contentOf(path("own/eval/1/transcripts.jsonl")), asked);
        QVERIFY(!QDir(path("own/eval/2")).exists());
        QCOMPARE(again.json()["runs"], json["runs"]);
    }

    void cutOff_itGoesOn()
    {
        writeSweep("cut", {{"task", "own"}, {"data", path("rows.jsonl")}, {"max_new_tokens", 6}});
        const CliResult whole = sweep("cut");
        QVERIFY2(whole.exitCode == 0, whole.err.right(800).constData());
        const QByteArray all = contentOf(path("cut/eval/1/transcripts.jsonl"));
        write("cut/eval/1/transcripts.jsonl", all.left(all.size() / 2));
        QVERIFY(QFile::remove(path("cut/eval/1/summary.json")));
        const CliResult again = sweep("cut");
        QVERIFY2(again.exitCode == 0, again.err.right(800).constData());
        QCOMPARE(contentOf(path("cut/eval/1/transcripts.jsonl")).count('\n'), 24);
        QCOMPARE(again.json()["runs"], whole.json()["runs"]);
    }

    // Of a text the lower perplexity is the better one.
    void perplexity_isAScoreToo()
    {
        writeSweep(
            "text",
            {{"task", "perplexity"}, {"data", path("text.txt")}, {"window", 16}, {"stride", 8}});
        const CliResult result = sweep("text");
        QVERIFY2(result.exitCode == 0, result.err.right(800).constData());
        QCOMPARE(result.json()["score"].toString(), QStringLiteral("perplexity"));
        const QJsonObject model =
            jsonObjectOf(path("text/eval/1/summary.json"))["models"].toArray()[0].toObject();
        QVERIFY(model["perplexity"].toDouble() > 1.0);
    }

    void code_wantsConsent_beforeTheTraining()
    {
        writeSweep("code", {{"task", "mbpp"}, {"data", path("rows.jsonl")}});
        const CliResult result = sweep("code");
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.hasOneError({"--run-code"}), result.err.constData());
        QVERIFY(!QDir(path("code/runs")).exists()
                || QDir(path("code/runs")).entryList(QDir::Dirs | QDir::NoDotAndDotDot).isEmpty());
        // A worker of another program's sweep asks nothing: it needs no consent.
        QCOMPARE(runCli({"sweep", path("code.json"), "-o", path("code"), "--pause"}).exitCode, 0);
        const CliResult worker = runCli({"sweep", "--join", "-o", path("code")});
        QVERIFY2(worker.exitCode == 0, worker.err.constData());
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    void write(const QString& name, const QByteArray& text) const
    {
        writeContent(path(name), text);
    }

    void writeSweep(const QString& name, const QJsonObject& eval) const
    {
        const QJsonObject base {{"model", path("tiny")},
                                {"batches", path("batches.safetensors")},
                                {"steps", 2},
                                {"dtype", "float32"},
                                {"device", "cpu"},
                                {"threads", 1},
                                {"rank", 2},
                                {"learning_rate", 1e-3}};
        const QJsonObject all {{"base", base},
                               {"axes", QJsonObject {{"method", QJsonArray {"pissa", "lora"}}}},
                               {"eval", eval}};
        write(name + ".json", QJsonDocument(all).toJson());
    }

    CliResult sweep(const QString& name) const
    {
        return runCli({"sweep", path(name + ".json"), "-o", path(name), "--json"});
    }

    const QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestSweepEval)
#include "tst_sweep_eval.moc"
